public import Metering
public import Vocabulary

/// From a model's name to the attempts for it. Immutable: a changed configuration makes a new table.
public final class RoutingTable: Sendable {
    public let deployments: [Deployment]
    private let book: PriceBook
    private let unknownPrice: UnknownPrice
    private let positions: [[UInt8]: Int]
    private let known: [[UInt8]: Known]
    private let entries: [ModelEntry]
    private let names: NameIndex
    private let providers: NameIndex
    /// The one provider that takes bare names nobody lists.
    private let soleProvider: Int?

    /// A name that was known when the table was made.
    struct Known: Sendable {
        var plan: Plan
        /// Some price in it changes with time.
        var isDated: Bool
        var sandbox: Reach

        enum Reach: Sendable {
            case none
            case some
            case all
        }
    }

    /// - Parameters:
    ///   - aliases: a name, and its targets in order of rank.
    public init(
        deployments: [Deployment], aliases: [(name: [UInt8], targets: [AliasTarget])], book: PriceBook,
        unknownPrice: UnknownPrice
    ) throws(RoutingFault) {
        var builder = RoutingTableBuilder(deployments: deployments, book: book, unknownPrice: unknownPrice)
        try builder.addDeployments()
        builder.addCatalogue()
        try builder.addAliases(aliases)
        self.deployments = deployments
        self.book = book
        self.unknownPrice = unknownPrice
        positions = builder.positions
        known = builder.known
        entries = builder.entries
        names = NameIndex(builder.entries.map(\.name) + builder.bareNames)
        providers = NameIndex(deployments.map(\.name))
        let live = deployments.indices.filter { !deployments[$0].isSandbox }
        soleProvider = live.count == 1 ? live[0] : nil
    }

    /// What `/v1/models` lists: aliases, then every catalogued model of the configured providers.
    public func catalogue() -> [ModelEntry] { entries }

    /// The attempts for a model name. For a known name: one look-up, nothing computed unless a price is dated.
    ///
    /// - Parameter sandboxOnly: for test keys, which reach only the sandbox.
    public func plan(_ model: [UInt8], sandboxOnly: Bool, at moment: Moment) -> Decision {
        guard let found = known[model] else { return uncatalogued(model, sandboxOnly: sandboxOnly, at: moment) }
        var plan = found.plan
        if found.isDated { reprice(&plan, at: moment) }
        if sandboxOnly && found.sandbox != .all {
            plan.candidates.removeAll { !deployments[$0.deployment].isSandbox }
        }
        if plan.candidates.isEmpty { return sandboxOnly ? .sandboxOnly : .unpriced(near: []) }
        return .plan(plan)
    }

    /// A name that neither price book nor configuration lists.
    private func uncatalogued(_ model: [UInt8], sandboxOnly: Bool, at moment: Moment) -> Decision {
        guard ModelName.isValid(model, limit: ModelName.qualifiedLimit) else { return .invalidName }
        let index: Int
        let upstream: [UInt8]
        let origin: Plan.Origin
        if let slash = model.firstIndex(of: 0x2f), slash + 1 < model.count,
            let position = positions[Array(model[..<slash])]
        {
            (index, upstream, origin) = (position, Array(model[(slash + 1)...]), .named)
        } else if let soleProvider {
            (index, upstream, origin) = (soleProvider, model, .bare)
        } else {
            guard model.count <= ModelName.limit else { return .invalidName }
            return .unknownModel(near: near(model))
        }
        guard upstream.count <= ModelName.limit else { return .invalidName }
        let deployment = deployments[index]
        if sandboxOnly && !deployment.isSandbox { return .sandboxOnly }
        guard let price = price(of: upstream, deployment: deployment, at: moment) else {
            return .unpriced(near: names.near(model))
        }
        let id = ModelID(stableNumber(of: deployment.name + [0x2f] + upstream))
        let candidate = Candidate(
            deployment: index, upstreamModel: upstream, model: id, isCatalogued: false, price: price)
        return .plan(Plan(candidates: [candidate], requested: .other, origin: origin))
    }

    /// Known names like `model`; else the same model at a provider of a name like the one it gives.
    private func near(_ model: [UInt8]) -> [[UInt8]] {
        let known = names.near(model)
        guard known.isEmpty, let slash = model.firstIndex(of: 0x2f) else { return known }
        return providers.near(Array(model[..<slash])).map { $0 + model[slash...] }
    }

    private func reprice(_ plan: inout Plan, at moment: Moment) {
        for index in plan.candidates.indices.reversed() {
            let candidate = plan.candidates[index]
            let deployment = deployments[candidate.deployment]
            if let price = price(of: candidate.upstreamModel, deployment: deployment, at: moment) {
                plan.candidates[index] = candidate.priced(price)
            } else {
                plan.candidates.remove(at: index)
            }
        }
    }

    private func price(of model: [UInt8], deployment: Deployment, at moment: Moment) -> Price? {
        switch deployment.pricing {
        case .free: return .free
        case .book(let provider):
            let price = book.price(provider: provider, model: model, at: moment) ?? unknownPrice.price
            return deployment.isRegional ? price?.inRegion : price
        }
    }
}

extension UnknownPrice {
    /// `nil` when such models are refused.
    var price: Price? {
        switch self {
        case .refuse: nil
        case .free: .free
        case .ceiling(let input, let output): .ceiling(input: input, output: output)
        }
    }
}
