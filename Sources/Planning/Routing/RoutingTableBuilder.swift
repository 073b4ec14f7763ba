import Metering
import Vocabulary

/// Computes once what `RoutingTable` looks up per request.
struct RoutingTableBuilder {
    let deployments: [Deployment]
    let book: PriceBook
    let unknownPrice: UnknownPrice
    private(set) var positions: [[UInt8]: Int] = [:]
    private(set) var known: [[UInt8]: RoutingTable.Known] = [:]
    private(set) var entries: [ModelEntry] = []
    /// Names without a provider that are known too.
    private(set) var bareNames: [[UInt8]] = []

    init(deployments: [Deployment], book: PriceBook, unknownPrice: UnknownPrice) {
        self.deployments = deployments
        self.book = book
        self.unknownPrice = unknownPrice
    }

    mutating func addDeployments() throws(RoutingFault) {
        for (index, deployment) in deployments.enumerated() {
            if deployment.name.isEmpty || deployment.name.contains(0x2f) || !ModelName.isValid(deployment.name) {
                throw .invalidDeploymentName(index: index)
            }
            if positions.updateValue(index, forKey: deployment.name) != nil { throw .duplicateDeployment(index: index) }
        }
    }

    /// Every listed model, as `provider/model` and, for the first provider that lists it, bare.
    mutating func addCatalogue() {
        for (index, deployment) in deployments.enumerated() {
            for model in listed(by: deployment) {
                let name = deployment.name + [0x2f] + model
                guard ModelName.isValid(name, limit: ModelName.qualifiedLimit), known[name] == nil,
                    let found = known(model, deployment: index, name: name, origin: .named)
                else { continue }
                catalogue(name, deployment: index, as: found)
            }
        }
        // After all full names, so that a bare `a/b` of one provider never hides model `b` of provider `a`.
        for (index, deployment) in deployments.enumerated() {
            for model in listed(by: deployment) where known[model] == nil && !namesProvider(model) {
                guard let found = known(model, deployment: index, name: model, origin: .bare) else { continue }
                known[model] = found
                bareNames.append(model)
            }
        }
    }

    mutating func addAliases(_ aliases: [(name: [UInt8], targets: [AliasTarget])]) throws(RoutingFault) {
        var taken: [[UInt8]: Int] = [:]
        for (index, alias) in aliases.enumerated() {
            if taken.updateValue(index, forKey: alias.name) != nil { throw .duplicateAlias(alias: index) }
        }
        var listed: [ModelEntry] = []
        for (index, alias) in aliases.enumerated() {
            if !ModelName.isValid(alias.name) || namesProvider(alias.name) { throw .invalidAliasName(alias: index) }
            if alias.targets.isEmpty { throw .emptyAlias(alias: index) }
            if alias.targets.count > CandidateSet.most { throw .longAlias(alias: index) }
            let id = ModelID(stableNumber(of: alias.name))
            var whole = RoutingTable.Known(
                plan: Plan(candidates: [], requested: id, origin: .alias), isDated: false, sandbox: .none)
            for (place, goal) in alias.targets.enumerated() {
                let target = goal.name
                if taken[target] != nil { throw .nestedAlias(alias: index, target: place) }
                guard let slash = target.firstIndex(of: 0x2f), slash + 1 < target.count,
                    ModelName.isValid(target, limit: ModelName.qualifiedLimit),
                    let position = positions[Array(target[..<slash])]
                else { throw .unknownProvider(alias: index, target: place) }
                let model = Array(target[(slash + 1)...])
                guard let one = known[target] ?? known(model, deployment: position, name: target, origin: .named) else {
                    throw .unpricedTarget(alias: index, target: place)
                }
                if known[target] == nil { catalogue(target, deployment: position, as: one) }
                whole.plan.candidates += one.plan.candidates.map { $0.ranked(goal.rank, weight: goal.weight) }
                whole.isDated = whole.isDated || one.isDated
            }
            whole.sandbox = reach(whole.plan.candidates)
            known[alias.name] = whole
            listed.append(
                ModelEntry(
                    name: alias.name, id: id, deployment: whole.plan.candidates[0].deployment, isAlias: true,
                    isSandbox: whole.sandbox == .all))
        }
        entries = listed + entries
    }

    private mutating func catalogue(_ name: [UInt8], deployment index: Int, as found: RoutingTable.Known) {
        known[name] = found
        entries.append(
            ModelEntry(
                name: name, id: ModelID(stableNumber(of: name)), deployment: index, isAlias: false,
                isSandbox: deployments[index].isSandbox))
    }

    private func listed(by deployment: Deployment) -> [[UInt8]] {
        switch deployment.pricing {
        case .free: deployment.models
        case .book(let provider): deployment.models + book.models(of: provider) + book.aliases(of: provider)
        }
    }

    /// Whether the part before the first slash is a configured provider.
    private func namesProvider(_ name: [UInt8]) -> Bool {
        guard let slash = name.firstIndex(of: 0x2f) else { return false }
        return positions[Array(name[..<slash])] != nil
    }

    /// `nil` when the model has no price and such are refused. Models named in the configuration are catalogued too.
    private func known(
        _ model: [UInt8], deployment index: Int, name: [UInt8], origin: Plan.Origin
    ) -> RoutingTable.Known? {
        let deployment = deployments[index]
        var isDated = false
        let price: Price
        switch deployment.pricing {
        case .free: price = .free
        case .book(let provider):
            if let constant = book.constantPrice(provider: provider, model: model) {
                price = deployment.isRegional ? constant.inRegion : constant
            } else if book.knows(provider: provider, model: model) {
                // A place only: every request looks the price of its own day up.
                (price, isDated) = (.free, true)
            } else if let unknown = unknownPrice.price {
                price = unknown
            } else {
                return nil
            }
        }
        let candidate = Candidate(
            deployment: index, upstreamModel: model,
            model: ModelID(stableNumber(of: deployment.name + [0x2f] + model)), isCatalogued: true, price: price)
        let requested = ModelID(stableNumber(of: name))
        let plan = Plan(candidates: [candidate], requested: requested, origin: origin)
        return RoutingTable.Known(plan: plan, isDated: isDated, sandbox: reach([candidate]))
    }

    private func reach(_ candidates: [Candidate]) -> RoutingTable.Known.Reach {
        let count = candidates.count { deployments[$0.deployment].isSandbox }
        return count == 0 ? .none : count == candidates.count ? .all : .some
    }
}
