import Vocabulary

/// Where a node's credit comes from: an organisation's wallet or a budget's period.
enum CreditSource: Hashable, Sendable {
    case wallet(OrganisationID)
    case budget(BudgetWindow)
}

/// What this node may spend of one source: leased beforehand, spent in memory (`RULES.md` 30).
struct CreditLine: Equatable, Sendable {
    let source: CreditSource
    /// A budget's amount; for a wallet, which has none, zero.
    var limit = NanoUSD.zero
    var action = BudgetAction.block
    var substitute: [UInt8] = []
    /// When a budget's period is over.
    var endsAt: Moment?
    /// The budget is gone or its period over: what is left goes back.
    var isRetired = false

    /// Leased and not charged yet; what is held is a part of it.
    private(set) var granted: Int64 = 0
    private(set) var held: Int64 = 0
    /// Holds that are not settled.
    private(set) var open = 0

    /// What the source still had when it was asked last; `nil`: it never was.
    var left: Int64?
    /// What other nodes had leased and not spent.
    var elsewhere: Int64 = 0
    /// What requests wait for since it was asked last.
    private(set) var wanted: Int64 = 0
    /// A request was refused since the source was asked last.
    private(set) var isShort = false

    /// Of late: the greatest hold, charges since the last tick, and charges a second.
    private var greatest: Int64 = 0
    private var charged: Int64 = 0
    private(set) var pace: Int64 = 0
    private(set) var idleTicks = 0

    /// The budget was lowered: all that is free goes back and is asked for anew.
    private var returnsOnce = false

    init(_ source: CreditSource) { self.source = source }

    mutating func change(_ budget: Budget) {
        returnsOnce = returnsOnce || budget.amount < limit
        limit = budget.amount
        action = budget.action
        substitute = budget.substitute
        left = nil
    }

    var free: Int64 { max(0, granted - held) }

    mutating func hold(_ amount: Int64) {
        held += amount
        open += 1
        greatest = max(greatest, amount)
        idleTicks = 0
    }

    mutating func extend(_ amount: Int64) { held += amount }

    /// - Parameter charge: at most `amount`.
    mutating func settle(_ amount: Int64, charge: Int64) {
        held -= amount
        granted -= charge
        charged += charge
        open -= 1
    }

    // MARK: The lease

    /// Ten seconds of spending, and a few requests more than one.
    var target: Int64 { max(Self.product(pace, 10), Self.product(greatest, 16)) }

    var isLow: Bool { free < target / 2 && left != 0 && !isRetired }

    mutating func want(_ amount: Int64) {
        greatest = max(greatest, amount)
        wanted = Self.sum(wanted, amount)
        isShort = true
    }

    mutating func refuse() { isShort = true }

    /// What to ask the source for. What is given back cannot be spent from here on.
    mutating func ask(returnsAll: Bool) -> LeaseAsk? {
        var ask = LeaseAsk(source: source, limit: limit)
        let missing = max(0, wanted - free)
        if isRetired || returnsOnce || (returnsAll && wanted == 0) {
            ask.giveBack = free
        } else if wanted > 0 || isLow || isShort || left == nil {
            ask.least = missing
            ask.take = max(missing, target - free)
        }
        guard ask.giveBack > 0 || ask.take > 0 || isShort || (left == nil && !isRetired) else { return nil }
        granted -= ask.giveBack
        returnsOnce = false
        wanted = 0
        isShort = false
        return ask
    }

    /// What the source answered; `nil`: it could not be asked, and nothing changed there.
    mutating func answered(_ ask: LeaseAsk, _ terms: LeaseTerms?) {
        guard let terms else {
            granted += ask.giveBack
            isShort = true
            return
        }
        granted += terms.taken + ask.giveBack - terms.given
        left = terms.left
        elsewhere = terms.elsewhere
    }

    mutating func tick() {
        pace = (Self.product(pace, 3) + charged) / 4
        charged = 0
        greatest -= greatest / 8
        idleTicks += 1
    }

    private static func product(_ a: Int64, _ b: Int64) -> Int64 {
        let (value, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? .max / 4 : value
    }

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (value, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max / 4 : min(value, .max / 4)
    }
}

/// What a node asks of one source.
struct LeaseAsk: Hashable, Sendable {
    var source: CreditSource
    /// Of a budget: its amount.
    var limit: NanoUSD
    /// Up to so much, and `least` of it even where others would get less.
    var take: Int64 = 0
    var least: Int64 = 0
    var giveBack: Int64 = 0

    init(source: CreditSource, limit: NanoUSD = .zero) {
        self.source = source
        self.limit = limit
    }
}

/// What it got.
struct LeaseTerms: Hashable, Sendable {
    var taken: Int64
    var given: Int64
    /// What is left at the source for anybody.
    var left: Int64
    /// What other nodes have leased and not spent.
    var elsewhere: Int64
}
