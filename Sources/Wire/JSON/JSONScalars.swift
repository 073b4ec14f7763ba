import CBytes
import Vocabulary

extension JSONCursor {
    /// Reads a string whose opening quote is behind, through its closing quote; whether it holds escapes.
    mutating func string(_ b: Span<UInt8>) throws(JSONFault) -> Bool {
        var isEscaped = false
        while true {
            at += stringStop(b)
            guard at < end else { throw malformed }
            let byte = b[at]
            if byte == .quote {
                at += 1
                return isEscaped
            }
            if byte == .backslash {
                isEscaped = true
                try escape(b)
            } else if byte < 0x20 {
                throw malformed
            } else {
                try sequences(b)
            }
        }
    }

    @inline(__always)
    private func stringStop(_ b: Span<UInt8>) -> Int {
        unsafe b.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return unsafe tacet_string_stop(base + at, end - at)
        }
    }

    private mutating func escape(_ b: Span<UInt8>) throws(JSONFault) {
        guard at + 1 < end else { throw JSONFault(.malformedJSON, at: end) }
        switch b[at + 1] {
        case UInt8(ascii: "n"), .quote, .backslash, UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "/"),
            UInt8(ascii: "b"), UInt8(ascii: "f"):
            at += 2
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(b, at: at) else { throw malformed }
            switch unit {
            case 0xd800...0xdbff:
                guard let low = hexUnit(b, at: at + 6), 0xdc00...0xdfff ~= low else { throw malformed }
                at += 12
            case 0xdc00...0xdfff: throw malformed
            default: at += 6
            }
        default: throw malformed
        }
    }

    /// The code unit of the `\uXXXX` at `start`.
    private func hexUnit(_ b: Span<UInt8>, at start: Int) -> UInt32? {
        guard start + 6 <= end, b[start] == .backslash, b[start + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt32 = 0
        for index in start + 2..<start + 6 {
            guard let digit = b[index].hexDigit else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    /// Reads UTF-8 sequences of two to four bytes, as many as stand in a row.
    private mutating func sequences(_ b: Span<UInt8>) throws(JSONFault) {
        while at < end, b[at] >= 0x80 {
            let length = sequenceLength(b)
            guard length > 0 else { throw JSONFault(.invalidUTF8, at: at) }
            at += length
        }
    }

    /// The length of the UTF-8 sequence ahead, which begins with a byte above 0x7f; 0 when it is none.
    @inline(__always)
    func sequenceLength(_ b: Span<UInt8>) -> Int {
        let lead = b[at]
        var low: UInt8 = 0x80
        var high: UInt8 = 0xbf
        let length: Int
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0...0xef:
            length = 3
            if lead == 0xe0 { low = 0xa0 }
            if lead == 0xed { high = 0x9f }
        case 0xf0...0xf4:
            length = 4
            if lead == 0xf0 { low = 0x90 }
            if lead == 0xf4 { high = 0x8f }
        default: return 0
        }
        guard at + length <= end, b[at + 1] >= low, b[at + 1] <= high else { return 0 }
        if length > 2, b[at + 2] & 0xc0 != 0x80 { return 0 }
        if length > 3, b[at + 3] & 0xc0 != 0x80 { return 0 }
        return length
    }

    /// Reads a number or one of the three words.
    mutating func scalar(_ b: Span<UInt8>) throws(JSONFault) {
        guard at < end else { throw malformed }
        switch b[at] {
        case .minus, .zero ... .nine: try number(b)
        case UInt8(ascii: "t"): try word(b, "true")
        case UInt8(ascii: "f"): try word(b, "false")
        case UInt8(ascii: "n"): try word(b, "null")
        default: throw malformed
        }
    }

    private mutating func word(_ b: Span<UInt8>, _ expected: StaticString) throws(JSONFault) {
        let count = expected.utf8CodeUnitCount
        guard at + count <= end else { throw malformed }
        for index in 1..<count where b[at + index] != expected.byte(index) { throw malformed }
        at += count
    }

    private mutating func number(_ b: Span<UInt8>) throws(JSONFault) {
        if b[at] == .minus { at += 1 }
        guard at < end else { throw malformed }
        if b[at] == .zero { at += 1 } else { try digits(b) }
        if at < end, b[at] == .point {
            at += 1
            try digits(b)
        }
        if at < end, b[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < end, b[at] == .plus || b[at] == .minus { at += 1 }
            try digits(b)
        }
    }

    private mutating func digits(_ b: Span<UInt8>) throws(JSONFault) {
        let start = at
        while at < end, b[at] &- .zero <= 9 { at += 1 }
        if at == start { throw malformed }
    }
}

extension UInt8 {
    var hexDigit: UInt32? {
        switch self {
        case .zero ... .nine: UInt32(self - .zero)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - 87)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - 55)
        default: nil
        }
    }
}

extension StaticString {
    /// - Precondition: `index` is inside the string.
    @inline(__always)
    func byte(_ index: Int) -> UInt8 { unsafe utf8Start[index] }
}
