import Vocabulary

/// Credit, budgets and rates of one node as a value: no clock, no lock, no I/O. `LeasedPurse` is the glue around it.
struct PurseState: Sendable {
    /// A first lease may take longer than a renewal, which is asked for before it is needed.
    static let firstWait: Int64 = 1000
    static let wait: Int64 = 50

    private(set) var rules = SpendingRules()
    /// This node and those beside it that serve now: rates are split between them.
    private var nodes = 1
    private var rank = 0
    /// Leases are good until then; before the first and after it nothing leased may be spent.
    private(set) var leaseUntil = Moment(microseconds: 0)
    private(set) var lines: [CreditLine] = []
    private var places: [CreditSource: Int32] = [:]
    private var vacant: [Int32] = []
    var rates: [RateAccount] = []
    private(set) var ratePlaces: [BudgetOwner: Int32] = [:]
    private var routes: [KeyID: Route] = [:]
    var queue: WaitingLine
    private var lastHold: UInt64
    /// The latest moment seen: a clock that goes back gives nothing away.
    private(set) var now = Moment(microseconds: 0)
    /// Somebody waits for credit, or it runs low: the ledger should be asked.
    private(set) var needsCredit = false
    /// The ledger is being asked: places stay where they are.
    private var isAsking = false

    /// Where a key's spending is counted; made anew when a period ends or the rules change.
    struct Route {
        var payer: Payer
        var places: [Int32]
        var wallet: Int32
        var rates: [Int32]
        var until: Moment
    }

    /// - Parameters:
    ///   - epoch: this start's number; hold numbers carry it, so that none repeats.
    ///   - queue: requests of one organisation that wait at most while others are in flight.
    init(epoch: UInt32, queue: Int = 0) {
        lastHold = UInt64(epoch) << 40 & ~Hold.prepaidBit
        self.queue = WaitingLine(most: queue)
    }

    // MARK: Rules

    mutating func setRules(_ next: SpendingRules) {
        guard next != rules else { return }
        rules = next
        routes = [:]
        for index in lines.indices {
            guard case .budget(let window) = lines[index].source else {
                lines[index].isRetired = next.billing == .none
                continue
            }
            let budget = rules.budgets[window.owner]?.first { $0.period == window.period && $0.action != .alert }
            lines[index].isRetired = budget == nil
            guard let budget, budget.amount != lines[index].limit || budget.action != lines[index].action else {
                continue
            }
            lines[index].change(budget)
        }
        shareRates()
        needsCredit = true
    }

    mutating func setNodes(_ count: Int, rank: Int) {
        guard count != nodes || rank != self.rank else { return }
        (nodes, self.rank) = (max(1, count), rank)
        shareRates()
    }

    /// Each node has its part of a rate, so that all together never pass it.
    private mutating func shareRates() {
        func share(_ limit: Int64?) -> Int64? {
            limit.map { $0 / Int64(nodes) + (Int64(rank) < $0 % Int64(nodes) ? 1 : 0) }
        }
        for (owner, limits) in rules.limits {
            let own = RateLimits(
                requestsPerMinute: share(limits.requestsPerMinute), tokensPerMinute: share(limits.tokensPerMinute),
                inFlight: share(limits.inFlight))
            if let place = ratePlaces[owner] {
                rates[Int(place)].limits = own
            } else {
                ratePlaces[owner] = Int32(rates.count)
                rates.append(RateAccount(owner, own))
            }
        }
        for (owner, place) in ratePlaces where rules.limits[owner] == nil { rates[Int(place)].limits = RateLimits() }
    }

    var watchesDeployments: Bool {
        rules.budgets.keys.contains { $0.kind == .deployment }
            || rules.limits.contains {
                $0.key.kind == .deployment && ($0.value.requestsPerMinute ?? $0.value.tokensPerMinute) != nil
            }
    }

    mutating func advance(_ moment: Moment) { now = max(now, moment) }

    mutating func route(of payer: Payer) -> Route {
        if let route = routes[payer.key], now < route.until, route.payer == payer { return route }
        var route = Route(payer: payer, places: [], wallet: -1, rates: [], until: Moment(microseconds: .max))
        if rules.billing == .prepaid {
            route.wallet = place(of: .wallet(payer.organisation))
            route.places.append(route.wallet)
        }
        for owner in rules.owners(of: payer) { add(owner, to: &route.places, &route.rates, until: &route.until) }
        routes[payer.key] = route
        return route
    }

