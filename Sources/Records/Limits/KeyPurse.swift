import Synchronization
public import Vocabulary

/// Budgets and rates of keys, in memory (`RULES.md` 31): no call does I/O, none waits for one that does.
///
/// A budget is for the key's whole life. What is charged reaches the ledger by the receipts; at start it is read back.
public final class KeyPurse: Purse {
    private let state: Mutex<State>

    private struct State {
        var accounts: [KeyID: KeyAccount]
        var lastHold: UInt64
    }

    /// - Parameters:
    ///   - epoch: this start's number; hold ids carry it, so that none repeats.
    ///   - spent: charges so far by key, read after recovery.
    public init(epoch: UInt32, spent: [KeyID: NanoUSD]) {
        let accounts = spent.mapValues { KeyAccount(spent: $0) }
        state = Mutex(State(accounts: accounts, lastHold: UInt64(epoch) << 40))
    }

    /// Sets a key's limits from now on; `nil` is none.
    public func setLimits(_ key: KeyID, budget: NanoUSD?, requestsPerMinute: Int64?) {
        state.withLock { state in
            state.accounts[key, default: KeyAccount()].budget = budget
            state.accounts[key, default: KeyAccount()].rate.limit = requestsPerMinute
        }
    }

    /// What a key was charged and what its holds set aside at this moment.
    public func balance(of key: KeyID) -> (spent: NanoUSD, held: NanoUSD) {
        state.withLock { state in
            let account = state.accounts[key] ?? KeyAccount()
            return (account.spent, account.held)
        }
    }

    public func admit(_ key: KeyID, at now: Moment) -> Admission {
        state.withLock { state in state.accounts[key, default: KeyAccount()].rate.admit(at: now) }
    }

    public func hold(_ key: KeyID, _ amount: NanoUSD) -> HoldAnswer {
        state.withLock { state in
            if let left = state.accounts[key, default: KeyAccount()].hold(amount) { return .denied(left: left) }
            state.lastHold += 1
            return .held(hold: state.lastHold)
        }
    }

    public func settle(_ key: KeyID, held: NanoUSD, charge: NanoUSD) {
        state.withLock { state in state.accounts[key, default: KeyAccount()].settle(held: held, charge: charge) }
    }
}

/// One key's money and rate.
struct KeyAccount: Equatable, Sendable {
    var budget: NanoUSD?
    var spent = NanoUSD.zero
    var held = NanoUSD.zero
    var rate = SlidingRate()

    /// `nil` when the amount was set aside, else what is left.
    mutating func hold(_ amount: NanoUSD) -> NanoUSD? {
        let amount = max(.zero, amount)
        if let budget {
            let left = max(.zero, budget - spent - held)
            guard amount <= left else { return left }
        }
        held += amount
        return nil
    }

    /// The charge is kept, at most what was held.
    mutating func settle(held amount: NanoUSD, charge: NanoUSD) {
        let amount = min(max(.zero, amount), held)
        held -= amount
        spent += min(max(.zero, charge), amount)
    }
}

/// Requests per minute by a sliding window of two counters: the minute before counts for the part of it that the window
/// still covers.
struct SlidingRate: Equatable, Sendable {
    static let window: Int64 = 60_000_000

    /// Requests per minute; `nil`: no limit.
    var limit: Int64?
    private var minute: Int64 = .min
    private var current: Int64 = 0
    private var previous: Int64 = 0

    mutating func admit(at now: Moment) -> Admission {
        guard let limit else { return .admitted }
        let number = now.microseconds / Self.window
        if number > minute {
            previous = number == minute &+ 1 ? current : 0
            current = 0
            minute = number
        }
        // A clock that went back stays in the minute already begun.
        let into = number < minute ? 0 : now.microseconds - minute * Self.window
        guard limit > 0 else { return .limited(retryAfterSeconds: 60) }
        let room = limit - 1 - current
        if room >= 0, previous * (Self.window - into) <= room * Self.window {
            current += 1
            return .admitted
        }
        let wait: Int64
        if room >= 0 {
            // previous × (window − t) ≤ room × window
            wait = Self.window - room * Self.window / previous - into
        } else {
            // In the next minute: current × (window − t) ≤ (limit − 1) × window
            wait = Self.window - into + max(0, Self.window - (limit - 1) * Self.window / current)
        }
        return .limited(retryAfterSeconds: max(1, (wait + 999_999) / 1_000_000))
    }
}
