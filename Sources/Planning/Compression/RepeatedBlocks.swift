import NIOCore

/// Lines that stand in a text a second time become a reference: the first of them, then `[+12 as above]` for the twelve
/// that follow it as they followed where that line stood before. A line that really reads so gets one `+` more.
enum RepeatedBlocks {
    private static let end = Array(" as above]".utf8)
    /// What a reference must save at least, so that short repeats stay readable.
    private static let leastSaved = 24

    static func folded(_ text: ByteBuffer) -> ByteBuffer {
        let b = text.readableBytesUInt8Span
        let lines = lines(b)
        var fence = CodeFence()
        let isCode = lines.map { fence.holds(b, $0) }
        var seen = SeenLines()
        var out = ByteBuffer()
        out.reserveCapacity(b.count)
        var place = 0
        while place < lines.count {
            if place > 0 { out.writeInteger(UInt8(ascii: "\n")) }
            let before = seen.add(b, lines[place])
            write(text, lines[place], isCode[place] ? nil : head(b, lines[place]), added: true, &out)
            place += 1
            guard let before, !isCode[place - 1] else { continue }
            var count = 0
            var saved = 0
            while place + count < lines.count, !isCode[place + count],
                equal(b, lines[place + count], b, lines[before + 1 + count])
            {
                saved += lines[place + count].count + 1
                count += 1
            }
            let note = "\n[+\(count) as above]"
            guard saved >= note.utf8.count + leastSaved else { continue }
            out.writeString(note)
            for line in lines[place..<place + count] { _ = seen.add(b, line) }
            place += count
        }
        return out
    }

    /// `nil` for a reference to lines that are not there, or to more than a block may hold.
    static func unfolded(_ text: ByteBuffer) -> ByteBuffer? {
        let b = text.readableBytesUInt8Span
        var fence = CodeFence()
        var seen = SeenLines()
        var out = ByteBuffer()
        out.reserveCapacity(b.count)
        var places: [Range<Int>] = []
        var before: Int?
        func begin() -> Int {
            if !places.isEmpty { out.writeInteger(UInt8(ascii: "\n")) }
            return out.readableBytes
        }
        func took(_ start: Int) {
            places.append(start..<out.readableBytes)
            before = seen.add(out.readableBytesUInt8Span, places[places.count - 1])
        }
        for line in lines(b) {
            let head = fence.holds(b, line) ? nil : head(b, line)
            if let head, head == 2 {
                guard let from = before, let count = count(b, line) else { return nil }
                for offset in 0..<count {
                    guard from + 1 + offset < places.count else { return nil }
                    let place = places[from + 1 + offset]
                    guard out.readableBytes + place.count < RepeatedLines.largestText else { return nil }
                    // Not a slice: writing behind one would copy the whole text.
                    let copied = Array(out.readableBytesView[place])
                    let start = begin()
                    out.writeBytes(copied)
                    took(start)
                }
                before = nil
            } else {
                let start = begin()
                write(text, line, head, added: false, &out)
                took(start)
            }
        }
        return out
    }

    /// A line with one `+` more, or less, where it reads like a reference.
    private static func write(
        _ text: ByteBuffer, _ line: Range<Int>, _ head: Int?, added: Bool, _ out: inout ByteBuffer
    ) {
        guard head != nil else { return TerminalText.copy(text, line, &out) }
        out.writeString(added ? "[+" : "[")
        TerminalText.copy(text, line.lowerBound + (added ? 1 : 2)..<line.upperBound, &out)
    }

    /// All lines; what stands behind the last line end is one too.
    private static func lines(_ b: Span<UInt8>) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        repeat {
            let end = TerminalText.lineEnd(b, start)
            lines.append(start..<end)
            start = end + 1
        } while start <= b.count
        return lines
    }

    /// For a line `[++…12 as above]`: the length up to the digits.
    private static func head(_ b: Span<UInt8>, _ line: Range<Int>) -> Int? {
        let stop = line.upperBound - end.count
        guard stop > line.lowerBound + 2, b[line.lowerBound] == UInt8(ascii: "[") else { return nil }
        for (offset, byte) in end.enumerated() where b[stop + offset] != byte { return nil }
        var at = line.lowerBound + 1
        while at < stop, b[at] == UInt8(ascii: "+") { at += 1 }
        let head = at - line.lowerBound
        guard head > 1, at < stop else { return nil }
        for index in at..<stop where b[index] &- 0x30 > 9 { return nil }
        return head
    }

    private static func count(_ b: Span<UInt8>, _ line: Range<Int>) -> Int? {
        var value = 0
        for at in line.lowerBound + 2..<line.upperBound - end.count {
            guard value < 1 << 20 else { return nil }
            value = value * 10 + Int(b[at] &- 0x30)
        }
        return value
    }

    fileprivate static func equal(
        _ a: Span<UInt8>, _ one: Range<Int>, _ b: Span<UInt8>, _ other: Range<Int>
    ) -> Bool {
        guard one.count == other.count else { return false }
        for offset in 0..<one.count where a[one.lowerBound + offset] != b[other.lowerBound + offset] { return false }
        return true
    }
}

/// Where each line stood last. The hash is fixed: a text has the same references in every process.
private struct SeenLines {
    private var places: [Range<Int>] = []
    private var last: [UInt64: Int] = [:]

    /// The number of the line before this one that equals it; `nil` for the first of its kind, and for an empty one.
    /// - Parameter b: the text so far, in which every line stands where it was added.
    mutating func add(_ b: Span<UInt8>, _ line: Range<Int>) -> Int? {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for at in line { hash = (hash ^ UInt64(b[at])) &* 0x100_0000_01b3 }
        places.append(line)
        let before = last.updateValue(places.count - 1, forKey: hash)
        guard let before, !line.isEmpty, RepeatedBlocks.equal(b, places[before], b, line) else { return nil }
        return before
    }
}
