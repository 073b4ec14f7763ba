import CBytes

/// Frames server-sent events over any split of the bytes, without keeping a byte (WHATWG HTML § 9.2.6).
///
/// Line ends are LF, CRLF or CR; an event ends behind its blank line. The scanner remembers only where in a line it is, so
/// what it says does not depend on how the bytes were cut.
public struct EventScanner: Sendable {
    private enum Place: UInt8 {
        /// At the start of a line of an event.
        case lineStart
        case inLine
        /// Behind a CR that ended a line: an LF here belongs to it.
        case behindCR
        /// Behind the CR of a blank line, the event told already: an LF here belongs to that event.
        case behindEvent
    }

    private var place = Place.lineStart

    public init() {}

    /// Whether an LF as the very next byte would still belong to the event told last.
    public var awaitsLineFeed: Bool { place == .behindEvent }

    /// Takes the line feed that `awaitsLineFeed` is about, if the bytes begin with it: 1, else 0.
    public mutating func takeLineFeed(in bytes: Span<UInt8>) -> Int {
        guard place == .behindEvent, bytes.count > 0 else { return 0 }
        place = .lineStart
        return bytes[0] == 0x0a ? 1 : 0
    }

    /// Scans from `start`, where the last call ended or a new chunk begins.
    ///
    /// - Returns: the offset behind the next event's end, or `nil` when the bytes end inside an event.
    public mutating func nextEnd(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var at = start
        let end = bytes.count
        while at < end {
            let byte = bytes[at]
            switch place {
            case .behindEvent, .behindCR:
                place = .lineStart
                if byte == 0x0a { at += 1 }
            case .lineStart where byte == 0x0a: return at + 1
            case .lineStart where byte == 0x0d:
                // The LF of a CRLF goes with it when it is there.
                if at + 1 < end { return bytes[at + 1] == 0x0a ? at + 2 : at + 1 }
                place = .behindEvent
                return at + 1
            case .lineStart, .inLine:
                place = .inLine
                at += unsafe bytes.withUnsafeBufferPointer { memory in
                    guard let base = memory.baseAddress else { return 0 }
                    return unsafe tacet_line_end(base + at, end - at)
                }
                guard at < end else { return nil }
                place = bytes[at] == 0x0d ? .behindCR : .lineStart
                at += 1
            }
        }
        return nil
    }
}

/// The `data` of one whole event.
struct EventData {
    /// Where the data stands, when it is one line.
    var range = 0..<0
    /// More than one `data` line: the range holds the first only.
    var isSplit = false
    var isPresent = false

    init(_ b: Span<UInt8>, _ event: Range<Int>) {
        Self.eachLine(b, event) { line in
            guard let value = Self.value("data", b, line) else { return }
            if isPresent { isSplit = true } else { range = value }
            isPresent = true
        }
    }

    /// All data lines joined by line feeds. Rare: providers send one line.
    static func joined(_ b: Span<UInt8>, _ event: Range<Int>) -> [UInt8] {
        var out: [UInt8] = []
        var isFirst = true
        eachLine(b, event) { line in
            guard let value = value("data", b, line) else { return }
            if !isFirst { out.append(0x0a) }
            isFirst = false
            for index in value { out.append(b[index]) }
        }
        return out
    }

    /// Where the `event` field stands: the last of several holds.
    static func name(_ b: Span<UInt8>, _ event: Range<Int>) -> Range<Int>? {
        var name: Range<Int>?
        eachLine(b, event) { line in name = value("event", b, line) ?? name }
        return name
    }

    private static func eachLine(_ b: Span<UInt8>, _ event: Range<Int>, _ visit: (Range<Int>) -> Void) {
        var at = event.lowerBound
        let end = event.upperBound
        // A byte order mark may stand before the first event.
        if at + 3 <= end, b[at] == 0xef, b[at + 1] == 0xbb, b[at + 2] == 0xbf { at += 3 }
        while at < end {
            let start = at
            at += unsafe b.withUnsafeBufferPointer { memory in
                guard let base = memory.baseAddress else { return 0 }
                return unsafe tacet_line_end(base + at, end - at)
            }
            visit(start..<at)
            at += 1
        }
    }

    /// The value of a field; `nil` for a line of any other.
    @inline(__always)
    private static func value(_ name: StaticString, _ b: Span<UInt8>, _ line: Range<Int>) -> Range<Int>? {
        let length = name.utf8CodeUnitCount
        guard line.count >= length else { return nil }
        for index in 0..<length where b[line.lowerBound + index] != name.byte(index) { return nil }
        var start = line.lowerBound + length
        guard start < line.upperBound else { return start..<start }
        guard b[start] == .colon else { return nil }
        start += 1
        if start < line.upperBound, b[start] == 0x20 { start += 1 }
        return start..<line.upperBound
    }
}
