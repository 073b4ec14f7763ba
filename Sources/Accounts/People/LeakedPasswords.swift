import Glibc
import Secrets

/// A file of the SHA-1 digests of passwords known from leaks, in order, one a line in hexadecimal, as Have I Been Pwned gives
/// it out (`ABC…:count`). It is searched where it lies: some forty short reads however large it is, and nothing of a password
/// leaves the process.
public struct LeakedPasswords: Sendable, Equatable {
    private let path: String
    private static let digits = 40
    /// More than the longest line: digest, colon, count, line end.
    private static let line = 80

    /// `nil` when the file cannot be read, or does not begin with a digest.
    public init?(path: String) {
        self.path = path
        guard contains("") != nil else { return nil }
    }

    /// Whether a password is in the file; `nil` when the file is gone or is none of digests in lines.
    public func contains(_ password: String) -> Bool? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let wanted = leakDigest(of: password)
        // Lines that begin before `low` are less, those that begin at `high` or later are greater.
        var (low, high) = (0, Int(lseek(file, 0, SEEK_END)))
        guard high > Self.digits, Self.digest(Self.read(file, at: 0)[...]) != nil else { return nil }
        while low < high {
            let middle = low + (high - low) / 2
            let from = max(0, middle - 1)
            let bytes = Self.read(file, at: from)
            let skipped = middle == 0 ? 0 : bytes.firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
            guard skipped < Self.line else { return nil }
            let start = from + skipped
            guard start < high else {
                high = middle
                continue
            }
            guard let found = Self.digest(bytes[skipped...]) else { return nil }
            if found == wanted { return true }
            if found.lexicographicallyPrecedes(wanted) { low = start + 1 } else { high = middle }
        }
        return false
    }

    private static func read(_ file: Int32, at offset: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 2 * line) { buffer, count in
            count = max(0, unsafe pread(file, buffer.baseAddress, buffer.count, off_t(offset)))
        }
    }

    /// The digest a line begins with, in upper case.
    private static func digest(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        let digest = line.prefix(digits).map { (0x61...0x66).contains($0) ? $0 - 0x20 : $0 }
        guard digest.count == digits,
            digest.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) })
        else { return nil }
        return digest
    }
}
