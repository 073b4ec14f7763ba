import Vocabulary

// Operations that came again: compared by what was asked, since the burn order may be another by now.

extension LedgerState {
    /// What an operation gets whose id was recorded; `nil` when it was not.
    mutating func replay(_ operation: LedgerOperation, _ id: LedgerID) throws(Source.Failure) -> TransferResult? {
        guard let first = try transfer(id)?.transfer else { return nil }
        var sum: Int64 = 0
        for number in 0..<Int(first.parts) {
            guard let part = try transfer(id.part(number))?.transfer, part.kind != .void else { continue }
            sum += part.amount
        }
        let asked = Asked(operation)
        guard asked.kinds.contains(first.kind) else { return .existsWithDifferentFlags }
        if let pending = asked.pending, pending != first.pending { return .existsWithDifferentPendingID }
        if asked.timeout != first.timeout { return .existsWithDifferentTimeout }
        if let debit = asked.debit, debit != first.debit { return .existsWithDifferentDebit }
        if let owner = asked.holder, owner != AccountName(first.debit)?.organisation {
            return .existsWithDifferentDebit
        }
        if let credit = asked.credit, credit != first.credit { return .existsWithDifferentCredit }
        if case .promotion(_, _, _, let priority, let expiresAt) = operation {
            let account = try account(first.credit)
            guard account?.priority == priority, account?.expiresAt == expiresAt else {
                return .existsWithDifferentCredit
            }
        }
        if let amount = asked.amount, amount != sum { return .existsWithDifferentAmount }
        if asked.subject != first.subject { return .existsWithDifferentSubject }
        if asked.note != first.note { return .existsWithDifferentNote }
        return asked.code == first.code ? .exists : .existsWithDifferentCode
    }

    /// What an operation asks of its first transfer.
    private struct Asked {
        var kinds: [LedgerTransfer.Kind] = [.single]
        var code = TransferCode.usage
        var pending: LedgerID?
        var timeout: UInt32 = 0
        var debit: LedgerID?
        /// The organisation whose account is debited.
        var holder: UInt64?
        var credit: LedgerID?
        var amount: Int64?
        var subject = LedgerID.zero
        var note: UInt64 = 0

        init(_ operation: LedgerOperation) {
            switch operation {
            case .topUp(_, let organisation, let value, let processor, let number):
                (code, amount, note) = (.topUp, value.value, number)
                debit = AccountName(.clearing, number: UInt64(processor)).id
                credit = AccountName.wallet(organisation).id
            case .promotion(let id, let organisation, let value, _, _):
                (code, amount) = (.promotion, value.value)
                credit = AccountName.promotion(organisation, grant: id).id
            case .hold(_, let organisation, let value, let seconds):
                (kinds, amount, timeout, holder) = ([.pending], value.value, seconds, organisation.value)
            case .settle(_, let hold, let value): (kinds, pending, amount) = ([.post], hold, value.value)
            case .void(_, let hold): (kinds, pending) = ([.void], hold)
            case .settleLate(_, let hold, let value): (code, amount, subject) = (.lateUsage, value.value, hold)
            case .refund(_, let hold, let value): (code, amount, subject) = (.refund, value.value, hold)
            case .refundPayment(_, let topUp, let value):
                (code, amount, subject) = (.paymentRefund, value.value, topUp)
            case .disputeOpened(_, let topUp, let value):
                (code, amount, subject) = (.disputeOpened, value.value, topUp)
            case .disputeWon(_, let dispute): (code, subject) = (.disputeWon, dispute)
            case .disputeLost(_, let dispute): (code, subject) = (.disputeLost, dispute)
            case .writeOff(_, let organisation, let value):
                (code, amount, credit) = (.writeOff, value.value, AccountName.wallet(organisation).id)
            case .providerCost(_, let hold, let value): (code, amount, subject) = (.providerCost, value.value, hold)
            case .lease(_, let organisation, _, let value):
                (code, amount, holder) = (.lease, value.value, organisation.value)
            case .leaseUsage(_, _, _, let value, let about):
                (code, amount, subject) = (.usage, value.value, about)
            case .leaseReturn(_, let organisation, _, let value):
                (code, amount, holder) = (.leaseReturn, value.value, organisation.value)
            case .expireHolds, .expirePromotions: break
            }
        }
    }
}
