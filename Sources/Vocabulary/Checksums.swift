/// CRC-32 (IEEE 802.3), for the last six characters of a gateway key.
public enum CRC32 {
    public static let start: UInt32 = 0xffff_ffff
    private static let table = checksumTable(reflected: 0xedb8_8320)

    public static func next(_ crc: UInt32, _ byte: UInt8) -> UInt32 {
        table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8
    }

    public static func end(_ crc: UInt32) -> UInt32 { ~crc }
}

/// CRC-32C (Castagnoli), which guards every journal record.
public enum CRC32C {
    /// Four tables: four bytes a step.
    private static let tables: [[UInt32]] = {
        let first = checksumTable(reflected: 0x82f6_3b78)
        var all = [first]
        for slice in 1..<4 { all.append(all[slice - 1].map { first[Int($0 & 0xff)] ^ $0 >> 8 }) }
        return all
    }()

    public static func of(_ bytes: RawSpan) -> UInt32 {
        let (t0, t1, t2, t3) = (tables[0], tables[1], tables[2], tables[3])
        var crc: UInt32 = 0xffff_ffff
        var at = 0
        while at + 4 <= bytes.byteCount {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)
            crc ^= UInt32(littleEndian: word)
            crc =
                t3[Int(crc & 0xff)] ^ t2[Int(crc >> 8 & 0xff)] ^ t1[Int(crc >> 16 & 0xff)] ^ t0[Int(crc >> 24)]
            at += 4
        }
        while at < bytes.byteCount {
            let byte = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt8.self)
            crc = t0[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8
            at += 1
        }
        return ~crc
    }
}

private func checksumTable(reflected polynomial: UInt32) -> [UInt32] {
    (0..<256).map { (index: UInt32) in
        var value = index
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
        return value
    }
}
