/// A request of one kind that went, or would have gone, to another model.
public struct RouteMove: Hashable, Sendable {
    public var category: TaskCategory
    public var from: ModelID
    public var to: ModelID

    public init(category: TaskCategory, from: ModelID, to: ModelID) {
        self.category = category
        self.from = from
        self.to = to
    }
}

/// A request that the router had a say in: numbers, ids and codes.
public struct RouteNote: Sendable, Equatable {
    public enum Arm: UInt8, Sendable {
        /// The requested model served, for the mode only watches.
        case watched = 0
        /// The requested model served, as a measure of the others.
        case control = 1
        case routed = 2
    }

    public var id: RequestID
    public var organisation: OrganisationID
    public var move: RouteMove
    public var arm: Arm
    /// What the move was expected to save at this request, before it was made.
    public var saving: NanoUSD
    /// The quality it was expected to lose, in thousandths of a request.
    public var loss: Int64
    /// What the request was charged.
    public var charge: NanoUSD

    public init(
        id: RequestID, organisation: OrganisationID, move: RouteMove, arm: Arm, saving: NanoUSD, loss: Int64,
        charge: NanoUSD
    ) {
        self.id = id
        self.organisation = organisation
        self.move = move
        self.arm = arm
        self.saving = saving
        self.loss = loss
        self.charge = charge
    }
}

/// What is compared with a control arm, by the outcomes that callers tell. Raw values are stored: append, never renumber.
public enum TrialKind: UInt8, Sendable, CaseIterable {
    case routing = 0
    /// Of tools' answers from which something is left out.
    case compression = 1

    public var name: StaticString {
        switch self {
        case .routing: "routing"
        case .compression: "compression"
        }
    }
}

/// Remembers what the router proposed and how it turned out. A call takes one short lock and does no I/O.
public protocol DecisionBook: AnyObject, Sendable {
    /// A request of a move has ended.
    func note(_ note: RouteNote)
    /// Whether a member approved a move, so that `advise` follows it.
    func isApproved(_ move: RouteMove, of organisation: OrganisationID) -> Bool
    /// Whether outcomes showed that it does harm: it is off until another trial is begun.
    func hasStopped(_ kind: TrialKind, _ organisation: OrganisationID) -> Bool
    /// A request has ended that was compressed, or kept as it was to compare.
    func compressed(_ id: RequestID, of organisation: OrganisationID, isControl: Bool, charge: NanoUSD)
    /// A session's request did not begin as the one before did.
    func prefixBroke(_ what: PrefixBreak, _ key: KeyID, of organisation: OrganisationID)
    /// How a request turned out, by its caller's word.
    /// - Parameter organisation: whose it must be; `nil` for anybody's.
    /// - Returns: `false` when it is none of those that are remembered.
    func outcome(of id: RequestID, _ organisation: OrganisationID?, isGood: Bool) -> Bool
}
