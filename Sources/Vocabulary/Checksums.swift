/// CRC-32 (IEEE 802.3), for the last six characters of a gateway key.
public enum CRC32 {
    public static let start: UInt32 = 0xffff_ffff
    private static let table = checksumTable(reflected: 0xedb8_8320)

    public static func next(_ crc: UInt32, _ byte: UInt8) -> UInt32 {
        table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8
    }

    public static func end(_ crc: UInt32) -> UInt32 { ~crc }
}

/// CRC-32C (Castagnoli), which guards every journal record. Eight bytes a step, by eight tables in one array.
public enum CRC32C {
    private static let tables: [UInt32] = {
        let first = checksumTable(reflected: 0x82f6_3b78)
        var all = first
        for slice in 1..<8 {
            for index in 0..<256 {
                let before = all[(slice - 1) * 256 + index]
                all.append(first[Int(before & 0xff)] ^ before >> 8)
            }
        }
        return all
    }()

    public static func of(_ bytes: RawSpan) -> UInt32 {
        let tables = tables
        return unsafe tables.withUnsafeBufferPointer { table in unsafe update(bytes, table) }
    }

    private static func update(_ bytes: RawSpan, _ table: UnsafeBufferPointer<UInt32>) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        var at = 0
        while at + 8 <= bytes.byteCount {
            let word = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            let low = crc ^ UInt32(truncatingIfNeeded: word)
            let high = UInt32(truncatingIfNeeded: word >> 32)
            let a = unsafe table[1792 + Int(low & 0xff)] ^ table[1536 + Int(low >> 8 & 0xff)]
            let b = unsafe table[1280 + Int(low >> 16 & 0xff)] ^ table[1024 + Int(low >> 24)]
            let c = unsafe table[768 + Int(high & 0xff)] ^ table[512 + Int(high >> 8 & 0xff)]
            let d = unsafe table[256 + Int(high >> 16 & 0xff)] ^ table[Int(high >> 24)]
            crc = a ^ b ^ c ^ d
            at += 8
        }
        while at < bytes.byteCount {
            let byte = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt8.self)
            crc = unsafe table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8
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
