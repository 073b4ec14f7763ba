/// Passes over lines that a format has no use for, before the engine sees them.
///
/// The engine would skip the same lines for the same reason: a filter changes how long an audit takes and nothing else.
/// It holds no state, so the pieces of one file may be sifted side by side, wherever they were cut.
public struct LineFilter: Sendable {
    /// A stretch of a piece.
    public enum Part: Sendable, Equatable {
        /// To be fed.
        case kept(Range<Int>)
        /// Whole lines without usage, to be counted by `AuditEngine.passLines`.
        case passed(lines: Int, bytes: Int)
    }

    /// How many bytes at a file's beginning the engine must be fed as they are.
    public static let window = Sniffer.window
    private let markers: [Marker]

    /// The filter of a file by its first `window` bytes; `nil` when they tell no format whose lines can be passed over.
    public init?(head: Span<UInt8>, formats: AuditFormats) {
        let shape = Sniffer.shape(head, isWhole: false) { names, allowsGeneric in
            formats.layout(toldBy: names, allowsGeneric: allowsGeneric) != nil
        }
        guard head.count == Self.window, case .lines = shape else { return nil }
        var lines = LineReader()
        var at = Sniffer.start(head)
        while let place = lines.next(head, &at) {
            guard case .chunk(let range) = place,
                let layout = formats.layout(toldBy: JSONRow.names(head.extracting(range)), allowsGeneric: true),
                layout.style != .empty
            else { continue }
            guard !layout.markers.isEmpty else { return nil }
            markers = layout.markers
            return
        }
        return nil
    }

    /// Sifts a piece from `start` on. What belongs to lines that begin before or end after the piece is kept.
    public func parts(of piece: Span<UInt8>, from start: Int = 0) -> [Part] {
        var parts: [Part] = []
        var keptFrom = start
        var passedFrom = start
        var passed = 0
        var at = ByteSearch.first(0x0a, in: piece, from: start) + 1
        while at < piece.count {
            let end = ByteSearch.first(0x0a, in: piece, from: at)
            // An empty line is no row: it is the engine's to count.
            let isPassed = end < piece.count && end > at + 1 && !Self.hasMarker(markers, piece, at..<end)
            if isPassed, passed == 0 {
                parts.append(.kept(keptFrom..<at))
                passedFrom = at
            } else if !isPassed, passed > 0 {
                parts.append(.passed(lines: passed, bytes: at - passedFrom))
                passed = 0
                keptFrom = at
            }
            if isPassed { passed += 1 }
            at = end + 1
        }
        if passed > 0 {
            parts.append(.passed(lines: passed, bytes: piece.count - passedFrom))
        } else if keptFrom < piece.count {
            parts.append(.kept(keptFrom..<piece.count))
        }
        return parts
    }

    /// Whether any of the markers stands in the range.
    static func hasMarker(_ markers: [Marker], _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for marker in markers
        where ByteSearch.contains(marker, in: bytes, from: range.lowerBound, to: range.upperBound) {
            return true
        }
        return false
    }
}

extension AuditEngine {
    /// Counts lines that a `LineFilter` of the file begun last passed over; what was fed before them ends with a line.
    public mutating func passLines(_ count: Int, bytes: Int) {
        guard case .lines(var lines) = file.reader else { return }
        files[files.count - 1].bytes += Int64(bytes)
        for _ in 0..<count {
            lines.pass()
            file.line = lines.line
            skip(.noUsage)
        }
        file.reader = .lines(lines)
    }
}
