import Glibc

/// The master key in a file of mode 0600. A rotation puts the next key beside it first, so that a crash at any point
/// leaves both keys readable until every data key is wrapped under the new one.
public struct MasterKeyFile: Sendable {
    public let path: String
    private var nextPath: String { path + ".next" }

    public init(_ path: String) { self.path = path }

    /// The key, as 32 bytes or in a written form; made when there is none and `makes` is set.
    public func load(makes: Bool) throws(KeyFileFault) -> MasterKey? {
        if let found = try Self.read(path) { return found }
        guard makes else { return nil }
        return try Self.made(path)
    }

    /// What a rotation that did not end left.
    public func next() throws(KeyFileFault) -> MasterKey? { try Self.read(nextPath) }

    /// Puts a fresh key beside the present one, or finds the one a rotation left.
    public func makeNext() throws(KeyFileFault) -> MasterKey { try Self.made(nextPath) }

    /// The next key becomes the key; what it replaces is overwritten before it goes.
    public func promote() throws(KeyFileFault) {
        try SecretFile.overwrite(path: path)
        guard unsafe rename(nextPath, path) == 0 else { throw .unwritable }
        try SecretFile.syncFolder(of: path)
    }

    private static func made(_ path: String) throws(KeyFileFault) -> MasterKey {
        guard let key = try? MasterKey(try SecretFile.loadOrCreate(path: path, count: 32) { randomBytes(32) }) else {
            throw .unwritable
        }
        return key
    }

    private static func read(_ path: String) throws(KeyFileFault) -> MasterKey? {
        guard var bytes = try SecretFile.read(path: path, atMost: 128) else { return nil }
        guard let key = try? MasterKey(reading: &bytes) else { throw .wrongLength }
        return key
    }
}
