public import Metering
public import Vocabulary

/// The attempts a request may make, best first. Never empty.
public struct Plan: Sendable, Equatable {
    /// In the order they are tried; at least one.
    public var candidates: [Candidate]
    /// The number of the name the client used; `.other` while that name is not known to be a model's (`RULES.md` 12).
    public var requested: ModelID
    let origin: Origin

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

    enum Origin: Sendable {
        case named
        case alias
        case bare
    }

    /// Why the attempt at `index` was made.
    public func reason(for index: Int) -> RouteReason {
        switch origin {
        case .named: .named
        case .bare: .catalogue
        case .alias: index == 0 ? .alias : .fallback
        }
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

    init(deployment: Int, upstreamModel: [UInt8], model: ModelID, isCatalogued: Bool, price: Price) {
        self.deployment = deployment
        self.upstreamModel = upstreamModel
        self.model = model
        self.isCatalogued = isCatalogued
        self.price = price
    }

    /// The same attempt at another price.
    func priced(_ price: Price) -> Candidate {
        Candidate(
            deployment: deployment, upstreamModel: upstreamModel, model: model, isCatalogued: isCatalogued, price: price
        )
    }

    public static func == (a: Candidate, b: Candidate) -> Bool {
        a.deployment == b.deployment && a.upstreamModel == b.upstreamModel && a.model == b.model
            && a.isCatalogued == b.isCatalogued && a.price == b.price
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
