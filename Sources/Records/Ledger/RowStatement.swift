import GRDB
import GRDBSQLite

/// A statement that is run once per receipt: values are bound as they are, without an array of boxed ones for each row.
@safe struct RowStatement {
    /// Keeps the handle alive.
    private let statement: Statement
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ sql: String, in database: Database) throws {
        guard let connection = unsafe database.sqliteConnection else { throw StorageFault.failed }
        statement = try database.cachedStatement(sql: sql)
        unsafe handle = statement.sqliteStatement
        unsafe self.connection = connection
    }

    func bind(_ index: Int32, _ value: Int64) { unsafe sqlite3_bind_int64(handle, index, value) }

    /// - Parameter bytes: lent until `run` returns; SQLite reads them in place.
    func bind(_ index: Int32, _ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { memory in
            _ = unsafe sqlite3_bind_blob(handle, index, memory.baseAddress, Int32(memory.count), nil)
        }
    }

    /// Runs the statement to its end and forgets what was bound.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run() throws -> Int {
        let code = unsafe sqlite3_step(handle)
        let changes = unsafe Int(sqlite3_changes(connection))
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        return changes
    }
}
