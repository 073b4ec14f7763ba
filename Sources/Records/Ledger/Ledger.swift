import GRDB
import Vocabulary

/// The SQLite file: one writer, several readers. What it may be asked stands in the stores built on it.
public final class Ledger: Sendable {
    let pool: DatabasePool
    /// A connection of its own for `PRAGMA data_version`, which counts what others committed.
    private let watcher: DatabaseQueue

    /// Opens the ledger of `directory` and brings its schema up to date.
    public init(_ directory: DataDirectory) throws(StorageFault) {
        // SQLite would make it by the umask; WAL files take the mode of the ledger.
        try FileBytes.create(directory.ledgerPath)
        do {
            pool = try DatabasePool(path: directory.ledgerPath, configuration: Self.configuration)
            // After its preparations GRDB sets NORMAL for WAL, with which a power cut undoes commits whose journal segment
            // is already deleted.
            // The writer's pages stay in memory, for random wallets touch many. The write-ahead log is moved into the file
            // at 8 MiB: longer, and each of its pages is cold again when it is written next.
            try pool.writeWithoutTransaction {
                try $0.execute(
                    sql: """
                        PRAGMA synchronous = FULL;
                        PRAGMA cache_size = -32768;
                        PRAGMA wal_autocheckpoint = 1024;
                        """)
            }
            try Schema.migrate(pool)
            watcher = try DatabaseQueue(path: directory.ledgerPath, configuration: Self.configuration)
        } catch {
            throw StorageFault(mapping: error)
        }
    }

    /// Rises whenever another connection committed a change.
    func dataVersion() throws(StorageFault) -> Int64 {
        do {
            return try watcher.read { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
        } catch {
            throw StorageFault(mapping: error)
        }
    }

    func read<Value: Sendable>(_ body: (Database) throws -> Value) throws(StorageFault) -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw StorageFault(mapping: error)
        }
    }

    /// One transaction.
    func write<Value: Sendable>(_ body: (Database) throws -> Value) throws(StorageFault) -> Value {
        do {
            return try pool.write(body)
        } catch {
            throw StorageFault(mapping: error)
        }
    }

    /// Moves the write-ahead log into the file and empties it, so that what was erased is in neither.
    func truncateLog() throws(StorageFault) {
        do {
            _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch {
            throw StorageFault(mapping: error)
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 3
        configuration.prepareDatabase { database in
            // The waiting time comes first: switching to WAL can meet another process's lock.
            try database.execute(sql: "PRAGMA busy_timeout = 5000")
            if !database.configuration.readonly {
                try database.execute(
                    sql: """
                        PRAGMA page_size = 8192;
                        PRAGMA journal_mode = WAL;
                        PRAGMA wal_autocheckpoint = 2000;
                        PRAGMA secure_delete = ON;
                        PRAGMA journal_size_limit = 67108864;
                        """)
            }
        }
        return configuration
    }
}

extension StorageFault {
    /// A foreign error may hold SQL, paths or values: only its number goes on.
    init(mapping error: any Error) {
        if let fault = error as? StorageFault {
            self = fault
        } else if let error = error as? DatabaseError {
            switch error.resultCode {
            case .SQLITE_FULL: self = .diskFull
            case .SQLITE_READONLY, .SQLITE_PERM: self = .notWritable
            case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged
            default: self = .failed(code: error.extendedResultCode.rawValue)
            }
        } else {
            self = .failed
        }
    }
}
