import Vocabulary

/// The ledger as a value: accounts, postings, pending transfers, and the rules by which they change. No clock, no I/O; what
/// was recorded before comes from `Source`, what is new is kept here until somebody writes it down.
///
/// The rules are TigerBeetle's two-phase transfers: a pending transfer takes its whole amount out of what is available, is
/// posted (at most its amount; the rest returns), voided or expired, and that at most once. Limits are checked at the
/// first step, so that the second can never break them.
struct LedgerState<Source: LedgerSource> {
    let source: Source
    /// Every account looked at or changed.
    private(set) var accounts: [LedgerID: LedgerAccount] = [:]
    /// New transfers in their order.
    private(set) var created: [LedgerTransfer] = []
    /// New accounts in their order, as they were opened.
    private(set) var opened: [LedgerAccount] = []
    /// Ids that failed for good, in their order.
    private(set) var failures: [LedgerID] = []

    private var known: [LedgerID: ResolvedTransfer] = [:]
    private var failed: Set<LedgerID> = []
    /// Ids that the source does not know: an operation and its transfers ask for the same.
    private var absent: Set<LedgerID> = []
    private var unfailed: Set<LedgerID> = []
    private var promotions: [UInt64: [LedgerID]] = [:]
    private var leases: [AccountName: [LedgerID]] = [:]
    private var subjects: [LedgerID: [LedgerTransfer]] = [:]
    /// New pending transfers not yet resolved.
    private var open: Set<LedgerID> = []
    /// Accounts as they were before the chain that is being applied.
    private var before: [LedgerAccount] = []
    private var sequence: Int64
    /// When the newest transfer was recorded.
    private var newest: Moment
    /// Never before the newest transfer, whatever the clock says.
    private(set) var now: Moment

    init(_ source: Source) throws(Source.Failure) {
        self.source = source
        let newest = try source.newest()
        sequence = newest.sequence
        self.newest = newest.at
        now = newest.at
    }

    /// Sets the time; a clock that is behind the newest transfer does not count.
    mutating func advance(to moment: Moment) { now = max(newest, moment) }

    // MARK: Looking things up

    mutating func account(_ id: LedgerID) throws(Source.Failure) -> LedgerAccount? {
        if let account = accounts[id] { return account }
        let account = try source.account(id)
        if let account { accounts[id] = account }
        return account
    }

    mutating func transfer(_ id: LedgerID) throws(Source.Failure) -> ResolvedTransfer? {
        if let transfer = known[id] { return transfer }
        if absent.contains(id) { return nil }
        let transfer = try source.transfer(id)
        if let transfer { known[id] = transfer } else { absent.insert(id) }
        return transfer
    }

    mutating func hasFailed(_ id: LedgerID) throws(Source.Failure) -> Bool {
        if failed.contains(id) { return true }
        if unfailed.contains(id) { return false }
        let hasFailed = try source.hasFailed(id)
        if !hasFailed { unfailed.insert(id) }
        return hasFailed
    }

    mutating func about(_ subject: LedgerID) throws(Source.Failure) -> [LedgerTransfer] {
        try source.about(subject) + subjects[subject, default: []]
    }

    /// Promotional accounts of an organisation, in no order.
    mutating func promotions(of organisation: UInt64) throws(Source.Failure) -> [LedgerAccount] {
        if promotions[organisation] == nil {
            let stored = try source.promotions(of: organisation)
            for account in stored where accounts[account.id] == nil { accounts[account.id] = account }
            promotions[organisation] = stored.map(\.id)
        }
        return promotions[organisation, default: []].compactMap { accounts[$0] }
    }

    /// Leases of an organisation at a node, in no order, empty ones included.
    mutating func leases(of organisation: UInt64, node: UInt16) throws(Source.Failure) -> [LedgerAccount] {
        let shelf = Self.shelf(organisation, node)
        if leases[shelf] == nil {
            let stored = try source.leases(of: organisation, node: node)
            for account in stored where accounts[account.id] == nil { accounts[account.id] = account }
            leases[shelf] = stored.map(\.id)
        }
        return leases[shelf, default: []].compactMap { accounts[$0] }
    }

    /// The lease of the wallet stands for all of an organisation's at a node.
    private static func shelf(_ organisation: UInt64, _ node: UInt16) -> AccountName {
        AccountName(.lease, organisation: organisation, number: UInt64(node) << 40)
    }

    /// New pending transfers that nothing resolved yet.
    var openHolds: Set<LedgerID> { open }

    /// The sequence of a transfer looked up before.
    func recorded(_ id: LedgerID) -> Int64? { known[id]?.transfer.sequence }

    /// Unresolved pending transfers whose term is over.
    func due(limit: Int) throws(Source.Failure) -> [LedgerTransfer] {
        var due: [(Moment, LedgerTransfer)] = []
        for transfer in try source.due(at: now, limit: limit + created.count) + open.compactMap({ known[$0]?.transfer })
        {
            guard let expiry = transfer.expiresAt, expiry <= now, known[transfer.id]?.resolution == nil else {
                continue
            }
            due.append((expiry, transfer))
        }
        due.sort { ($0.0, $0.1.sequence) < ($1.0, $1.1.sequence) }
        return due.prefix(limit).map(\.1)
    }

