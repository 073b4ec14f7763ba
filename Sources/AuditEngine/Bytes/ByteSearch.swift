/// Searches over bytes, sixteen at a time.
enum ByteSearch {
    /// The first `byte` at or after `start`; `bytes.count` when there is none.
    static func first(_ byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
        let raw = unsafe bytes.bytes
        let wanted = SIMD16<UInt8>(repeating: byte)
        var at = start
        while at + 16 <= bytes.count {
            let block = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            if hasLane(block .== wanted) { break }
            at += 16
        }
        while at < bytes.count, bytes[at] != byte { at += 1 }
        return at
    }

    /// The first quote or backslash at or after `start`: where a JSON string may end.
    static func quoteOrBackslash(in bytes: Span<UInt8>, from start: Int) -> Int {
        let raw = unsafe bytes.bytes
        let quote = SIMD16<UInt8>(repeating: 0x22)
        let backslash = SIMD16<UInt8>(repeating: 0x5c)
        var at = start
        while at + 16 <= bytes.count {
            let block = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            if hasLane((block .== quote) .| (block .== backslash)) { break }
            at += 16
        }
        while at < bytes.count, bytes[at] != 0x22, bytes[at] != 0x5c { at += 1 }
        return at
    }

    /// Whether a quoted member name of `marker`, quotes included, occurs between the two places.
    static func contains(_ marker: Marker, in bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        let raw = unsafe bytes.bytes
        let length = marker.bytes.count
        let middle = length / 2
        let quote = SIMD16<UInt8>(repeating: 0x22)
        let inner = SIMD16<UInt8>(repeating: marker.bytes[middle])
        var at = start
        while at + length + 15 <= end {
            let head = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            let body = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at + middle, as: SIMD16<UInt8>.self)
            let hits = (head .== quote) .& (body .== inner)
            if hasLane(hits) {
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
    private static func hasLane(_ mask: SIMDMask<SIMD16<Int8>>) -> Bool {
        let lanes = SIMD16<Int8>.zero.replacing(with: -1, where: mask)
        let halves = unsafe unsafeBitCast(lanes, to: SIMD2<UInt64>.self)
        return halves.x | halves.y != 0
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
