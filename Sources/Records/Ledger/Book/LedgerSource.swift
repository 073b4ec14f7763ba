import Vocabulary

/// What was recorded before: nothing for a ledger in memory, the tables for one in SQLite.
protocol LedgerSource {
    associatedtype Failure: Error

    /// The newest transfer's sequence and time; zero without one.
    func newest() throws(Failure) -> (sequence: Int64, at: Moment)
    func account(_ id: LedgerID) throws(Failure) -> LedgerAccount?
    func transfer(_ id: LedgerID) throws(Failure) -> ResolvedTransfer?
    func hasFailed(_ id: LedgerID) throws(Failure) -> Bool
    func promotions(of organisation: UInt64) throws(Failure) -> [LedgerAccount]
    /// The accounts of a node's leases of an organisation, empty ones included.
    func leases(of organisation: UInt64, node: UInt16) throws(Failure) -> [LedgerAccount]
    /// Transfers with this subject, oldest first.
    func about(_ subject: LedgerID) throws(Failure) -> [LedgerTransfer]
    /// Unresolved pending transfers whose term is over, the longest over first.
    func due(at now: Moment, limit: Int) throws(Failure) -> [LedgerTransfer]
    /// Promotions of any organisation past their expiry that still have credit, by expiry.
    func expiredPromotions(at now: Moment, limit: Int) throws(Failure) -> [LedgerAccount]
}

/// A recorded transfer and, if it was pending, what resolved it.
struct ResolvedTransfer: Hashable, Sendable {
    var transfer: LedgerTransfer
    var resolution: LedgerTransfer?
}

/// A ledger that begins empty and stays in memory.
struct EmptySource: LedgerSource {
    func newest() -> (sequence: Int64, at: Moment) { (0, Moment(microseconds: 0)) }
    func account(_ id: LedgerID) -> LedgerAccount? { nil }
    func transfer(_ id: LedgerID) -> ResolvedTransfer? { nil }
    func hasFailed(_ id: LedgerID) -> Bool { false }
    func promotions(of organisation: UInt64) -> [LedgerAccount] { [] }
    func leases(of organisation: UInt64, node: UInt16) -> [LedgerAccount] { [] }
    func about(_ subject: LedgerID) -> [LedgerTransfer] { [] }
    func due(at now: Moment, limit: Int) -> [LedgerTransfer] { [] }
    func expiredPromotions(at now: Moment, limit: Int) -> [LedgerAccount] { [] }
}
