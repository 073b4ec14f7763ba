public import Vocabulary

/// What a transfer was made for. The number is stored.
public enum TransferCode: UInt8, CaseIterable, Sendable {
    case topUp = 1
    case promotion = 2
    /// A hold and what resolves it.
    case usage = 3
    /// Usage that came after its hold's term: external, may take a wallet below zero.
    case lateUsage = 4
    /// Usage above its hold: the house's loss (`RULES.md` 29).
    case excess = 5
    /// A charge given back, to the wallets it was taken from.
    case refund = 6
    /// A payment given back: external.
    case paymentRefund = 7
    /// A payment taken back by a customer's bank: external.
    case disputeOpened = 8
    case disputeWon = 9
    case disputeLost = 10
    case writeOff = 11
    case promotionExpired = 12
    case providerCost = 13
    /// Credit that a node takes to spend it without asking again, and what it gives back.
    case lease = 14
    case leaseReturn = 15

    /// May take a limited account below zero.
    public var isExternal: Bool { self == .lateUsage || self == .paymentRefund || self == .disputeOpened }

    /// The stable name.
    public var name: String {
        switch self {
        case .topUp: "top-up"
        case .promotion: "promotion"
        case .usage: "usage"
        case .lateUsage: "late-usage"
        case .excess: "excess"
        case .refund: "refund"
        case .paymentRefund: "payment-refund"
        case .disputeOpened: "dispute-opened"
        case .disputeWon: "dispute-won"
        case .disputeLost: "dispute-lost"
        case .writeOff: "write-off"
        case .promotionExpired: "promotion-expired"
        case .providerCost: "provider-cost"
        case .lease: "lease"
        case .leaseReturn: "lease-return"
        }
    }
}

/// One amount from one account to another: by its form every posting sums to zero. Recorded ones never change.
public struct LedgerTransfer: Hashable, Sendable {
    public enum Kind: UInt8, CaseIterable, Sendable {
        case single = 1
        case pending = 2
        /// Posts a pending transfer, whole or in part; the rest returns.
        case post = 3
        case void = 4
        /// Made by the ledger when a pending transfer's term is over.
        case expire = 5

        public var name: String {
            switch self {
            case .single: "single"
            case .pending: "pending"
            case .post: "post"
            case .void: "void"
            case .expire: "expire"
            }
        }
    }

    /// 0 for `expire`, which nobody asks for.
    public var id: LedgerID
    public var kind: Kind
    /// For `post` and `void`: the pending transfer's or 0.
    public var debit: LedgerID
    public var credit: LedgerID
    /// Nano-USD. `post`: `Int64.max` posts all; `void`: 0 or the pending amount.
    public var amount: Int64
    /// What `post`, `void` and `expire` resolve.
    public var pending: LedgerID = .zero
    /// Seconds until a pending transfer expires; 0: never.
    public var timeout: UInt32 = 0
    public var code: TransferCode
    /// The hold, payment or dispute that it is about; 0: none.
    public var subject: LedgerID = .zero
    /// A number of the operator's; 0: none.
    public var note: UInt64 = 0
    /// How many transfers its operation made.
    public var parts: UInt16 = 1

    // The ledger sets these.
    public internal(set) var sequence: Int64 = 0
    public internal(set) var at = Moment(microseconds: 0)

    public var expiresAt: Moment? {
        kind == .pending && timeout > 0 ? Moment(microseconds: at.microseconds + Int64(timeout) * 1_000_000) : nil
    }

    init(
        _ id: LedgerID, _ kind: Kind, debit: LedgerID = .zero, credit: LedgerID = .zero, amount: Int64,
        pending: LedgerID = .zero, timeout: UInt32 = 0, code: TransferCode, subject: LedgerID = .zero,
        note: UInt64 = 0, parts: Int = 1
    ) {
        self.id = id
        self.kind = kind
        self.debit = debit
        self.credit = credit
        self.amount = amount
        self.pending = pending
        self.timeout = timeout
        self.code = code
        self.subject = subject
        self.note = note
        self.parts = UInt16(clamping: parts)
    }
}

