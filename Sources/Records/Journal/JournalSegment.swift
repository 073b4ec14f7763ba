import Glibc
import Vocabulary

/// One file of a node's journal, `<epoch>-<number>.seg`: a header of 64 bytes, then records.
public struct JournalSegment: Hashable, Sendable {
    public static let magic: [UInt8] = Array("TACETJNL".utf8)
    public static let version: UInt32 = 1
    public static let headerLength = 64

    public var epoch: UInt32
    public var number: UInt32

    public init(epoch: UInt32, number: UInt32) {
        self.epoch = epoch
        self.number = number
    }

    /// The 64 bytes a segment begins with; `firstSequence` is 0 until its first record's number is known.
    public static func header(node: UInt32, segment: JournalSegment, firstSequence: UInt64) -> [UInt8] {
        var out = magic
        for value in [version, node, segment.epoch, segment.number] {
            for shift in 0..<4 { out.append(UInt8(truncatingIfNeeded: value >> UInt32(shift * 8))) }
        }
        for shift in 0..<8 { out.append(UInt8(truncatingIfNeeded: firstSequence >> UInt64(shift * 8))) }
        return out + [UInt8](repeating: 0, count: headerLength - out.count)
    }

    /// A file name with both numbers in ten digits, so that names sort as numbers do.
    public var fileName: String { Self.padded(epoch) + "-" + Self.padded(number) + ".seg" }

    /// Reads a file name whatever the width of its numbers.
    init?(fileName: String) {
        guard fileName.hasSuffix(".seg") else { return nil }
        let parts = fileName.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }),
            let epoch = UInt32(parts[0]), let number = UInt32(parts[1])
        else { return nil }
        self.init(epoch: epoch, number: number)
    }

    struct Found: Sendable {
        var segment: JournalSegment
        var path: String
        var epoch: UInt32 { segment.epoch }
    }

    /// The segments in a folder, oldest first.
    static func list(in folder: String) throws(StorageFault) -> [Found] {
        var all: [Found] = []
        for name in try FileBytes.names(in: folder) {
            if let segment = JournalSegment(fileName: name) {
                all.append(Found(segment: segment, path: folder + "/" + name))
            }
        }
        return all.sorted { ($0.segment.epoch, $0.segment.number) < ($1.segment.epoch, $1.segment.number) }
    }

    /// Empties a drained file and keeps it for the journal's next segment; a file that cannot be kept is deleted.
    static func retire(_ path: String, in folder: String) {
        for number in 0..<SpareSegment.limit {
            let spare = folder + "/" + SpareSegment.name(number)
            guard unsafe access(spare, F_OK) != 0 else { continue }
            guard FileBytes.overwriteWithZeros(path), unsafe rename(path, spare) == 0 else { break }
            return
        }
        FileBytes.remove(path)
    }

    private static func padded(_ value: UInt32) -> String {
        let digits = String(value)
        return String(repeating: "0", count: 10 - digits.count) + digits
    }
}

/// How far an epoch's journal has been drained.
struct JournalPosition: Equatable, Sendable {
    var segment: UInt32
    var offset: Int
    /// The highest sequence seen.
    var sequence: UInt64

    static let start = JournalPosition(segment: 0, offset: JournalSegment.headerLength, sequence: 0)
}