    mutating func expiredPromotions(limit: Int) throws(Source.Failure) -> [LedgerAccount] {
        for account in try source.expiredPromotions(at: now, limit: limit + accounts.count)
        where accounts[account.id] == nil { accounts[account.id] = account }
        let expired = accounts.values.filter { account in
            guard account.name.kind == .promotion, let expiry = account.expiresAt, expiry <= now else { return false }
            return account.available > .zero
        }
        return Array(expired.sorted { ($0.expiresAt!, $0.id) < ($1.expiresAt!, $1.id) }.prefix(limit))
    }

    // MARK: Changing

    /// Opens an account unless it is there.
    mutating func open(
        _ name: AccountName, priority: UInt8 = .max, expiresAt: Moment? = nil
    ) throws(Source.Failure) {
        guard try account(name.id) == nil else { return }
        if name.kind == .promotion { _ = try promotions(of: name.organisation) }
        if name.kind == .lease { _ = try leases(of: name.organisation, node: name.node) }
        let account = LedgerAccount(name, priority: priority, expiresAt: expiresAt, createdAt: now)
        accounts[name.id] = account
        opened.append(account)
        if name.kind == .promotion { promotions[name.organisation, default: []].append(name.id) }
        if name.kind == .lease { leases[Self.shelf(name.organisation, name.node), default: []].append(name.id) }
    }

    /// Marks an id as failed for good.
    mutating func fail(_ id: LedgerID) {
        guard failed.insert(id).inserted else { return }
        failures.append(id)
    }

    /// All or none (TigerBeetle's linked chain): one that fails has its own result, the others `linkedEventFailed`.
    mutating func apply(_ chain: [LedgerTransfer]) throws(Source.Failure) -> [TransferResult] {
        let start = created.count
        let newestBefore = newest
        before.removeAll(keepingCapacity: true)
        for (index, transfer) in chain.enumerated() {
            let result = try judge(transfer)
            if result == .created {
                try record(transfer)
                continue
            }
            rollBack(to: start, newest: newestBefore)
            if result.isTransient { fail(transfer.id) }
            return chain.indices.map { $0 == index ? result : .linkedEventFailed }
        }
        return [TransferResult](repeating: .created, count: chain.count)
    }

    /// Returns what a pending transfer still holds, because its term is over.
    mutating func expire(_ transfer: LedgerTransfer) throws(Source.Failure) {
        before.removeAll(keepingCapacity: true)
        try record(LedgerTransfer(.zero, .expire, amount: transfer.amount, pending: transfer.id, code: transfer.code))
    }

    private mutating func record(_ asked: LedgerTransfer) throws(Source.Failure) {
        var transfer = asked
        let pending = try asked.pending == .zero ? nil : self.transfer(asked.pending)
        if let pending = pending?.transfer {
            transfer.debit = pending.debit
            transfer.credit = pending.credit
            transfer.amount = transfer.kind == .post ? min(asked.amount, pending.amount) : pending.amount
        }
        guard var debit = try account(transfer.debit), var credit = try account(transfer.credit) else { return }
        before.append(debit)
        before.append(credit)
        sequence += 1
        transfer.sequence = sequence
        transfer.at = now
        newest = now
        switch transfer.kind {
        case .single:
            debit.debitsPosted += transfer.amount
            credit.creditsPosted += transfer.amount
        case .pending:
            debit.debitsPending += transfer.amount
            credit.creditsPending += transfer.amount
            open.insert(transfer.id)
        case .post, .void, .expire:
            debit.debitsPending -= pending?.transfer.amount ?? 0
            credit.creditsPending -= pending?.transfer.amount ?? 0
            if transfer.kind == .post {
                debit.debitsPosted += transfer.amount
                credit.creditsPosted += transfer.amount
            }
            known[transfer.pending]?.resolution = transfer
            open.remove(transfer.pending)
        }
        accounts[debit.id] = debit
        accounts[credit.id] = credit
        // One that had nothing left when the organisation's were read may have something again.
        for name in [debit.name, credit.name] where name.kind == .promotion {
            if promotions[name.organisation]?.contains(name.id) == false {
                promotions[name.organisation]?.append(name.id)
            }
        }
        if transfer.id != .zero { known[transfer.id] = ResolvedTransfer(transfer: transfer) }
        if transfer.subject != .zero { subjects[transfer.subject, default: []].append(transfer) }
        created.append(transfer)
    }

    private mutating func rollBack(to start: Int, newest newestBefore: Moment) {
        newest = newestBefore
        for account in before.reversed() { accounts[account.id] = account }
        for transfer in created[start...].reversed() {
            known[transfer.id] = nil
            open.remove(transfer.id)
            if transfer.subject != .zero { subjects[transfer.subject]?.removeLast() }
            if transfer.pending != .zero {
                known[transfer.pending]?.resolution = nil
                if created[..<start].contains(where: { $0.id == transfer.pending }) { open.insert(transfer.pending) }
            }
            sequence -= 1
        }
        created.removeSubrange(start...)
    }
}

extension LedgerState where Source == EmptySource {
    /// A ledger in memory.
    init() { self.init(EmptySource()) }
}