/// The answer to a transfer or an operation. The order is the order of precedence: where several apply, the first is given,
/// so that a retry gets the same answer (TigerBeetle's `create_transfers`).
public enum TransferResult: String, CaseIterable, Sendable {
    case created
    case linkedEventFailed = "linked_event_failed"
    case idMustNotBeZero = "id_must_not_be_zero"
    case idMustNotBeMax = "id_must_not_be_int_max"
    case existsWithDifferentFlags = "exists_with_different_flags"
    case existsWithDifferentPendingID = "exists_with_different_pending_id"
    case existsWithDifferentTimeout = "exists_with_different_timeout"
    case existsWithDifferentDebit = "exists_with_different_debit_account_id"
    case existsWithDifferentCredit = "exists_with_different_credit_account_id"
    case existsWithDifferentAmount = "exists_with_different_amount"
    case existsWithDifferentSubject = "exists_with_different_user_data_128"
    case existsWithDifferentNote = "exists_with_different_user_data_64"
    case existsWithDifferentParts = "exists_with_different_user_data_32"
    case existsWithDifferentCode = "exists_with_different_code"
    case exists
    case idAlreadyFailed = "id_already_failed"
    /// Amounts are signed here; TigerBeetle's are not.
    case amountMustNotBeNegative = "amount_must_not_be_negative"
    case debitMustNotBeZero = "debit_account_id_must_not_be_zero"
    case debitMustNotBeMax = "debit_account_id_must_not_be_int_max"
    case creditMustNotBeZero = "credit_account_id_must_not_be_zero"
    case creditMustNotBeMax = "credit_account_id_must_not_be_int_max"
    case accountsMustBeDifferent = "accounts_must_be_different"
    case pendingIDMustBeZero = "pending_id_must_be_zero"
    case pendingIDMustNotBeZero = "pending_id_must_not_be_zero"
    case pendingIDMustNotBeMax = "pending_id_must_not_be_int_max"
    case pendingIDMustBeDifferent = "pending_id_must_be_different"
    case timeoutReservedForPending = "timeout_reserved_for_pending_transfer"
    case debitNotFound = "debit_account_not_found"
    case creditNotFound = "credit_account_not_found"
    case pendingNotFound = "pending_transfer_not_found"
    case pendingNotPending = "pending_transfer_not_pending"
    case pendingHasDifferentDebit = "pending_transfer_has_different_debit_account_id"
    case pendingHasDifferentCredit = "pending_transfer_has_different_credit_account_id"
    case pendingHasDifferentCode = "pending_transfer_has_different_code"
    case exceedsPendingAmount = "exceeds_pending_transfer_amount"
    case pendingHasDifferentAmount = "pending_transfer_has_different_amount"
    case pendingAlreadyPosted = "pending_transfer_already_posted"
    case pendingAlreadyVoided = "pending_transfer_already_voided"
    case pendingExpired = "pending_transfer_expired"
    case overflowsDebitsPending = "overflows_debits_pending"
    case overflowsCreditsPending = "overflows_credits_pending"
    case overflowsDebitsPosted = "overflows_debits_posted"
    case overflowsCreditsPosted = "overflows_credits_posted"
    case overflowsDebits = "overflows_debits"
    case overflowsCredits = "overflows_credits"
    case overflowsTimeout = "overflows_timeout"
    case exceedsCredits = "exceeds_credits"

    // Of operations only.
    /// A hold has a term of at least a second.
    case timeoutMustNotBeZero = "timeout_must_not_be_zero"
    /// The payment, hold or dispute named does not exist.
    case subjectNotFound = "subject_not_found"
    /// More than is left to be given back, taken back or written off.
    case exceedsSubject = "exceeds_subject_amount"
    /// Late usage is for holds that expired.
    case pendingNotExpired = "pending_transfer_not_expired"
    /// The dispute was won or lost before.
    case disputeAlreadyDecided = "dispute_already_decided"

    /// Depends on the state: the id stays failed, so that a retry cannot succeed where the first answer was no.
    var isTransient: Bool {
        switch self {
        case .debitNotFound, .creditNotFound, .pendingNotFound, .exceedsCredits, .subjectNotFound, .exceedsSubject,
            .pendingNotExpired:
            true
        default: false
        }
    }

    /// It happened, now or before.
    public var isDone: Bool { self == .created || self == .exists }
}
