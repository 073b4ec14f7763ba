public import Vocabulary

/// What the business does with money: each a whole transaction, each harmless when it comes again under its id.
public enum LedgerOperation: Hashable, Sendable {
    /// Credit paid for; `processor` 0 is the operator's own book.
    case topUp(LedgerID, OrganisationID, NanoUSD, processor: UInt32, note: UInt64)
    /// Promotional credit, burnt by priority, expiry and creation, before paid credit.
    case promotion(LedgerID, OrganisationID, NanoUSD, priority: UInt8, expiresAt: Moment)
    /// Sets the most aside that a request may cost, for a term in seconds.
    case hold(LedgerID, OrganisationID, NanoUSD, timeout: UInt32)
    /// Charges what a request did cost; what is above the hold goes to write-off.
    case settle(LedgerID, hold: LedgerID, NanoUSD)
    /// The same after the hold expired: may take the wallet below zero, at most by what was held.
    case settleLate(LedgerID, hold: LedgerID, NanoUSD)
    case void(LedgerID, hold: LedgerID)
    /// Returns the holds whose term is over, at most 100,000 of them.
    case expireHolds(limit: Int)
    /// Gives a charge back, to the wallets it came from, the last burnt first.
    case refund(LedgerID, hold: LedgerID, NanoUSD)
    /// Gives a payment back, whether it was spent or not.
    case refundPayment(LedgerID, topUp: LedgerID, NanoUSD)
    case disputeOpened(LedgerID, topUp: LedgerID, NanoUSD)
    case disputeWon(LedgerID, dispute: LedgerID)
    case disputeLost(LedgerID, dispute: LedgerID)
    /// Forgives debt of a wallet below zero.
    case writeOff(LedgerID, OrganisationID, NanoUSD)
    /// Moves what is left of expired promotions to breakage.
    case expirePromotions(limit: Int)
    /// Books what providers are owed for a request.
    case providerCost(LedgerID, hold: LedgerID, NanoUSD)
    /// Gives a node credit to spend (`RULES.md` 30), promotions first in their burn order.
    case lease(LedgerID, OrganisationID, node: UInt16, NanoUSD)
    /// Charges what a node's requests did cost to what it leased; the subject is what they stand in. What is above the
    /// leases goes to write-off.
    case leaseUsage(LedgerID, OrganisationID, node: UInt16, NanoUSD, subject: LedgerID)
    /// Gives leased credit back to where it came from, the last in burn order first.
    case leaseReturn(LedgerID, OrganisationID, node: UInt16, NanoUSD)

    /// `nil` for those of the ledger's own time.
    var id: LedgerID? {
        switch self {
        case .topUp(let id, _, _, _, _), .promotion(let id, _, _, _, _), .hold(let id, _, _, _), .settle(let id, _, _),
            .settleLate(let id, _, _), .void(let id, _), .refund(let id, _, _), .refundPayment(let id, _, _),
            .disputeOpened(let id, _, _), .disputeWon(let id, _), .disputeLost(let id, _), .writeOff(let id, _, _),
            .providerCost(let id, _, _), .lease(let id, _, _, _), .leaseUsage(let id, _, _, _, _),
            .leaseReturn(let id, _, _, _):
            id
        case .expireHolds, .expirePromotions: nil
        }
    }
}

/// What became of an operation.
public struct LedgerAnswer: Hashable, Sendable {
    public var result: TransferResult
    /// Of the operations on time that has passed: how many holds or promotions.
    public var count = 0
}
