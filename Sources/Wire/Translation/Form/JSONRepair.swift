import NIOCore
import Vocabulary

/// Some providers cut text between the halves of a surrogate pair or inside a UTF-8 sequence. Such an event is no JSON as we
/// take it, though all else in it is well: the broken characters are replaced by U+FFFD and it is read again.
enum JSONRepair {
    static func repaired(_ text: ByteBuffer) -> ByteBuffer {
        let bytes = text.readableBytesUInt8Span
        var out = ByteBuffer()
        out.reserveCapacity(bytes.count + 16)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte >= 0x80 {
                let length = JSONCursor(at: at, end: bytes.count).sequenceLength(bytes)
                if length == 0 { out.writeStaticString("\u{fffd}") }
                for index in at..<at + length { out.writeInteger(bytes[index]) }
                at += max(length, 1)
            } else if byte == .backslash, at + 1 < bytes.count {
                at += escape(bytes, at, &out)
            } else {
                out.writeInteger(byte)
                at += 1
            }
        }
        return out
    }

    /// Copies the escape at `at`; how long it was.
    private static func escape(_ bytes: Span<UInt8>, _ at: Int, _ out: inout ByteBuffer) -> Int {
        var length = 2
        if bytes[at + 1] == UInt8(ascii: "u"), let unit = unit(bytes, at) {
            length = 6
            if unit & 0xf800 == 0xd800 {
                guard unit & 0xfc00 == 0xd800, let low = self.unit(bytes, at + 6), low & 0xfc00 == 0xdc00 else {
                    out.writeStaticString("\u{fffd}")
                    return 6
                }
                length = 12
            }
        }
        for index in at..<at + length { out.writeInteger(bytes[index]) }
        return length
    }

    private static func unit(_ bytes: Span<UInt8>, _ at: Int) -> UInt32? {
        guard at + 6 <= bytes.count, bytes[at] == .backslash, bytes[at + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt32 = 0
        for index in at + 2..<at + 6 {
            guard let digit = bytes[index].hexDigit else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }
}

extension JSONTape {
    /// Reads an answer's text, with broken characters replaced where there are any; whether it is JSON.
    mutating func readRepaired(_ text: ByteBuffer) -> Bool {
        do throws(JSONFault) {
            try read(text)
            return true
        } catch {}
        do throws(JSONFault) {
            try read(JSONRepair.repaired(text))
            return true
        } catch { return false }
    }
}
