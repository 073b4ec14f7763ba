// What may be decided about a request. Raw values stand in the ledger: append, never renumber.

/// How much what tools answered inside of a request may be changed before it is sent. A key's mode is fixed, so that a
/// block is sent the same for ever (DESIGN §3.5).
public enum CompressionMode: UInt8, Sendable, CaseIterable {
    case off = 0
    /// Nothing that a value or a reader of a terminal would miss.
    case lossless = 1
    /// Lossless, then the middle of very long outputs is left out, and said to be.
    case balanced = 2
    /// The same at tighter limits.
    case strong = 3

    public var name: StaticString {
        switch self {
        case .off: "off"
        case .lossless: "lossless"
        case .balanced: "balanced"
        case .strong: "strong"
        }
    }
}

/// How far the router may act.
public enum RouterMode: UInt8, Sendable, CaseIterable {
    case off = 0
    /// What would have been is counted; the requested model serves.
    case shadow = 1
    /// As shadow, and proposals are collected; those that a member approved are followed.
    case advise = 2
    case autopilot = 3

    public var name: StaticString {
        switch self {
        case .off: "off"
        case .shadow: "shadow"
        case .advise: "advise"
        case .autopilot: "autopilot"
        }
    }
}

/// Whose answers are kept.
public enum CacheMode: UInt8, Sendable, CaseIterable {
    case off = 0
    /// Those of requests at temperature 0.
    case auto = 1
    /// All that may be kept at all.
    case on = 2
    /// As `on`, and one question without tools has the answer of others that mean the same.
    case similar = 3

    public var name: StaticString {
        switch self {
        case .off: "off"
        case .auto: "auto"
        case .on: "on"
        case .similar: "similar"
        }
    }
}

/// What is done for the provider's own prompt cache.
public enum BreakpointMode: UInt8, Sendable, CaseIterable {
    /// The client's `cache_control` goes on as it came.
    case carry = 0
    /// Where a request has none, it is placed.
    case auto = 1

    public var name: StaticString {
        switch self {
        case .carry: "carry"
        case .auto: "auto"
        }
    }
}

/// What a key, a model or the configuration decides of its requests; `nil` leaves it to the next of them.
public struct Decisions: Sendable, Equatable {
    public var compression: CompressionMode?
    public var router: RouterMode?
    public var cache: CacheMode?
    public var breakpoints: BreakpointMode?

    public init(
        compression: CompressionMode? = nil, router: RouterMode? = nil, cache: CacheMode? = nil,
        breakpoints: BreakpointMode? = nil
    ) {
        self.compression = compression
        self.router = router
        self.cache = cache
        self.breakpoints = breakpoints
    }

    public static let none = Decisions()

    /// These, and `others` where these say nothing.
    public func over(_ others: Decisions) -> Decisions {
        Decisions(
            compression: compression ?? others.compression, router: router ?? others.router,
            cache: cache ?? others.cache, breakpoints: breakpoints ?? others.breakpoints)
    }
}

/// Who may have a request's prompt shortened, by its organisation's policy.
public enum CompressionLeave: UInt8, Sendable {
    case nobody = 0
    /// The request itself, by its header.
    case request = 1
    /// Its key, its model and the configuration too.
    case key = 2
}

/// Who may have a kept answer, by the policy of the organisation whose it is.
public enum CacheSharing: UInt8, Sendable {
    case nobody = 0
    /// The key it was made for.
    case key = 1
    case organisation = 2
}
