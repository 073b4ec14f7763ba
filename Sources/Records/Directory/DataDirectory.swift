import Glibc

/// The one directory of an installation: ledger, keys, journals and logs.
public struct DataDirectory: Sendable {
    public let path: String
    /// The node that serves from here. Several may, each with a journal and a lock of its own (`RULES.md` 34).
    public let node: UInt32
    public static let nodes: ClosedRange<UInt32> = 1...999

    public var ledgerPath: String { path + "/ledger.sqlite" }
    /// The operator's own prices, in the form of the price book.
    public var pricesPath: String { path + "/prices.txt" }
    public var keysPath: String { path + "/keys" }
    public var nodePath: String { path + "/nodes/\(node)" }
    public var journalPath: String { nodePath + "/journal" }
    public var logsPath: String { path + "/logs" }
    private var lockPath: String { node == 1 ? path + "/server.lock" : nodePath + "/server.lock" }
    /// Of the server of this node.
    public var controlPath: String { node == 1 ? path + "/control.sock" : nodePath + "/control.sock" }

    /// Makes what is missing (mode 0700) and proves by writing a file that the directory can be used.
    public init(_ path: String, node: UInt32 = 1) throws(StorageFault) {
        self.path = path
        self.node = node
        try Self.makeParents(of: path)
        for folder in [path, keysPath, path + "/nodes", nodePath, journalPath, logsPath] { try Self.make(folder) }
        let probe = path + "/.probe.\(getpid())"
        let file = unsafe open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.fault(errno) }
        defer {
            close(file)
            unsafe unlink(probe)
        }
        // A block must be had: an empty file can be made on a full disk.
        let block = posix_fallocate(file, 0, 4096)
        if block == ENOSPC || block == EDQUOT { throw .diskFull }
    }

    /// Puts the operator's own prices in the place of those before, whole or not at all.
    public func replacePrices(_ text: [UInt8]) throws(StorageFault) { try FileBytes.replace(pricesPath, with: text) }

    /// Takes the server's lock and begins a new epoch. The lock lasts as long as the value returned.
    public func lockForServer() throws(StorageFault) -> ServerLock {
        let file = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.fault(errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(file)
            throw code == EWOULDBLOCK ? .lockedByAnotherServer : Self.fault(code)
        }
        do {
            return ServerLock(file: file, epoch: try beginEpoch())
        } catch {
            close(file)
            throw error
        }
    }

    /// Whether a server holds the lock at this moment.
    public var isServed: Bool {
        let file = unsafe open(lockPath, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_EX | LOCK_NB) != 0
    }

    /// The nodes that ever served from here, this one included, in order.
    public func known() throws(StorageFault) -> [DataDirectory] {
        guard let folder = unsafe opendir(path + "/nodes") else { throw Self.fault(errno) }
        defer { unsafe closedir(folder) }
        var numbers: [UInt32] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = UInt32(name), Self.nodes.contains(number) { numbers.append(number) }
        }
        return try numbers.sorted().map { number throws(StorageFault) in try DataDirectory(path, node: number) }
    }

    /// One more than any epoch that left a trace here, synced before it is used.
    private func beginEpoch() throws(StorageFault) -> UInt32 {
        let file = nodePath + "/epoch"
        var last: UInt32 = 0
        if let bytes = try FileBytes.read(file, atMost: 16) {
            guard let value = UInt32(String(decoding: bytes, as: UTF8.self)) else { throw .damaged }
            last = value
        }
        for segment in try JournalSegment.list(in: journalPath) { last = max(last, segment.epoch) }
        guard last < .max else { throw .damaged }
        try FileBytes.replace(file, with: Array(String(last + 1).utf8))
        return last + 1
    }

    private static func make(_ folder: String) throws(StorageFault) {
        if unsafe mkdir(folder, 0o700) == 0 { return }
        guard errno == EEXIST else { throw fault(errno) }
        var facts = stat()
        guard unsafe stat(folder, &facts) == 0 else { throw fault(errno) }
        guard facts.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory }
        guard unsafe access(folder, R_OK | W_OK | X_OK) == 0 else { throw .notWritable }
    }

    private static func makeParents(of path: String) throws(StorageFault) {
        var at = path.startIndex
        while let slash = path[at...].dropFirst().firstIndex(of: "/") {
            let parent = String(path[..<slash])
            if unsafe mkdir(parent, 0o700) != 0, errno != EEXIST, errno != EISDIR { throw fault(errno) }
            at = slash
        }
    }

    static func fault(_ code: Int32) -> StorageFault {
        switch code {
        case ENOTDIR, ELOOP, ENAMETOOLONG: .notADirectory
        case EACCES, EPERM, EROFS: .notWritable
        case ENOSPC, EDQUOT: .diskFull
        default: .failed(code: code)
        }
    }
}

/// The hold of one server on its data directory; released when the value goes or the process ends.
public final class ServerLock: Sendable {
    private let file: Int32
    /// The number of this start, which no other start of the node has.
    public let epoch: UInt32

    init(file: Int32, epoch: UInt32) {
        self.file = file
        self.epoch = epoch
    }

    deinit { close(file) }
}
