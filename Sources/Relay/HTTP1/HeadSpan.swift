import NIOCore
import Vocabulary

// The hot heads are composed in one go, in memory that is already there: no bookkeeping of a buffer for each piece.

extension ByteBuffer {
    /// Appends a head.
    /// - Parameter capacity: an upper bound of what `body` writes; passing it is a programming error.
    mutating func writeHead(capacity: Int, _ body: (inout OutputRawSpan) -> Void) {
        writeWithOutputRawSpan(minimumWritableBytes: capacity) { out in body(&out) }
    }
}

extension OutputRawSpan {
    mutating func text(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        unsafe copy(UnsafeRawBufferPointer(start: text.utf8Start, count: count))
    }

    mutating func bytes(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe copy($0) }
    }

    mutating func bytes(_ bytes: ByteBuffer) {
        unsafe bytes.withUnsafeReadableBytes { unsafe copy($0) }
    }

    mutating func decimal(_ number: Int) {
        precondition(number >= 0)
        var digits = [20 of UInt8](repeating: 0)
        var (rest, start) = (number, 20)
        repeat {
            start -= 1
            digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        while start < 20 {
            append(digits[start])
            start += 1
        }
    }

    /// The 30 bytes of its written form.
    mutating func id(_ id: RequestID) {
        let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
        text(RequestID.prefix)
        for position in 0..<26 { append(unsafe digits.utf8Start[id.group(position)]) }
    }

    private mutating func copy(_ source: UnsafeRawBufferPointer) {
        unsafe withUnsafeMutableBytes { target, count in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: source)
            count += source.count
        }
    }
}
