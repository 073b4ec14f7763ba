/// Credit, budgets and rates. Every request is admitted, held and settled here and nowhere else (`RULES.md` 31). A call takes
/// one short lock and does no I/O: what may be spent was leased from the ledger beforehand.
public protocol Purse: AnyObject, Sendable {
    /// Counts one request against the rates of its key and of the key's owners, and one in flight until `leave`.
    func admit(_ payer: Payer, at now: Moment) -> Admission
    /// Ends what `admit` began.
    func leave(_ payer: Payer)
    /// Takes a place among those in flight, or stands in line for it: in order within an organisation, organisations in turn.
    func take(_ ask: TurnAsk, for waiter: any TurnWaiter, at now: Moment) -> TurnAnswer
    /// Leaves the line. What came meanwhile is still told, and must be given back.
    func giveUp(_ number: UInt64)
    /// Ends a call that was taken.
    func endCall(to deployment: DeploymentID)
    /// Whether some deployment takes only so many calls at once, so that each must be taken.
    var limitsCalls: Bool { get }
    /// Sets the amount and the tokens aside at every account that has to cover them, all or nothing.
    func hold(_ ask: HoldAsk, at now: Moment) -> HoldAnswer
    /// Sets more aside for a hold that still runs; what is not covered is told, and nothing changed.
    func extend(_ hold: inout Hold, by amount: NanoUSD, at now: Moment) -> HoldDenial?
    /// Ends a hold: `charge` is kept, at most what was held, and the rest returns. `tokens` is what was used.
    func settle(_ hold: Hold, charge: NanoUSD, tokens: Int64, at now: Moment)
    /// Whether holds must name the deployments they may reach, because one has a budget or a rate.
    var watchesDeployments: Bool { get }
    /// What a key's accounts have, as far as this node knows.
    func balance(of payer: Payer, at now: Moment) -> PurseBalance
}

/// Who pays for a request and is counted for it.
public struct Payer: Hashable, Sendable {
    public var key: KeyID
    public var member: MemberID
    public var organisation: OrganisationID

    public init(key: KeyID, member: MemberID = .none, organisation: OrganisationID) {
        self.key = key
        self.member = member
        self.organisation = organisation
    }
}

public enum RateKind: UInt8, Sendable {
    case requests
    case tokens
    case inFlight
}

public enum Admission: Sendable, Equatable {
    /// `nil` where no rate is set: then there is nothing to `leave`.
    case admitted(Allowance?)
    /// Too many are in flight, and there is a line to stand in: nothing was counted.
    case busy
    case limited(RateDenial)
}

/// Whose rate is used up, and for how long.
public struct RateDenial: Sendable, Equatable {
    public var kind: RateKind
    public var owner: BudgetOwner.Kind
    /// Per minute, or at the same time.
    public var limit: Int64
    public var retryAfterSeconds: Int64
    /// What is left of the narrowest rates.
    public var allowance = Allowance()

    public init(_ kind: RateKind, of owner: BudgetOwner.Kind, limit: Int64, retryAfterSeconds: Int64) {
        self.kind = kind
        self.owner = owner
        self.limit = limit
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// What is left of the narrowest rates, for the client's dialect to tell.
public struct Allowance: Equatable, Sendable {
    public struct Rate: Equatable, Sendable {
        /// Per minute.
        public var limit: Int64
        public var left: Int64
        /// Microseconds until all of it is there again.
        public var resets: Int64

        public init(limit: Int64, left: Int64, resets: Int64) {
            self.limit = limit
            self.left = left
            self.resets = resets
        }
    }

    public var requests: Rate?
    public var tokens: Rate?

    public init(requests: Rate? = nil, tokens: Rate? = nil) {
        self.requests = requests
        self.tokens = tokens
    }
}

/// What a request needs to be covered.
public struct HoldAsk: Sendable {
    public var payer: Payer
    /// A provable upper bound (`RULES.md` 29).
    public var amount: NanoUSD
    /// As many as the request will most likely use.
    public var tokens: Int64
    /// Those it may reach; only where `watchesDeployments`.
    public var deployments: [DeploymentID]
    /// The substitute of a used-up budget is being asked for, or there is none: budgets that downgrade no longer count.
    public var isSubstitute: Bool

    public init(
        payer: Payer, amount: NanoUSD, tokens: Int64 = 0, deployments: [DeploymentID] = [], isSubstitute: Bool = false
    ) {
        self.payer = payer
        self.amount = amount
        self.tokens = tokens
        self.deployments = deployments
        self.isSubstitute = isSubstitute
    }
}

public enum HoldAnswer: Sendable, Equatable {
    case held(Hold)
    /// Credit is on its way from the ledger: ask again for so long, then it is `creditUnconfirmed`.
    case refill(milliseconds: Int64)
    /// The tokens of this minute are used up.
    case limited(RateDenial)
    /// A budget that is used up sends its requests elsewhere; the denial holds where there is no such place.
    case downgrade(to: [UInt8], HoldDenial)
    case denied(HoldDenial)
}

public struct HoldDenial: Sendable, Equatable {
    /// `insufficientCredit`, `budgetExhausted` or `creditUnconfirmed`.
    public var code: ErrorCode
    /// What is left, holds taken off.
    public var left: NanoUSD
    /// When the budget begins anew.
    public var resetsAt: Moment?
    /// Whose budget.
    public var owner: BudgetOwner.Kind?

    public init(code: ErrorCode, left: NanoUSD, resetsAt: Moment? = nil, owner: BudgetOwner.Kind? = nil) {
        self.code = code
        self.left = left
        self.resetsAt = resetsAt
        self.owner = owner
    }
}

/// What a purse has set aside for one request.
public struct Hold: Sendable, Equatable {
    /// Never given twice; receipts keep it.
    public let number: UInt64
    public var amount: NanoUSD
    public var tokens: Int64
    /// Where it stands in the purse's accounts.
    public var places: [Int32]
    public var rates: [Int32]

    /// Set in the number of a hold that an organisation's credit stands behind: its receipt is posted to the ledger.
    public static let prepaidBit: UInt64 = 1 << 63

    public init(number: UInt64, amount: NanoUSD, tokens: Int64, places: [Int32] = [], rates: [Int32] = []) {
        self.number = number
        self.amount = amount
        self.tokens = tokens
        self.places = places
        self.rates = rates
    }
}

/// What `GET /v1/balance` tells.
public struct PurseBalance: Sendable {
    public struct Line: Sendable {
        public var owner: BudgetOwner.Kind
        public var period: BudgetPeriod
        public var action: BudgetAction
        public var limit: NanoUSD
        public var left: NanoUSD
        public var resetsAt: Moment?

        public init(
            owner: BudgetOwner.Kind, period: BudgetPeriod, action: BudgetAction, limit: NanoUSD, left: NanoUSD,
            resetsAt: Moment?
        ) {
            self.owner = owner
            self.period = period
            self.action = action
            self.limit = limit
            self.left = left
            self.resetsAt = resetsAt
        }
    }

    public var billing: Billing
    /// Of the organisation's credit, holds taken off; `nil` unless it is prepaid.
    public var available: NanoUSD?
    public var budgets: [Line]
    public var allowance: Allowance

    public init(billing: Billing, available: NanoUSD?, budgets: [Line], allowance: Allowance) {
        self.billing = billing
        self.available = available
        self.budgets = budgets
        self.allowance = allowance
    }
}