    private mutating func add(
        _ owner: BudgetOwner, to places: inout [Int32], _ rates: inout [Int32], until: inout Moment
    ) {
        if let place = ratePlaces[owner] { rates.append(place) }
        for budget in rules.budgets[owner] ?? [] where budget.action != .alert {
            let window = BudgetWindow(owner, budget.period, at: now)
            let place = place(of: .budget(window), budget)
            if let end = window.endsAt { until = min(until, end) }
            if !places.contains(place) { places.append(place) }
        }
    }

    private mutating func place(of source: CreditSource, _ budget: Budget? = nil) -> Int32 {
        if let place = places[source] { return place }
        var line = CreditLine(source)
        if case .budget(let window) = source, let budget {
            line.limit = budget.amount
            line.action = budget.action
            line.substitute = budget.substitute
            line.endsAt = window.endsAt
        }
        let place = vacant.popLast() ?? Int32(lines.count)
        if Int(place) == lines.count { lines.append(line) } else { lines[Int(place)] = line }
        places[source] = place
        needsCredit = true
        return place
    }

    // MARK: Requests

    mutating func admit(_ payer: Payer, at moment: Moment) -> Admission {
        advance(moment)
        let route = route(of: payer)
        if route.rates.isEmpty { return .admitted(nil) }
        switch enter(route) {
        case .taken(let allowance): return .admitted(allowance)
        case .limited(let denial): return .limited(denial)
        case .crowded(_, let denial): return queue.takes(payer.organisation) ? .busy : .limited(denial)
        }
    }

    /// A denial with what is left of the rates that were counted.
    mutating func told(_ denial: RateDenial, _ counted: [Int32]) -> RateDenial {
        var denial = denial
        for place in counted { rates[Int(place)].narrow(&denial.allowance, at: now) }
        return denial
    }

    mutating func hold(_ ask: HoldAsk, at moment: Moment) -> HoldAnswer {
        advance(moment)
        let route = route(of: ask.payer)
        var places = route.places
        var counted = route.rates
        if !ask.deployments.isEmpty {
            var until = Moment(microseconds: .max)
            for deployment in ask.deployments { add(.deployment(deployment), to: &places, &counted, until: &until) }
        }
        let tokens = max(0, ask.tokens)
        for place in counted[route.rates.count...] {
            if let denial = rates[Int(place)].denial(at: now) { return .limited(told(denial, counted)) }
        }
        for place in counted {
            if let denial = rates[Int(place)].denial(of: tokens, at: now) { return .limited(told(denial, counted)) }
        }
        let amount = max(0, ask.amount.value)
        if amount == 0 {
            // What cannot cost anything needs no credit.
            places = []
        } else if let answer = shortage(amount, &places, ask.isSubstitute) {
            return answer
        }
        for place in places {
            lines[Int(place)].hold(amount)
            if lines[Int(place)].isLow { needsCredit = true }
        }
        for place in counted[route.rates.count...] { rates[Int(place)].begin(at: now) }
        for place in counted { rates[Int(place)].addTokens(tokens, at: now) }
        lastHold += 1
        let isPrepaid = route.wallet >= 0 && amount > 0
        return .held(
            Hold(
                number: isPrepaid ? lastHold | Hold.prepaidBit : lastHold, amount: NanoUSD(amount), tokens: tokens,
                places: places, rates: counted))
    }

    /// What is not covered, and why; `nil` when all is. Used-up budgets that have sent the request elsewhere already are
    /// taken out of `places`.
    private mutating func shortage(_ amount: Int64, _ places: inout [Int32], _ isSubstitute: Bool) -> HoldAnswer? {
        var waits: HoldAnswer?
        var passed: [Int32] = []
        for place in places {
            let line = lines[Int(place)]
            if now < leaseUntil, line.free >= amount { continue }
            if line.action == .downgrade, isSubstitute {
                passed.append(place)
                continue
            }
            switch verdict(line, amount) {
            case .denied(let denial):
                lines[Int(place)].refuse()
                return line.action == .downgrade ? .downgrade(to: line.substitute, denial) : .denied(denial)
            case let answer:
                lines[Int(place)].want(amount)
                needsCredit = true
                waits = waits ?? answer
            }
        }
        if waits == nil, !passed.isEmpty { places.removeAll { passed.contains($0) } }
        return waits
    }

