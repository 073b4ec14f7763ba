import NIOCore

/// Text as a terminal leaves it: without escape sequences, without white space at line ends, and of a line that
/// carriage returns wholly wrote over only what stood last. Lines inside code fences stay as they are.
enum TerminalText {
    static func cleaned(_ text: ByteBuffer) -> ByteBuffer {
        let b = text.readableBytesUInt8Span
        var out = ByteBuffer()
        out.reserveCapacity(b.count)
        var fence = CodeFence()
        var start = 0
        while start < b.count {
            let end = lineEnd(b, start)
            let isCode = fence.holds(b, start..<end)
            if isCode { copy(text, start..<end, &out) } else { clean(b, start..<end, &out) }
            if end < b.count { out.writeInteger(UInt8(ascii: "\n")) }
            start = end + 1
        }
        return out
    }

    static func lineEnd(_ b: Span<UInt8>, _ start: Int) -> Int {
        var end = start
        while end < b.count, b[end] != 0x0a { end += 1 }
        return end
    }

    static func copy(_ text: ByteBuffer, _ range: Range<Int>, _ out: inout ByteBuffer) {
        if let part = text.getSlice(at: text.readerIndex + range.lowerBound, length: range.count) {
            out.writeImmutableBuffer(part)
        }
    }

    private static func clean(_ b: Span<UInt8>, _ line: Range<Int>, _ out: inout ByteBuffer) {
        let start = out.writerIndex
        var shown = start
        var segment = start
        var longest = 0
        var at = line.lowerBound
        while at < line.upperBound {
            let byte = b[at]
            if byte == 0x1b {
                at = escapeEnd(b, at, line.upperBound)
                continue
            }
            at += 1
            if byte == 0x0d {
                longest = max(longest, out.writerIndex - segment)
                out.writeInteger(byte)
                segment = out.writerIndex
                continue
            }
            out.writeInteger(byte)
            if byte != 0x20 && byte != 0x09 { shown = out.writerIndex }
        }
        let length = out.writerIndex - segment
        if shown > segment, segment > start, length >= longest, let last = out.getSlice(at: segment, length: length) {
            out.moveWriterIndex(to: start)
            out.writeImmutableBuffer(last)
            shown -= segment - start
        }
        out.moveWriterIndex(to: shown)
    }

    /// Behind an escape sequence (ECMA-48): CSI up to its final byte, OSC up to BEL or ST, else two bytes.
    private static func escapeEnd(_ b: Span<UInt8>, _ start: Int, _ limit: Int) -> Int {
        var at = start + 1
        guard at < limit else { return limit }
        switch b[at] {
        case UInt8(ascii: "["):
            at += 1
            while at < limit, b[at] >= 0x20, b[at] < 0x40 { at += 1 }
            return min(at + 1, limit)
        case UInt8(ascii: "]"):
            while at < limit {
                if b[at] == 0x07 { return at + 1 }
                if b[at] == 0x1b, at + 1 < limit, b[at + 1] == UInt8(ascii: "\\") { return at + 2 }
                at += 1
            }
            return limit
        case 0x80...: return at
        default: return at + 1
        }
    }
}

/// Whether lines stand in a fenced code block (CommonMark: three or more backticks or tildes, at most three spaces in).
struct CodeFence {
    private var open: (mark: UInt8, count: Int)?

    /// Takes the next line; the fences themselves count as code.
    mutating func holds(_ b: Span<UInt8>, _ line: Range<Int>) -> Bool {
        var at = line.lowerBound
        while at < line.upperBound, at < line.lowerBound + 3, b[at] == 0x20 { at += 1 }
        guard at < line.upperBound, b[at] == UInt8(ascii: "`") || b[at] == UInt8(ascii: "~") else { return open != nil }
        let mark = b[at]
        var count = 0
        while at < line.upperBound, b[at] == mark {
            at += 1
            count += 1
        }
        guard count >= 3 else { return open != nil }
        if let fence = open {
            if fence.mark == mark, count >= fence.count, isBlank(b, at..<line.upperBound) { open = nil }
        } else {
            open = (mark, count)
        }
        return true
    }

    private func isBlank(_ b: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for at in range where b[at] > 0x20 { return false }
        return true
    }
}
