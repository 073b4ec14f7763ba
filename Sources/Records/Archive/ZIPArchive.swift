import Vocabulary

/// A ZIP file of stored members, written and read without packing: what is signed is what stands there.
struct ZIPArchive {
    private(set) var members: [(name: [UInt8], bytes: [UInt8])] = []

    mutating func add(_ name: String, _ bytes: [UInt8]) { members.append((Array(name.utf8), bytes)) }

    subscript(_ name: String) -> [UInt8]? { members.first { $0.name.elementsEqual(name.utf8) }?.bytes }

    init() {}

    /// Local headers and members, the directory, its end (APPNOTE 4.3); names are UTF-8, times are left at 1980.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        var directory: [UInt8] = []
        for (name, bytes) in members {
            let start = out.count
            let facts = Self.facts(name, bytes)
            out += [0x50, 0x4b, 3, 4, 20, 0] + facts + name + bytes
            directory += [0x50, 0x4b, 1, 2, 20, 0, 20, 0] + facts + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            directory += Self.little(UInt32(start)) + name
        }
        let place = out.count
        out += directory
        let count = Self.little(UInt16(members.count))
        return out + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + Self.little(UInt32(directory.count))
            + Self.little(UInt32(place)) + [0, 0]
    }

    /// Flags, method, time, date, checksum, two lengths, the name's length, no extra.
    private static func facts(_ name: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        let size = little(UInt32(bytes.count))
        return [0, 8, 0, 0, 0, 0, 0x21, 0] + little(checksum(bytes)) + size + size + little(UInt16(name.count)) + [
            0, 0,
        ]
    }

    /// Reads what `bytes` writes and nothing else: `nil` for other methods, spare bytes, wrong sums, names given twice.
    init?(_ bytes: [UInt8]) {
        var at = 0
        while at + 30 <= bytes.count, Array(bytes[at..<at + 4]) == [0x50, 0x4b, 3, 4] {
            let size = Int(Self.number(bytes, at + 18, 4))
            let nameSize = Int(Self.number(bytes, at + 26, 2))
            guard at + 30 + nameSize + size <= bytes.count else { return nil }
            let name = Array(bytes[(at + 30)..<(at + 30 + nameSize)])
            at += 30 + nameSize + size
            guard !members.contains(where: { $0.name == name }) else { return nil }
            members.append((name, Array(bytes[(at - size)..<at])))
        }
        // Whatever was read wrong, or stands beside it, makes another file.
        guard self.bytes == bytes else { return nil }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        CRC32.end(bytes.reduce(CRC32.start) { CRC32.next($0, $1) })
    }

    private static func little(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
        (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[at + $1]) }
    }
}
