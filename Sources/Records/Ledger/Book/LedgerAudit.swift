import Vocabulary

/// Proves a ledger: walks every transfer in order, computes all anew, trusts no stored sum, and compares.
public struct LedgerAudit: Sendable {
    /// What is proved. The raw value is the stable name.
    public enum Invariant: String, CaseIterable, Sendable {
        /// Sequences without a gap, times that never go back.
        case order
        /// A positive amount between two different accounts that exist: each posting sums to zero.
        case postingsSumToZero = "postings_sum_to_zero"
        /// Over all accounts posted credits less posted debits are zero, and so are pending ones.
        case accountsSumToZero = "accounts_sum_to_zero"
        /// The stored sums of an account are those of its postings.
        case balances
        /// A pending transfer is resolved at most once, by one that agrees with it.
        case resolvedOnce = "resolved_once"
        /// Nothing was posted above its hold.
        case postedWithinHold = "posted_within_hold"
        /// Nothing was posted after its hold's term, nothing expired before, no hold is open past it.
        case holdsWithinTerm = "holds_within_term"
        /// What counts as open is what no transfer resolved.
        case openHolds = "open_holds"
        /// A wallet went below zero only by an external event.
        case noOverdraft = "no_overdraft"
        /// Each business key has its top-up and each of an operator's top-ups its key.
        case grants
    }

    /// One invariant's outcome.
    public struct Finding: Hashable, Sendable {
        public var invariant: Invariant
        /// How many things were looked at.
        public var looked = 0
        public var failed = 0
        /// Ids of what fails: transfers' or accounts', at most 20; the rest tells nothing new.
        public var ids: [LedgerID] = []
    }

    private var findings: [Invariant: Finding] = [:]
    private var accounts: [LedgerID: LedgerAccount] = [:]
    private var open: [LedgerID: LedgerTransfer] = [:]
    private var sequence: Int64 = 0
    private var last = Moment(microseconds: .min)
    private var topUps: Set<LedgerID> = []
    private var promotions: Set<LedgerID> = []

    init() {}

    public private(set) var transfers = 0

    /// One account as it is stored; before any transfer.
    mutating func add(_ account: LedgerAccount) {
        accounts[account.id] = LedgerAccount(
            account.name, priority: account.priority, expiresAt: account.expiresAt, createdAt: account.createdAt)
    }

    /// One transfer, in order.
    mutating func add(_ transfer: LedgerTransfer) {
        transfers += 1
        let id = transfer.id == .zero ? transfer.pending : transfer.id
        look(.order, transfer.sequence == sequence + 1 && transfer.at >= last, id)
        sequence = transfer.sequence
        last = transfer.at
        guard transfer.amount >= 0, transfer.debit != transfer.credit, var debit = accounts[transfer.debit],
            var credit = accounts[transfer.credit]
        else { return look(.postingsSumToZero, false, id) }
        look(.postingsSumToZero, true, id)
        switch transfer.kind {
        case .single:
            debit.debitsPosted &+= transfer.amount
            credit.creditsPosted &+= transfer.amount
            if transfer.code == .topUp, AccountName(transfer.debit)?.kind == .clearing { topUps.insert(transfer.id) }
            if transfer.code == .promotion { promotions.insert(transfer.id) }
        case .pending:
            debit.debitsPending &+= transfer.amount
            credit.creditsPending &+= transfer.amount
            open[transfer.id] = transfer
        case .post, .void, .expire:
            guard let pending = open.removeValue(forKey: transfer.pending), pending.debit == transfer.debit,
                pending.credit == transfer.credit, pending.code == transfer.code
            else { return look(.resolvedOnce, false, id) }
            look(.resolvedOnce, true, id)
            look(.postedWithinHold, transfer.amount <= pending.amount, id)
            let isOver = pending.expiresAt.map { $0 <= transfer.at } ?? false
            look(.holdsWithinTerm, isOver == (transfer.kind == .expire), id)
            debit.debitsPending &-= pending.amount
            credit.creditsPending &-= pending.amount
            if transfer.kind == .post {
                debit.debitsPosted &+= transfer.amount
                credit.creditsPosted &+= transfer.amount
            }
        }
        if debit.name.kind.isLimited, !transfer.code.isExternal, transfer.kind == .single || transfer.kind == .pending {
            look(.noOverdraft, debit.available >= .zero, id)
        }
        accounts[debit.id] = debit
        accounts[credit.id] = credit
    }

    /// Compares with what is stored beside the transfers.
    ///
    /// - Parameters:
    ///   - stored: the accounts with their sums.
    ///   - openHolds: ids of pending transfers that count as open.
    ///   - grants: transfers that business keys name; `nil` where no keys are kept.
    ///   - now: holds may be open until a minute past their term, which is how late they may be expired.
    mutating func finish(
        stored: [LedgerAccount], openHolds: some Sequence<LedgerID>, grants: [LedgerID]?, now: Moment
    ) -> [Finding] {
        var posted: Int128 = 0
        var pending: Int128 = 0
        for account in stored {
            posted += Int128(account.creditsPosted) - Int128(account.debitsPosted)
            pending += Int128(account.creditsPending) - Int128(account.debitsPending)
            look(.balances, accounts[account.id] == account, account.id)
        }
        look(.accountsSumToZero, posted == 0, .zero)
        look(.accountsSumToZero, pending == 0, .zero)
        var missing = open
        for id in openHolds { look(.openHolds, missing.removeValue(forKey: id) != nil, id) }
        for id in missing.keys.sorted() { look(.openHolds, false, id) }
        for (id, transfer) in open.sorted(by: { $0.key < $1.key }) {
            let isOverdue = transfer.expiresAt.map { $0.microseconds + 60_000_000 <= now.microseconds } ?? false
            look(.holdsWithinTerm, !isOverdue, id)
        }
        if let grants {
            for id in grants { look(.grants, topUps.remove(id) != nil || promotions.contains(id), id) }
            for id in topUps.sorted() { look(.grants, false, id) }
        }
        return Invariant.allCases.map { findings[$0] ?? Finding(invariant: $0) }
    }

    private mutating func look(_ invariant: Invariant, _ holds: Bool, _ id: LedgerID) {
        findings[invariant, default: Finding(invariant: invariant)].looked += 1
        guard !holds else { return }
        findings[invariant]?.failed += 1
        if findings[invariant]?.ids.count ?? 0 < 20 { findings[invariant]?.ids.append(id) }
    }
}

extension LedgerState where Source == EmptySource {
    /// Proves a ledger in memory.
    func audit() -> [LedgerAudit.Finding] {
        var audit = LedgerAudit()
        for account in opened { audit.add(account) }
        for transfer in created { audit.add(transfer) }
        return audit.finish(
            stored: opened.compactMap { accounts[$0.id] }, openHolds: openHolds, grants: nil, now: now)
    }
}
