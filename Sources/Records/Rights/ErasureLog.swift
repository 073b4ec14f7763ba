public import Vocabulary

/// The numbers of purged organisations in a file beside the ledger, so that a copy of the ledger from before a purge does not
/// bring anybody back (`RULES.md` 39).
public struct ErasureLog: Sendable {
    private let path: String

    public init(_ directory: DataDirectory) { path = directory.keysPath + "/erased" }

    public func organisations() throws(StorageFault) -> [OrganisationID] {
        let bytes = try FileBytes.read(path, atMost: 1 << 24) ?? []
        return try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line throws(StorageFault) in
            guard let number = UInt64(line) else { throw .damaged }
            return OrganisationID(number)
        }
    }

    /// Synced when it returns. An organisation stands in it once.
    public func add(_ organisation: OrganisationID) throws(StorageFault) {
        try write(try organisations().filter { $0 != organisation } + [organisation])
    }

    /// At the end of its tombstone.
    public func remove(_ organisation: OrganisationID) throws(StorageFault) {
        try write(try organisations().filter { $0 != organisation })
    }

    private func write(_ organisations: [OrganisationID]) throws(StorageFault) {
        try FileBytes.replace(path, with: organisations.flatMap { Array("\($0.value)\n".utf8) })
    }
}
