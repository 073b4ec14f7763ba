public import Metering
import Vocabulary

/// Which model serves, and why.
public struct RouteChoice: Sendable, Equatable {
    public enum Why: UInt8, Sendable, CaseIterable {
        /// The mode is off, or nothing cheaper was good enough.
        case requested
        /// The mode only watches: `proposed` would have served.
        case watched
        /// The request is of the control arm.
        case control
        /// Moving the session would cost more than it saves.
        case session
        /// Nothing is left after constraints and floors: the requested model is used.
        case nothingAllowed
        /// `proposed` serves.
        case routed
    }

    /// A position among the options.
    public var option: Int
    public var why: Why
    /// The model that cost against quality speaks for; the requested one where nothing is better.
    public var proposed: Int
    /// By option, why it was not considered.
    public var exclusions: [RouteExclusion?]
}

/// What a session's prompt cache holds at the requested model's provider.
public struct SessionState: Sendable, Equatable {
    /// The option that serves the session.
    public var option: Int
    /// Tokens that the provider would read out of its cache; 0 after it lapsed.
    public var cachedTokens: Int64
    /// Calls that are expected to follow.
    public var remainingCalls: Int64

    public init(option: Int, cachedTokens: Int64, remainingCalls: Int64) {
        self.option = option
        self.cachedTokens = cachedTokens
        self.remainingCalls = remainingCalls
    }
}

/// Constraints, then floors, then cost against quality. A pure function: the same request, policy and dice give the same
/// choice. It fails open: where nothing is allowed, the requested model serves.
public struct Router: Sendable {
    public let options: [RouteOption]
    public let policy: RoutePolicy

    public init(_ options: [RouteOption], _ policy: RoutePolicy) {
        self.options = options
        self.policy = policy
    }

    /// - Parameters:
    ///   - requested: the option the client named; for an alias, its first.
    ///   - dice: a random number from 0 to 999 that draws the control arm, the same for a whole session.
    /// - Precondition: `requested` is a position among the options.
    public func choose(requested: Int, _ needs: RouteNeeds, session: SessionState? = nil, dice: Int) -> RouteChoice {
        var choice = RouteChoice(option: requested, why: .requested, proposed: requested, exclusions: [])
        guard policy.mode != .off else { return choice }
        choice.exclusions = options.indices.map { exclusion($0, requested, needs) }
        let allowed = options.indices.filter { choice.exclusions[$0] == nil }
        guard !allowed.isEmpty else {
            choice.why = .nothingAllowed
            return choice
        }
        let top = max(options[requested].strength, 1)
        // The strongest of all is expected to lose nothing; one half as strong loses half of what strength gains here.
        let good = allowed.filter { option in
            let gap = max(0, top - options[option].strength)
            return needs.difficulty * gap / top <= policy.tolerance
        }
        let best = good.min { a, b in
            let (costA, costB) = (needs.cost(at: options[a].price), needs.cost(at: options[b].price))
            return (costA, -options[a].strength, a) < (costB, -options[b].strength, b)
        }
        guard let best, needs.cost(at: options[best].price) < needs.cost(at: options[requested].price) else {
            return choice
        }
        choice.proposed = best
        if policy.mode != .autopilot {
            choice.why = .watched
        } else if dice < policy.controlShare {
            choice.why = .control
        } else if let session, session.option != best, allowed.contains(session.option),
            !SwitchEconomics.pays(from: options[session.option].price, to: options[best].price, needs, session)
        {
            choice.option = session.option
            choice.why = .session
        } else {
            choice.option = best
            choice.why = .routed
        }
        return choice
    }

    private func exclusion(_ index: Int, _ requested: Int, _ needs: RouteNeeds) -> RouteExclusion? {
        let option = options[index]
        if let context = option.price.context, needs.inputTokens + needs.expectedOutput > context { return .context }
        if !option.abilities.isSuperset(of: needs.abilities) { return .abilities }
        if let region = policy.region, option.region != region { return .region }
        if !option.dataClasses.contains(needs.dataClass.rawValue) { return .dataClass }
        if let cap = policy.priceCap, needs.cost(at: option.price) > cap { return .priceCap }
        if option.strength < policy.minimumStrength { return .minimumStrength }
        if option.strength < policy.floors[needs.classification.category] ?? 0 { return .categoryFloor }
        if option.strength > policy.ceiling, index != requested { return .ceiling }
        return nil
    }
}

/// Whether leaving a model whose provider holds the session's prompt in its cache pays.
public enum SwitchEconomics {
    /// Staying reads the prefix at each call; moving writes it once, then reads it. Both pay their own output.
    public static func pays(from old: Price, to new: Price, _ needs: RouteNeeds, _ session: SessionState) -> Bool {
        let calls = max(1, session.remainingCalls)
        return cost(new, needs, session, calls: calls, isWarm: false)
            < cost(old, needs, session, calls: calls, isWarm: true)
    }

    /// In pico-USD, saturating.
    static func cost(_ price: Price, _ needs: RouteNeeds, _ session: SessionState, calls: Int64, isWarm: Bool) -> Int128
    {
        let cached = Int128(min(max(0, session.cachedTokens), needs.inputTokens))
        let fresh = Int128(needs.inputTokens) - cached
        let write = Int128(max(price[.cacheWrite5m].value, price[.input].value))
        let each =
            cached * Int128(price[.cacheRead].value) + fresh * Int128(price[.input].value)
            + Int128(needs.expectedOutput) * Int128(price[.output].value)
        let first = each - cached * Int128(price[.cacheRead].value) + cached * write
        let (later, overflow) = each.multipliedReportingOverflow(by: Int128(calls - (isWarm ? 0 : 1)))
        if overflow { return .max }
        let (sum, second) = later.addingReportingOverflow(isWarm ? 0 : first)
        return second ? .max : sum
    }
}
