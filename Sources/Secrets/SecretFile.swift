import Glibc

/// Why a key file could not be used.
public struct KeyFileFault: Error, Hashable, Sendable {
    private enum Kind: Hashable, Sendable {
        case unreadable
        case unwritable
        case wrongLength
        case openToOthers
    }

    private let kind: Kind

    public static let unreadable = KeyFileFault(kind: .unreadable)
    public static let unwritable = KeyFileFault(kind: .unwritable)
    public static let wrongLength = KeyFileFault(kind: .wrongLength)
    /// Group or others may read it.
    public static let openToOthers = KeyFileFault(kind: .openToOthers)

    /// The stable name of the fault.
    public var name: StaticString {
        switch kind {
        case .unreadable: "key_file_unreadable"
        case .unwritable: "key_file_unwritable"
        case .wrongLength: "key_file_wrong_length"
        case .openToOthers: "key_file_open_to_others"
        }
    }
}

/// Small files of key material: mode 0600, appearing whole or not at all.
public enum SecretFile {
    /// The secret at `path`, made from `fresh` and synced to disk when there is none. Two processes that start at once
    /// agree: the first link wins and the other reads it.
    public static func loadOrCreate(
        path: String, count: Int, fresh: () -> [UInt8]
    ) throws(KeyFileFault) -> SecretBytes {
        if let found = try load(path: path, count: count) { return found }
        var bytes = fresh()
        defer { wipe(&bytes) }
        guard bytes.count == count else { throw .wrongLength }
        try create(path: path, bytes: bytes)
        guard let made = try load(path: path, count: count) else { throw .unreadable }
        return made
    }

    /// `nil` when there is no such file.
    static func load(path: String, count: Int) throws(KeyFileFault) -> SecretBytes? {
        guard var bytes = try read(path: path, atMost: count + 1) else { return nil }
        defer { wipe(&bytes) }
        guard bytes.count == count else { throw .wrongLength }
        return SecretBytes(copying: bytes.span)
    }

    /// The file's first bytes, to be wiped by the caller; `nil` when there is no such file.
    static func read(path: String, atMost limit: Int) throws(KeyFileFault) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if file < 0 {
            if errno == ENOENT { return nil }
            throw .unreadable
        }
        defer { close(file) }
        var facts = stat()
        guard unsafe fstat(file, &facts) == 0 else { throw .unreadable }
        guard facts.st_mode & 0o077 == 0 else { throw .openToOthers }
        var bytes = [UInt8](repeating: 0, count: limit)
        var filled = 0
        while filled < limit {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(file, $0.baseAddress.map { unsafe $0 + filled }, limit - filled)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else {
                wipe(&bytes)
                throw .unreadable
            }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(limit - filled)
        return bytes
    }

    private static func create(path: String, bytes: [UInt8]) throws(KeyFileFault) {
        let draft = path + ".\(getpid()).new"
        unsafe unlink(draft)
        let file = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .unwritable }
        defer { unsafe unlink(draft) }
        let written = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        let synced = fsync(file)
        close(file)
        guard written == bytes.count, synced == 0 else { throw .unwritable }
        // A link, unlike a rename, never replaces a key that somebody else made meanwhile.
        guard unsafe link(draft, path) == 0 || errno == EEXIST else { throw .unwritable }
        try syncFolder(of: path)
    }

    /// Overwrites a file with zeros and deletes it. What the disk itself keeps of former blocks is the disk's to encrypt.
    static func destroy(path: String) throws(KeyFileFault) {
        try overwrite(path: path)
        guard unsafe unlink(path) == 0 else { throw .unwritable }
        try syncFolder(of: path)
    }

    /// Zeros in the place of a key of 32 bytes.
    static func overwrite(path: String) throws(KeyFileFault) {
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw .unwritable }
        defer { close(file) }
        // Cut first: half of a written form and half of zeros would be no key of any form.
        guard ftruncate(file, 32) == 0 else { throw .unwritable }
        let zeros = [UInt8](repeating: 0, count: 32)
        let written = unsafe zeros.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        guard written == 32, fsync(file) == 0 else { throw .unwritable }
    }

    /// The folder a file is to stand in, for its owner alone.
    static func makeFolder(of path: String) throws(KeyFileFault) {
        let folder = folder(of: path)
        guard unsafe mkdir(folder, 0o700) == 0 else {
            guard errno == EEXIST else { throw .unwritable }
            return
        }
        try syncFolder(of: folder)
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    static func syncFolder(of path: String) throws(KeyFileFault) {
        let folder = unsafe open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .unwritable }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .unwritable }
    }
}
