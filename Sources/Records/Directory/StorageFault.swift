/// Why the data directory or the ledger cannot be used. Closed: it carries a code and a number, never a path or a text.
public struct StorageFault: Error, Hashable, Sendable {
    private enum Kind: Hashable, Sendable {
        case notADirectory
        case notWritable
        case lockedByAnotherServer
        case diskFull
        case newerSchema
        case damaged
        case busy
        case nameTaken
        case badName
        case failed
    }

    private let kind: Kind
    /// `errno` or SQLite's extended result code; 0 when there is none.
    public let code: Int32

    private init(_ kind: Kind, code: Int32 = 0) {
        self.kind = kind
        self.code = code
    }

    public static func == (a: StorageFault, b: StorageFault) -> Bool { a.kind == b.kind }
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }

    public static let notADirectory = StorageFault(.notADirectory)
    public static let notWritable = StorageFault(.notWritable)
    /// Another server serves from this directory.
    public static let lockedByAnotherServer = StorageFault(.lockedByAnotherServer)
    public static let diskFull = StorageFault(.diskFull)
    /// The ledger was written by a later version of Tacet.
    public static let newerSchema = StorageFault(.newerSchema)
    /// A file does not hold what its format says.
    public static let damaged = StorageFault(.damaged)
    /// Another process holds the ledger's write lock for too long.
    public static let busy = StorageFault(.busy)
    /// A live key of this name exists.
    public static let nameTaken = StorageFault(.nameTaken)
    /// Empty, longer than 64 characters or with control characters.
    public static let badName = StorageFault(.badName)
    /// Anything else; `code` says what.
    public static let failed = StorageFault(.failed)

    static func failed(code: Int32) -> StorageFault { StorageFault(.failed, code: code) }

    /// The stable name of the fault.
    public var name: StaticString {
        switch kind {
        case .notADirectory: "data_not_a_directory"
        case .notWritable: "data_not_writable"
        case .lockedByAnotherServer: "data_locked_by_another_server"
        case .diskFull: "disk_full"
        case .newerSchema: "ledger_newer_than_this_version"
        case .damaged: "ledger_damaged"
        case .busy: "ledger_busy"
        case .nameTaken: "key_name_taken"
        case .badName: "key_name_invalid"
        case .failed: "storage_failed"
        }
    }
}
