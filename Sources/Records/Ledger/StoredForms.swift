import Foundation
import GRDB
import Vocabulary

// How numbers and bytes of the vocabulary stand in SQLite columns.

extension UInt64 {
    /// SQLite has no unsigned integers: the bits are kept.
    var stored: Int64 { Int64(bitPattern: self) }
}

extension [UInt8] {
    /// A BLOB.
    var stored: Data { Data(self) }
}

extension Row {
    func unsigned(_ column: String) -> UInt64 { UInt64(bitPattern: self[column] as Int64) }
    func bytes(_ column: String) -> [UInt8] { Array(self[column] as Data) }
    func optionalBytes(_ column: String) -> [UInt8]? { (self[column] as Data?).map { Array($0) } }

    func receipt(_ column: String) throws -> Receipt {
        let canonical = bytes(column)
        guard let receipt = unsafe Receipt(canonicalBytes: canonical.span.bytes) else { throw StorageFault.damaged }
        return receipt
    }
}

extension RequestID {
    /// 16 bytes, big-endian, so that they sort by time.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(16)
        for word in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                out.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return out
    }

    init?(bytes: Data) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
        }
        self.init(high: words.0, low: words.1)
    }
}
