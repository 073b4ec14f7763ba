public import Metering
public import Vocabulary

/// The attempts a request may make, best first. Never empty.
public struct Plan: Sendable, Equatable {
    /// In the order they are tried; at least one.
    public var candidates: [Candidate]
    /// The number of the name the client used; `.other` while that name is not known to be a model's (`RULES.md` 12).
    public var requested: ModelID
    let origin: Origin
    /// Why the router had the first candidate serve; `nil` where it had no say.
    public private(set) var lead: RouteReason?

    /// For a call that names no model: one deployment, at no price.
    public init(deployment: Int) {
        let candidate = Candidate(
            deployment: deployment, upstreamModel: [], model: .other, isCatalogued: false, price: .free)
        self.init(candidates: [candidate], requested: .other, origin: .named)
    }

    init(candidates: [Candidate], requested: ModelID, origin: Origin) {
        self.candidates = candidates
        self.requested = requested
        self.origin = origin
    }

    /// The same request, led by another candidate. Those it had stay behind it as fallbacks, so that a choice that cannot
    /// be served costs an attempt and not the answer.
    public func led(by candidate: Candidate, _ reason: RouteReason) -> Plan {
        var plan = self
        plan.candidates =
            [candidate.ranked(0, weight: 0)]
            + candidates.filter { $0.model != candidate.model || $0.deployment != candidate.deployment }
            .prefix(CandidateSet.most - 1).map { $0.ranked($0.rank + 1, weight: $0.weight) }
        plan.lead = reason
        return plan
    }

    /// The same request; the router had a say, and its own candidates serve.
    public func kept(_ reason: RouteReason) -> Plan {
        var plan = self
        plan.lead = reason
        return plan
    }

    enum Origin: Sendable {
        case named
        case alias
        case bare
    }

    /// Whether the client asked for a name of the operator's.
    public var isAlias: Bool { origin == .alias }

    /// Why the attempt at `index` was made.
    /// - Parameter isFirst: no other candidate failed before.
    public func reason(for index: Int, isFirst: Bool) -> RouteReason {
        if let lead { return isFirst && candidates[index].rank == candidates[0].rank ? lead : .fallback }
        return switch origin {
        case .named: .named
        case .bare: .catalogue
        case .alias where !isFirst || candidates[index].rank != candidates[0].rank: .fallback
        case .alias: isBalanced(candidates[index].rank) ? .balanced : .alias
        }
    }

    private func isBalanced(_ rank: Int) -> Bool { candidates.count { $0.rank == rank } > 1 }

    /// Whether there is more than one candidate in some rank, so that one has to be chosen.
    public var isBalanced: Bool {
        candidates.count > 1 && zip(candidates, candidates.dropFirst()).contains { $0.rank == $1.rank }
    }
}

/// One attempt: a deployment and what to ask it for. Immutable and shared: a request takes it up many times.
public final class Candidate: Sendable, Equatable {
    /// A position in `RoutingTable.deployments`.
    public let deployment: Int
    /// The name the provider knows the model by.
    public let upstreamModel: [UInt8]
    /// The number of `provider/model`.
    public let model: ModelID
    /// Whether price book or configuration list the model; else its name is the client's word (`RULES.md` 12).
    public let isCatalogued: Bool
    public let price: Price
    /// Its place among an alias's fallbacks; candidates of one rank share its requests.
    public let rank: Int
    /// Its share among those of its rank; 0 where load decides.
    public let weight: Int

    init(
        deployment: Int, upstreamModel: [UInt8], model: ModelID, isCatalogued: Bool, price: Price, rank: Int = 0,
        weight: Int = 0
    ) {
        self.deployment = deployment
        self.upstreamModel = upstreamModel
        self.model = model
        self.isCatalogued = isCatalogued
        self.price = price
        self.rank = rank
        self.weight = weight
    }

    /// The same attempt as one of an alias's.
    func ranked(_ rank: Int, weight: Int) -> Candidate {
        Candidate(
            deployment: deployment, upstreamModel: upstreamModel, model: model, isCatalogued: isCatalogued,
            price: price, rank: rank, weight: weight)
    }

    /// The same attempt at another price.
    func priced(_ price: Price) -> Candidate {
        Candidate(
            deployment: deployment, upstreamModel: upstreamModel, model: model, isCatalogued: isCatalogued,
            price: price, rank: rank, weight: weight)
    }

    public static func == (a: Candidate, b: Candidate) -> Bool {
        a.deployment == b.deployment && a.upstreamModel == b.upstreamModel && a.model == b.model
            && a.isCatalogued == b.isCatalogued && a.price == b.price && a.rank == b.rank && a.weight == b.weight
    }
}

/// What became of a model name.
public enum Decision: Sendable, Equatable {
    case plan(Plan)
    /// No configured provider is known to serve it; up to five names like it.
    case unknownModel(near: [[UInt8]])
    /// A provider is named, but the model has no price and unknown prices are refused; up to five names like it.
    case unpriced(near: [[UInt8]])
    /// Not a name that a model can have (`RULES.md` 12).
    case invalidName
    /// The key is a test key and the model is not the sandbox's (`RULES.md` 9).
    case sandboxOnly
}

/// A line of `/v1/models`.
public struct ModelEntry: Sendable, Equatable {
    /// What a client may ask for.
    public let name: [UInt8]
    public let id: ModelID
    /// Who serves it first: a position in `RoutingTable.deployments`.
    public let deployment: Int
    public let isAlias: Bool
    public let isSandbox: Bool
}
