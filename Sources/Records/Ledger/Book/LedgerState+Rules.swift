import Vocabulary

// Whether a transfer may be recorded, in the fixed order of TigerBeetle's errors.

extension LedgerState {
    mutating func judge(_ asked: LedgerTransfer) throws(Source.Failure) -> TransferResult {
        if asked.id == .zero { return .idMustNotBeZero }
        if asked.id == .max { return .idMustNotBeMax }
        if let existing = try transfer(asked.id) { return try compare(asked, with: existing.transfer) }
        if try hasFailed(asked.id) { return .idAlreadyFailed }
        if asked.amount < 0 { return .amountMustNotBeNegative }
        switch asked.kind {
        case .single, .pending: return try judgeNew(asked)
        case .post, .void, .expire: return try judgeResolution(asked)
        }
    }

    /// What a second transfer of an id that exists gets.
    private mutating func compare(
        _ asked: LedgerTransfer, with existing: LedgerTransfer
    ) throws(Source.Failure) -> TransferResult {
        if asked.kind != existing.kind { return .existsWithDifferentFlags }
        if asked.pending != existing.pending { return .existsWithDifferentPendingID }
        if asked.timeout != existing.timeout { return .existsWithDifferentTimeout }
        let isResolution = asked.kind == .post || asked.kind == .void
        if asked.debit != existing.debit, !(isResolution && asked.debit == .zero) { return .existsWithDifferentDebit }
        if asked.credit != existing.credit, !(isResolution && asked.credit == .zero) {
            return .existsWithDifferentCredit
        }
        var amount = asked.amount
        if asked.kind == .post, amount == .max { amount = try transfer(asked.pending)?.transfer.amount ?? amount }
        if asked.kind == .void, amount == 0 { amount = existing.amount }
        if amount != existing.amount { return .existsWithDifferentAmount }
        if asked.subject != existing.subject { return .existsWithDifferentSubject }
        if asked.note != existing.note { return .existsWithDifferentNote }
        if asked.parts != existing.parts { return .existsWithDifferentParts }
        return asked.code == existing.code ? .exists : .existsWithDifferentCode
    }

    private mutating func judgeNew(_ asked: LedgerTransfer) throws(Source.Failure) -> TransferResult {
        if asked.debit == .zero { return .debitMustNotBeZero }
        if asked.debit == .max { return .debitMustNotBeMax }
        if asked.credit == .zero { return .creditMustNotBeZero }
        if asked.credit == .max { return .creditMustNotBeMax }
        if asked.debit == asked.credit { return .accountsMustBeDifferent }
        if asked.pending != .zero { return .pendingIDMustBeZero }
        if asked.timeout != 0, asked.kind != .pending { return .timeoutReservedForPending }
        guard let debit = try account(asked.debit) else { return .debitNotFound }
        guard let credit = try account(asked.credit) else { return .creditNotFound }
        return overflow(asked, debit, credit) ?? limit(asked, debit) ?? .created
    }

    private func overflow(
        _ asked: LedgerTransfer, _ debit: LedgerAccount, _ credit: LedgerAccount
    ) -> TransferResult? {
        func overflows(_ sums: Int64...) -> Bool {
            var total = asked.amount
            for sum in sums {
                let (next, overflow) = total.addingReportingOverflow(sum)
                if overflow { return true }
                total = next
            }
            return false
        }
        if asked.kind == .pending {
            if overflows(debit.debitsPending) { return .overflowsDebitsPending }
            if overflows(credit.creditsPending) { return .overflowsCreditsPending }
        }
        if overflows(debit.debitsPosted) { return .overflowsDebitsPosted }
        if overflows(credit.creditsPosted) { return .overflowsCreditsPosted }
        if overflows(debit.debitsPending, debit.debitsPosted) { return .overflowsDebits }
        if overflows(credit.creditsPending, credit.creditsPosted) { return .overflowsCredits }
        if now.microseconds.addingReportingOverflow(Int64(asked.timeout) * 1_000_000).overflow {
            return .overflowsTimeout
        }
        return nil
    }

    /// `RULES.md` 29: a wallet goes below zero only by an external event.
    private func limit(_ asked: LedgerTransfer, _ debit: LedgerAccount) -> TransferResult? {
        guard debit.name.kind.isLimited, !asked.code.isExternal else { return nil }
        return debit.debitsPending + debit.debitsPosted + asked.amount > debit.creditsPosted ? .exceedsCredits : nil
    }

    private mutating func judgeResolution(_ asked: LedgerTransfer) throws(Source.Failure) -> TransferResult {
        if asked.pending == .zero { return .pendingIDMustNotBeZero }
        if asked.pending == .max { return .pendingIDMustNotBeMax }
        if asked.pending == asked.id { return .pendingIDMustBeDifferent }
        if asked.timeout != 0 { return .timeoutReservedForPending }
        guard let known = try transfer(asked.pending) else { return .pendingNotFound }
        let pending = known.transfer
        if pending.kind != .pending { return .pendingNotPending }
        if asked.debit != .zero, asked.debit != pending.debit { return .pendingHasDifferentDebit }
        if asked.credit != .zero, asked.credit != pending.credit { return .pendingHasDifferentCredit }
        if asked.code != pending.code { return .pendingHasDifferentCode }
        let isWhole = asked.kind == .post && asked.amount == .max
        if !isWhole, asked.amount > pending.amount { return .exceedsPendingAmount }
        if asked.kind == .void, asked.amount != 0, asked.amount != pending.amount { return .pendingHasDifferentAmount }
        switch known.resolution?.kind {
        case .post: return .pendingAlreadyPosted
        case .void: return .pendingAlreadyVoided
        case .expire: return .pendingExpired
        case .single, .pending, nil: break
        }
        if let expiry = pending.expiresAt, expiry <= now { return .pendingExpired }
        return .created
    }
}