    /// 402 only when the ledger said so: where it was not asked yet, or where other nodes have credit, there is hope.
    private func verdict(_ line: CreditLine, _ amount: Int64) -> HoldAnswer {
        guard now < leaseUntil, let left = line.left else {
            return .refill(milliseconds: line.left == nil ? Self.firstWait : Self.wait)
        }
        let (here, overflow) = line.free.addingReportingOverflow(max(0, left))
        if overflow || here >= amount || line.elsewhere > amount - here { return .refill(milliseconds: Self.wait) }
        switch line.source {
        case .wallet: return .denied(HoldDenial(code: .insufficientCredit, left: NanoUSD(here)))
        case .budget(let window):
            return .denied(
                HoldDenial(
                    code: .budgetExhausted, left: NanoUSD(here), resetsAt: line.endsAt, owner: window.owner.kind))
        }
    }

    mutating func extend(_ hold: inout Hold, by amount: NanoUSD, at moment: Moment) -> HoldDenial? {
        advance(moment)
        guard amount > .zero else { return nil }
        var denial: HoldDenial?
        for place in hold.places where now >= leaseUntil || lines[Int(place)].free < amount.value {
            let line = lines[Int(place)]
            if case .denied(let denied) = verdict(line, amount.value) {
                denial = denied
            } else {
                denial = denial ?? HoldDenial(code: .creditUnconfirmed, left: NanoUSD(line.free))
            }
            lines[Int(place)].want(amount.value)
            needsCredit = true
        }
        guard denial == nil else { return denial }
        for place in hold.places { lines[Int(place)].extend(amount.value) }
        hold.amount += amount
        return nil
    }

    mutating func settle(_ hold: Hold, charge: NanoUSD, tokens: Int64, at moment: Moment) {
        advance(moment)
        let charge = min(max(0, charge.value), hold.amount.value)
        for place in hold.places { lines[Int(place)].settle(hold.amount.value, charge: charge) }
        for place in hold.rates {
            rates[Int(place)].addTokens(max(0, tokens) - hold.tokens, at: now)
        }
    }

    // MARK: Leases

    /// What to ask the ledger for now.
    /// - Parameter wanted: a source that another node lacks.
    mutating func collect(wanted: [CreditSource]) -> [(place: Int32, ask: LeaseAsk)] {
        needsCredit = false
        isAsking = true
        var asks: [(Int32, LeaseAsk)] = []
        for index in lines.indices where places[lines[index].source] == Int32(index) {
            let isWanted = wanted.contains(lines[index].source)
            let isIdle = nodes > 1 && lines[index].idleTicks > 60
            if let ask = lines[index].ask(returnsAll: isWanted || isIdle) { asks.append((Int32(index), ask)) }
        }
        return asks
    }

    /// - Parameter terms: `nil` when the ledger could not be asked.
    mutating func apply(_ asks: [(place: Int32, ask: LeaseAsk)], _ terms: [LeaseTerms]?) {
        isAsking = false
        for (index, entry) in asks.enumerated() { lines[Int(entry.place)].answered(entry.ask, terms?[index]) }
    }

    mutating func renewed(until moment: Moment) { leaseUntil = moment }

    /// Once a second: the pace of spending, and lines whose time is over.
    mutating func tick(at moment: Moment) {
        advance(moment)
        for index in lines.indices where places[lines[index].source] == Int32(index) {
            lines[index].tick()
            if let end = lines[index].endsAt, end <= now { lines[index].isRetired = true }
            if lines[index].isLow { needsCredit = true }
            guard !isAsking, lines[index].isRetired, lines[index].open == 0,
                lines[index].free == 0 || lines[index].isOver(now)
            else { continue }
            places[lines[index].source] = nil
            vacant.append(Int32(index))
            routes = [:]
        }
    }

    mutating func balance(of payer: Payer, at moment: Moment) -> PurseBalance {
        advance(moment)
        let route = route(of: payer)
        var allowance = Allowance()
        for place in route.rates { rates[Int(place)].narrow(&allowance, at: now) }
        let budgets = route.places.compactMap { place -> PurseBalance.Line? in
            let line = lines[Int(place)]
            guard case .budget(let window) = line.source else { return nil }
            return PurseBalance.Line(
                owner: window.owner.kind, period: window.period, action: line.action, limit: line.limit,
                left: line.left.map { NanoUSD(line.free) + NanoUSD(max(0, $0)) } ?? line.limit, resetsAt: line.endsAt)
        }
        let wallet = route.wallet >= 0 ? lines[Int(route.wallet)] : nil
        return PurseBalance(
            billing: rules.billing,
            available: wallet.map { NanoUSD($0.free) + NanoUSD(max(0, $0.left ?? 0)) + NanoUSD($0.elsewhere) },
            budgets: budgets, allowance: allowance)
    }
}

extension CreditLine {
    /// A budget's period is over: what was not spent of it is nobody's.
    fileprivate func isOver(_ now: Moment) -> Bool { endsAt.map { $0 <= now } ?? false }
}
