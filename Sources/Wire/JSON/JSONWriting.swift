import NIOCore

private let hexDigits: StaticString = "0123456789abcdef"

extension ByteBuffer {
    /// Writes a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD: what we write is always JSON.
    mutating func writeJSONString(_ bytes: [UInt8]) {
        writeInteger(UInt8.quote)
        writeJSONText(bytes.span)
        writeInteger(UInt8.quote)
    }

    /// Writes characters of a JSON string, without quotes.
    mutating func writeJSONText(_ bytes: Span<UInt8>) {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte >= 0x80 {
                let sequence = JSONCursor(at: at, end: bytes.count)
                let length = sequence.sequenceLength(bytes)
                if length == 0 { writeStaticString("\u{fffd}") }
                for index in at..<at + length { writeInteger(bytes[index]) }
                at += max(length, 1)
                continue
            }
            at += 1
            switch byte {
            case .quote, .backslash:
                writeInteger(UInt8.backslash)
                writeInteger(byte)
            case 0x0a: writeStaticString("\\n")
            case 0x0d: writeStaticString("\\r")
            case 0x09: writeStaticString("\\t")
            case 0..<0x20, 0x7f:
                writeStaticString("\\u00")
                writeInteger(hexDigits.byte(Int(byte >> 4)))
                writeInteger(hexDigits.byte(Int(byte & 15)))
            default: writeInteger(byte)
            }
        }
    }

    mutating func writeDecimal(_ value: some BinaryInteger & FixedWidthInteger) {
        if value < 0 { writeInteger(UInt8.minus) }
        var rest = UInt64(value.magnitude)
        var digits: [20 of UInt8] = .init(repeating: 0)
        var at = 20
        repeat {
            at -= 1
            digits[at] = UInt8.zero + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        unsafe digits.span.extracting(at..<20).withUnsafeBytes { unsafe _ = writeBytes($0) }
    }
}
