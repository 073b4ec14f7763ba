import GRDB
import Vocabulary

@testable import Records

/// The two ledgers that one suite holds to the same rules.
enum EngineKind: CaseIterable, Sendable {
    case memory
    case sqlite

    func make() throws -> any Engine {
        switch self {
        case .memory: MemoryEngine()
        case .sqlite: try SQLiteEngine()
        }
    }
}

/// A ledger under test.
protocol Engine: AnyObject {
    func perform(_ operations: [LedgerOperation], at now: Int64) throws -> [LedgerAnswer]
    func apply(_ chain: [LedgerTransfer], at now: Int64) throws -> [TransferResult]
    func open(_ names: [AccountName]) throws
    func accounts() throws -> [LedgerAccount]
    func transfers() throws -> [LedgerTransfer]
    func audit(at now: Int64) throws -> [LedgerAudit.Finding]
}

extension Engine {
    @discardableResult
    func perform(_ operation: LedgerOperation, at now: Int64 = 0) throws -> TransferResult {
        try perform([operation], at: now)[0].result
    }

    func apply(_ transfer: LedgerTransfer, at now: Int64 = 0) throws -> TransferResult {
        try apply([transfer], at: now)[0]
    }

    func account(_ name: AccountName) throws -> LedgerAccount? { try accounts().first { $0.name == name } }

    func balance(_ name: AccountName) throws -> Int64 { try account(name)?.balance.value ?? 0 }

    /// What fails, but for top-ups that tests make without a business key.
    func failures(at now: Int64 = 0) throws -> [LedgerAudit.Finding] {
        try audit(at: now).filter { $0.failed > 0 && $0.invariant != .grants }
    }
}

func seconds(_ count: Int64) -> Moment { Moment(microseconds: count * 1_000_000) }

final class MemoryEngine: Engine {
    var state = LedgerState()

    func perform(_ operations: [LedgerOperation], at now: Int64) -> [LedgerAnswer] {
        operations.map { state.perform($0, at: seconds(now)) }
    }

    func apply(_ chain: [LedgerTransfer], at now: Int64) -> [TransferResult] {
        state.advance(to: seconds(now))
        return state.apply(chain)
    }

    func open(_ names: [AccountName]) { for name in names { state.open(name) } }
    func accounts() -> [LedgerAccount] { state.opened.compactMap { state.accounts[$0.id] } }
    func transfers() -> [LedgerTransfer] { state.created }

    func audit(at now: Int64) -> [LedgerAudit.Finding] {
        state.advance(to: seconds(now))
        return state.audit()
    }
}

final class SQLiteEngine: Engine {
    let folder: TemporaryFolder
    private(set) var ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(try DataDirectory(folder.path + "/data"))
    }

    /// Opens the file anew, as after a restart.
    func reopen() throws { ledger = try Ledger(try DataDirectory(folder.path + "/data")) }

    var book: LedgerBook { LedgerBook(ledger) }

    func perform(_ operations: [LedgerOperation], at now: Int64) throws -> [LedgerAnswer] {
        try book.perform(operations, at: seconds(now))
    }

    func apply(_ chain: [LedgerTransfer], at now: Int64) throws -> [TransferResult] {
        try change { state in
            state.advance(to: seconds(now))
            return try state.apply(chain)
        }
    }

    func open(_ names: [AccountName]) throws {
        try change { state in for name in names { try state.open(name) } }
    }

    private func change<Value: Sendable>(
        _ body: (inout LedgerState<SQLiteSource>) throws -> Value
    ) throws -> Value {
        try ledger.write { database in
            var state = try LedgerState(SQLiteSource(database: database))
            let value = try body(&state)
            try state.record()
            return value
        }
    }

    func accounts() throws -> [LedgerAccount] { try book.accounts() }

    func transfers() throws -> [LedgerTransfer] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: SQLiteSource.transfers + " ORDER BY t.sequence").map(SQLiteSource.transfer)
        }
    }

    func audit(at now: Int64) throws -> [LedgerAudit.Finding] { try book.check(at: seconds(now)).findings }
}

func id(_ number: Int) -> LedgerID { LedgerID(UInt128(number)) }

extension AccountName {
    static let home = AccountName.wallet(.home)
    static let revenue = AccountName(.revenue)
    static let clearing = AccountName(.clearing)
}
