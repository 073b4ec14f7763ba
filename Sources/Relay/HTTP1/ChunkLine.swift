/// `size[;name[=value]]…`: hexadecimal digits only, no white space; extensions must be well formed and are dropped.
enum ChunkLine {
    /// - Parameter end: where the CR stands.
    static func size(_ bytes: Span<UInt8>, _ end: Int) throws(HTTP1Refusal) -> Int {
        var (size, index) = (0, 0)
        while index < end, let digit = hexadecimal(bytes[index]) {
            guard size <= Int.max >> 4 else { throw .badChunk }
            size = size << 4 | digit
            index += 1
        }
        guard index > 0 else { throw .badChunk }
        while index < end {
            guard bytes[index] == UInt8(ascii: ";") else { throw .badChunk }
            let name = tokenEnd(bytes, index + 1, end)
            guard name > index + 1 else { throw .badChunk }
            index = name
            guard index < end, bytes[index] == UInt8(ascii: "=") else { continue }
            index += 1
            if index < end, bytes[index] == UInt8(ascii: "\"") {
                index = try quotedEnd(bytes, index + 1, end)
            } else {
                let value = tokenEnd(bytes, index, end)
                guard value > index else { throw .badChunk }
                index = value
            }
        }
        return size
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte &- UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte &- UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    private static func tokenEnd(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = start
        while index < end, Byte.isToken(bytes[index]) { index += 1 }
        return index
    }

    /// Where a quoted string ends, its closing quote included.
    private static func quotedEnd(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(HTTP1Refusal) -> Int {
        var (index, escaped) = (start, false)
        while index < end {
            let byte = bytes[index]
            guard byte >= Byte.space, byte < Byte.delete else { throw .badChunk }
            if byte == UInt8(ascii: "\""), !escaped { return index + 1 }
            escaped = byte == UInt8(ascii: "\\") && !escaped
            index += 1
        }
        throw .badChunk
    }
}
