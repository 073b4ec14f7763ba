/// What a request that came too many at once waits for.
public enum TurnAsk: Sendable, Equatable {
    /// To be admitted, as by `Purse.admit`.
    case request(Payer)
    /// A call to one of these deployments: the first that has room.
    case call([DeploymentID], for: OrganisationID)
}

/// What became of a `TurnAsk`.
public enum TurnAnswer: Sendable, Equatable {
    /// `Purse.leave` must follow the request's end.
    case admitted(Allowance)
    /// The deployment may be called; `Purse.endCall` must follow the call's end.
    case called(DeploymentID)
    /// It stands in line under this number, and its waiter will be told; with what it is refused when it waits no longer.
    case waits(UInt64, RateDenial)
    /// Its line is full, or a rate is used up meanwhile.
    case limited(RateDenial)
}

/// Who stands in line.
public protocol TurnWaiter: AnyObject, Sendable {
    /// How it came out: `admitted`, `called` or `limited`. Once at most, on whatever thread freed the place.
    func turnCame(_ answer: TurnAnswer)
}
