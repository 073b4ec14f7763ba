import NIOCore

/// A line that is repeated becomes the line and `[×N]`, the count of all. A line that really reads so gets one `×` more.
enum RepeatedLines {
    /// A count that somebody else wrote must not make a text of any size.
    static let largestText = 64 << 20
    private static let times: [UInt8] = Array("×".utf8)

    static func folded(_ text: ByteBuffer) -> ByteBuffer {
        let b = text.readableBytesUInt8Span
        var out = ByteBuffer()
        out.reserveCapacity(b.count)
        var fence = CodeFence()
        var start = 0
        while start < b.count {
            var end = TerminalText.lineEnd(b, start)
            let line = start..<end
            let isCode = fence.holds(b, line)
            TerminalText.copy(text, line, &out)
            let head = isCode ? nil : countHead(b, line)
            if let head {
                out.moveWriterIndex(to: out.writerIndex - (line.count - head))
                out.writeBytes(times)
                TerminalText.copy(text, line.lowerBound + head..<line.upperBound, &out)
            }
            var count = 1
            if !isCode, head == nil {
                while let next = equalLine(b, line, after: end) {
                    count += 1
                    end = next
                }
            }
            let note = "\n[×\(count)]"
            if count > 1, (count - 1) * (line.count + 1) > note.utf8.count {
                out.writeString(note)
            } else if count > 1 {
                for _ in 1..<count {
                    out.writeInteger(UInt8(ascii: "\n"))
                    TerminalText.copy(text, line, &out)
                }
            }
            if end < b.count { out.writeInteger(UInt8(ascii: "\n")) }
            start = end + 1
        }
        return out
    }

    /// `nil` when a count stands where no line is before it, or is larger than a block may be.
    static func unfolded(_ text: ByteBuffer) -> ByteBuffer? {
        let b = text.readableBytesUInt8Span
        var out = ByteBuffer()
        out.reserveCapacity(b.count)
        var fence = CodeFence()
        var last: Range<Int>?
        var start = 0
        while start < b.count {
            let end = TerminalText.lineEnd(b, start)
            let line = start..<end
            let isCode = fence.holds(b, line)
            if !isCode, let head = countHead(b, line), head > 0 {
                if head > 1 + times.count {
                    TerminalText.copy(text, line.lowerBound..<line.lowerBound + head - times.count, &out)
                    TerminalText.copy(text, line.lowerBound + head..<line.upperBound, &out)
                } else {
                    guard let last, let count = count(b, line, head), count >= 2,
                        out.readableBytes + (last.count + 1) * count <= largestText
                    else { return nil }
                    out.moveWriterIndex(to: out.writerIndex - 1)
                    for _ in 1..<count {
                        out.writeInteger(UInt8(ascii: "\n"))
                        TerminalText.copy(text, last, &out)
                    }
                }
            } else {
                TerminalText.copy(text, line, &out)
            }
            last = line
            if end < b.count { out.writeInteger(UInt8(ascii: "\n")) }
            start = end + 1
        }
        return out
    }

    /// The end of the next line, if it equals `line`.
    private static func equalLine(_ b: Span<UInt8>, _ line: Range<Int>, after end: Int) -> Int? {
        let start = end + 1
        let stop = start + line.count
        guard end < b.count, stop <= b.count, stop == b.count || b[stop] == 0x0a, !line.isEmpty else { return nil }
        for offset in 0..<line.count where b[line.lowerBound + offset] != b[start + offset] { return nil }
        return stop
    }

    /// For a line `[×…×123]`: the length up to the digits.
    private static func countHead(_ b: Span<UInt8>, _ line: Range<Int>) -> Int? {
        var at = line.lowerBound
        guard line.count >= 5, b[at] == UInt8(ascii: "["), b[line.upperBound - 1] == UInt8(ascii: "]") else {
            return nil
        }
        at += 1
        while at + 1 < line.upperBound, b[at] == times[0], b[at + 1] == times[1] { at += 2 }
        let head = at - line.lowerBound
        guard head > 1, at < line.upperBound - 1 else { return nil }
        for index in at..<line.upperBound - 1 where b[index] &- 0x30 > 9 { return nil }
        return head
    }

    private static func count(_ b: Span<UInt8>, _ line: Range<Int>, _ head: Int) -> Int? {
        var value = 0
        for at in line.lowerBound + head..<line.upperBound - 1 {
            guard value < 1 << 24 else { return nil }
            value = value * 10 + Int(b[at] &- 0x30)
        }
        return value
    }
}
