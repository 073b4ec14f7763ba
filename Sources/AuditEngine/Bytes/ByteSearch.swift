/// Searches over bytes, sixteen or sixty-four at a time.
enum ByteSearch {
    /// The first `byte` at or after `start`; `bytes.count` when there is none.
    static func first(_ byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
        let wanted = SIMD16<UInt8>(repeating: byte)
        return first(in: bytes, from: start) { $0 .== wanted }
    }

    /// The first quote or backslash at or after `start`: where a JSON string may end.
    static func quoteOrBackslash(in bytes: Span<UInt8>, from start: Int) -> Int {
        let quote = SIMD16<UInt8>(repeating: 0x22)
        let backslash = SIMD16<UInt8>(repeating: 0x5c)
        return first(in: bytes, from: start) { ($0 .== quote) .| ($0 .== backslash) }
    }

    @inline(__always)
    private static func first(
        in bytes: Span<UInt8>, from start: Int, where isWanted: (SIMD16<UInt8>) -> SIMDMask<SIMD16<Int8>>
    ) -> Int {
        let raw = unsafe bytes.bytes
        func block(_ at: Int) -> SIMDMask<SIMD16<Int8>> {
            isWanted(unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self))
        }
        var at = start
        // Most strings are short: the first block by itself.
        if at + 16 <= bytes.count {
            let lane = firstLane(block(at))
            if lane < 16 { return at + lane }
            at += 16
        }
        while at + 64 <= bytes.count, !hasLane(block(at) .| block(at + 16) .| block(at + 32) .| block(at + 48)) {
            at += 64
        }
        while at + 16 <= bytes.count {
            let lane = firstLane(block(at))
            if lane < 16 { return at + lane }
            at += 16
        }
        while at < bytes.count {
            let one = isWanted(SIMD16(repeating: bytes[at]))
            if one[0] { return at }
            at += 1
        }
        return at
    }

    /// Whether a quoted member name of `marker`, quotes included, occurs between the two places.
    static func contains(_ marker: Marker, in bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        let raw = unsafe bytes.bytes
        let length = marker.bytes.count
        let middle = length / 2
        let quote = SIMD16<UInt8>(repeating: 0x22)
        let inner = SIMD16<UInt8>(repeating: marker.bytes[middle])
        func hits(_ at: Int) -> SIMDMask<SIMD16<Int8>> {
            let head = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            let body = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at + middle, as: SIMD16<UInt8>.self)
            return (head .== quote) .& (body .== inner)
        }
        var at = start
        while at + length + 15 <= end {
            // Nearly every 64 bytes have no place that needs a closer look.
            while at + length + 63 <= end, !hasLane(hits(at) .| hits(at + 16) .| hits(at + 32) .| hits(at + 48)) {
                at += 64
            }
            guard at + length + 15 <= end else { break }
            if hasLane(hits(at)) {
                for place in at..<at + 16 where matches(marker, bytes, place, end) { return true }
            }
            at += 16
        }
        while at + length <= end {
            if matches(marker, bytes, at, end) { return true }
            at += 1
        }
        return false
    }

    private static func matches(_ marker: Marker, _ bytes: Span<UInt8>, _ at: Int, _ end: Int) -> Bool {
        guard at + marker.bytes.count <= end else { return false }
        for (index, byte) in marker.bytes.enumerated() where bytes[at + index] != byte { return false }
        return true
    }

    @inline(__always)
    private static func halves(_ mask: SIMDMask<SIMD16<Int8>>) -> SIMD2<UInt64> {
        unsafe unsafeBitCast(SIMD16<Int8>.zero.replacing(with: -1, where: mask), to: SIMD2<UInt64>.self)
    }

    @inline(__always)
    private static func hasLane(_ mask: SIMDMask<SIMD16<Int8>>) -> Bool {
        let halves = halves(mask)
        return halves.x | halves.y != 0
    }

    /// The place of the first lane that is set; 16 when none is.
    @inline(__always)
    private static func firstLane(_ mask: SIMDMask<SIMD16<Int8>>) -> Int {
        let halves = halves(mask)
        if halves.x != 0 { return halves.x.trailingZeroBitCount >> 3 }
        return halves.y != 0 ? 8 + halves.y.trailingZeroBitCount >> 3 : 16
    }
}

/// A member name with its quotes, to search lines by.
struct Marker {
    let bytes: [UInt8]

    init(_ name: StaticString) { bytes = [0x22] + text(name) + [0x22] }
}

/// The bytes of a constant.
func text(_ constant: StaticString) -> [UInt8] { constant.withUTF8Buffer { unsafe Array($0) } }

extension Array where Element == UInt8 {
    /// Appends a part of a span in one copy.
    mutating func append(_ span: Span<UInt8>, _ range: Range<Int>) {
        unsafe span.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
