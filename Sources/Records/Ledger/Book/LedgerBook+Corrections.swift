import GRDB
import Secrets
public import Vocabulary

extension LedgerBook {
    /// What happens to a payment after it was credited, and to debt.
    public enum Correction: Sendable {
        /// A part of it goes back to who paid; the rest of a payment that is spent already becomes debt.
        case refund(of: String, NanoUSD)
        /// The payer's bank took it back, for now.
        case dispute(of: String, NanoUSD)
        /// What the bank decided.
        case disputeWon
        case disputeLost
        /// Debt is forgiven.
        case writeOff(OrganisationID, NanoUSD)
    }

    /// What became of a correction.
    public struct Corrected: Sendable {
        public var answer: LedgerAnswer
        /// The wallet it changed, after it.
        public var wallet: LedgerAccount?
    }

    /// Posts a correction under a business key of its own (of a decision: the dispute's): the same again changes nothing,
    /// something else under the key is refused. Payments are named by the business keys of their grants.
    ///
    /// - Returns: `nil` when a key is not 1 to 96 of `A-Z a-z 0-9 . _ : / @ + -`.
    public func correct(
        _ correction: Correction, businessKey: String, processor: UInt32 = 0, at now: Moment
    ) throws(StorageFault) -> Corrected? {
        guard Self.isBusinessKey(businessKey) else { return nil }
        return try ledger.write { database in
            func payment(_ key: String) throws -> LedgerID {
                // One that was never credited has an id that nothing has.
                try Self.granted(key, processor, in: database) ?? Self.id("payment", processor, key)
            }
            let id = Self.id("correction", processor, businessKey)
            let decision = Self.id("decision", processor, businessKey)
            let operation: LedgerOperation =
                switch correction {
                case .refund(let key, let amount): .refundPayment(id, topUp: try payment(key), amount)
                case .dispute(let key, let amount): .disputeOpened(id, topUp: try payment(key), amount)
                case .disputeWon: .disputeWon(decision, dispute: id)
                case .disputeLost: .disputeLost(decision, dispute: id)
                case .writeOff(let organisation, let amount): .writeOff(id, organisation, amount)
                }
            let answer = try Self.perform([operation], at: now, in: database)[0]
            let source = SQLiteSource(database: database)
            let posted = try operation.id.flatMap { try source.transfer($0)?.transfer }
            let wallet = posted.flatMap { posted in
                [posted.debit, posted.credit].first { AccountName($0)?.kind == .wallet }
            }
            return Corrected(answer: answer, wallet: try wallet.flatMap { try source.account($0) })
        }
    }

    /// The same for the same words, so that a repeat is the same operation.
    private static func id(_ kind: String, _ processor: UInt32, _ key: String) -> LedgerID {
        let digest = SHA256Digest.of(Array("tacet ledger \(kind) \(processor) \(key)".utf8))
        return LedgerID(bytes: digest.prefix(16)) ?? .max
    }
}
