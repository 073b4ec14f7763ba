import NIOCore
import Vocabulary

/// What the lossy modes keep of long outputs. They act on a block's own bytes alone.
struct OutlineLimits: Sendable {
    /// Lines of text, or elements of a list, above which the middle is left out; and how many stay in front and behind.
    var most: Int
    var head: Int
    var tail: Int
    /// Bytes of one string inside JSON, alike.
    var mostBytes: Int
    var headBytes: Int
    var tailBytes: Int

    /// `nil` for the modes that leave nothing out.
    init?(_ mode: CompressionMode) {
        switch mode {
        case .off, .lossless: return nil
        case .balanced: self.init(200, 90, 60, bytes: 8192, 4096, 2048)
        case .strong: self.init(80, 30, 30, bytes: 2048, 1024, 512)
        }
    }

    private init(_ most: Int, _ head: Int, _ tail: Int, bytes: Int, _ headBytes: Int, _ tailBytes: Int) {
        self.most = most
        self.head = head
        self.tail = tail
        mostBytes = bytes
        self.headBytes = headBytes
        self.tailBytes = tailBytes
    }

    /// The elements of a list that are left out; `nil` for none.
    func leftOut(of count: Int) -> Range<Int>? { count > most ? head..<count - tail : nil }
}

/// Long text without its middle. Code fences stay whole, and so do lines that speak of failure: they are what an agent
/// ran the command for.
enum Outline {
    private static let alarms = ["error", "fail", "exception", "panic", "warning", "traceback", "assert"]
        .map { Array($0.utf8) }

    static func outlined(_ text: ByteBuffer, _ limits: OutlineLimits) -> ByteBuffer {
        let b = text.readableBytesUInt8Span
        var lines: [Range<Int>] = []
        var start = 0
        while start < b.count {
            let end = TerminalText.lineEnd(b, start)
            lines.append(start..<end)
            start = end + 1
        }
        guard let middle = limits.leftOut(of: lines.count) else { return text }
        var out = ByteBuffer()
        var fence = CodeFence()
        var leftOut = 0
        var alarmsLeft = limits.tail
        func note(_ out: inout ByteBuffer) {
            if leftOut > 0 { out.writeString("[… \(leftOut) lines left out]\n") }
            leftOut = 0
        }
        for (index, line) in lines.enumerated() {
            let isCode = fence.holds(b, line)
            let isAlarm = alarmsLeft > 0 && middle.contains(index) && speaksOfFailure(b, line)
            if isAlarm { alarmsLeft -= 1 }
            guard isCode || isAlarm || !middle.contains(index) else {
                leftOut += 1
                continue
            }
            note(&out)
            TerminalText.copy(text, line, &out)
            if line.upperBound < b.count { out.writeInteger(UInt8(ascii: "\n")) }
        }
        return out
    }

    /// A long string of JSON without its middle, escapes and characters whole; `nil` when it is short or holds a fence.
    static func shortened(string text: ByteBuffer, _ limits: OutlineLimits) -> ByteBuffer? {
        let b = text.readableBytesUInt8Span
        guard b.count > limits.mostBytes else { return nil }
        for at in 0..<b.count - 2 where b[at] == 0x60 && b[at + 1] == 0x60 && b[at + 2] == 0x60 { return nil }
        var cuts: (head: Int, tail: Int) = (0, b.count)
        var at = 0
        while at < b.count {
            if at <= limits.headBytes { cuts.head = at }
            if at >= b.count - limits.tailBytes {
                cuts.tail = at
                break
            }
            at = characterEnd(b, at)
        }
        var out = ByteBuffer()
        TerminalText.copy(text, 0..<cuts.head, &out)
        out.writeString("[… \(cuts.tail - cuts.head) bytes left out]")
        TerminalText.copy(text, cuts.tail..<b.count, &out)
        return out
    }

    private static func characterEnd(_ b: Span<UInt8>, _ start: Int) -> Int {
        if b[start] == UInt8(ascii: "\\") {
            guard b[start + 1] == UInt8(ascii: "u") else { return start + 2 }
            let isPair = b[start + 2] | 0x20 == UInt8(ascii: "d") && "89abAB".utf8.contains(b[start + 3])
            return start + (isPair ? 12 : 6)
        }
        var end = start + 1
        while end < b.count, b[end] & 0xc0 == 0x80 { end += 1 }
        return end
    }

    private static func speaksOfFailure(_ b: Span<UInt8>, _ line: Range<Int>) -> Bool {
        for at in line {
            let first = b[at] | 0x20
            for word in alarms where word[0] == first && at + word.count <= line.upperBound {
                var matched = 1
                while matched < word.count, b[at + matched] | 0x20 == word[matched] { matched += 1 }
                if matched == word.count { return true }
            }
        }
        return false
    }
}
