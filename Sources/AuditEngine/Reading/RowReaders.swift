/// Where a finished row lies.
enum RowPlace {
    /// In the chunk at hand.
    case chunk(Range<Int>)
    /// In the reader's carry, which holds what came with earlier chunks.
    case carried
    /// Longer than `RowCarry.limit`: passed over.
    case tooLong
}

/// What of a row came with chunks before this one.
struct RowCarry {
    /// The longest row that is read; one session line of 877 KB was seen, so this is generous.
    static let limit = 16 << 20
    private(set) var bytes: [UInt8] = []
    private(set) var isDropping = false

    var isEmpty: Bool { bytes.isEmpty && !isDropping }
    var count: Int { bytes.count }

    mutating func append(_ chunk: Span<UInt8>, _ range: Range<Int>) {
        if isDropping || range.isEmpty { return }
        guard bytes.count + range.count <= Self.limit else {
            bytes = []
            isDropping = true
            return
        }
        bytes.append(chunk, range)
    }

    /// Ends the row at `range` of the chunk.
    mutating func finish(_ chunk: Span<UInt8>, _ range: Range<Int>) -> RowPlace {
        if isEmpty { return .chunk(range) }
        append(chunk, range)
        return isDropping ? .tooLong : .carried
    }

    mutating func take() -> [UInt8] {
        let row = bytes
        bytes = []
        isDropping = false
        return row
    }
}

/// Cuts lines: every line is a document of its own (JSONL).
struct LineReader {
    var carry = RowCarry()
    /// The number of the line last returned, from 1.
    private(set) var line = 0

    mutating func next(_ chunk: Span<UInt8>, _ at: inout Int) -> RowPlace? {
        let end = ByteSearch.first(0x0a, in: chunk, from: at)
        let range = at..<end
        at = min(end + 1, chunk.count)
        guard end < chunk.count else {
            carry.append(chunk, range)
            return nil
        }
        line += 1
        return carry.finish(chunk, range)
    }

    /// A line was passed over before it came here.
    mutating func pass() { line += 1 }

    /// The last line, when no line end followed it.
    mutating func finish() -> RowPlace? {
        if carry.isEmpty { return nil }
        line += 1
        return carry.isDropping ? .tooLong : .carried
    }
}

/// Cuts the row objects out of one or several JSON documents, whatever stands around them.
struct DocumentReader {
    /// How many containers stand around a row: 0 for bare objects, 1 for an array, 2 for an array in an envelope.
    let level: Int
    var carry = RowCarry()
    private(set) var line = 1
    private var newlines = 0
    private var depth = 0
    private var outer: (UInt8, UInt8) = (0, 0)
    private var inString = false
    private var isEscaped = false
    private var inRow = false

    init(level: Int) { self.level = level }

    mutating func next(_ chunk: Span<UInt8>, _ at: inout Int) -> RowPlace? {
        var start = at
        while at < chunk.count {
            let byte = chunk[at]
            if isEscaped {
                isEscaped = false
            } else if inString {
                let stop = ByteSearch.quoteOrBackslash(in: chunk, from: at)
                at = stop
                if stop == chunk.count { break }
                if chunk[stop] == 0x22 { inString = false } else { isEscaped = true }
            } else {
                switch byte {
                case 0x22: inString = true
                case 0x0a: newlines += 1
                case 0x7b, 0x5b:
                    if !inRow, byte == 0x7b, beginsRow {
                        inRow = true
                        line = newlines + 1
                        start = at
                    }
                    if depth == 0 { outer.0 = byte }
                    if depth == 1 { outer.1 = byte }
                    depth += 1
                case 0x7d, 0x5d:
                    depth = max(0, depth - 1)
                    if inRow, depth == level {
                        inRow = false
                        at += 1
                        return carry.finish(chunk, start..<at)
                    }
                default: break
                }
            }
            at += 1
        }
        if inRow { carry.append(chunk, start..<chunk.count) }
        return nil
    }

    /// Whether the documents end in the middle of a row.
    var isInRow: Bool { inRow }

    private var beginsRow: Bool {
        guard depth == level else { return false }
        switch level {
        case 1: return outer.0 == 0x5b
        case 2: return outer.0 == 0x7b && outer.1 == 0x5b
        default: return true
        }
    }
}

/// Cuts the records and cells of a delimited table (RFC 4180, with any line end).
struct TableReader {
    struct Cell {
        var start: Int
        var end: Int
        var form: RowSlots.Form
    }

    private enum State: UInt8 { case cellStart, plain, quoted, quoteInQuoted }

    let delimiter: UInt8
    var carry = RowCarry()
    private(set) var cells: [Cell] = []
    /// The line on which the record last returned began, from 1.
    private(set) var line = 1
    private var newlines = 0
    private var state = State.cellStart
    private var cell = Cell(start: 0, end: 0, form: .plain)
    private var isAfterReturn = false
    private var isNewRow = true

    init(delimiter: UInt8) { self.delimiter = delimiter }

    mutating func next(_ chunk: Span<UInt8>, _ at: inout Int) -> RowPlace? {
        if isNewRow { begin() }
        if isAfterReturn, at < chunk.count {
            isAfterReturn = false
            if chunk[at] == 0x0a { at += 1 }
        }
        let start = at
        let base = carry.count
        while at < chunk.count {
            let byte = chunk[at]
            let place = base + at - start
            switch state {
            case .cellStart:
                cell = Cell(start: place, end: place, form: .plain)
                if byte == 0x22 {
                    cell.start = place + 1
                    state = .quoted
                } else {
                    state = .plain
                    continue
                }
            case .quoted:
                let stop = ByteSearch.first(0x22, in: chunk, from: at)
                for index in at..<stop where chunk[index] == 0x0a { newlines += 1 }
                at = stop
                if stop < chunk.count { state = .quoteInQuoted } else { continue }
            case .quoteInQuoted:
                if byte == 0x22 {
                    cell.form = .doubled
                    state = .quoted
                } else {
                    cell.end = place - 1
                    state = .plain
                    cells.append(cell)
                    cell.form = .absent
                    continue
                }
            case .plain:
                if byte == delimiter || byte == 0x0a || byte == 0x0d {
                    if cell.form != .absent {
                        cell.end = place
                        cells.append(cell)
                    }
                    state = .cellStart
                    if byte != delimiter {
                        isAfterReturn = byte == 0x0d
                        newlines += 1
                        isNewRow = true
                        let range = start..<at
                        at += 1
                        return carry.finish(chunk, range)
                    }
                }
            }
            at += 1
        }
        carry.append(chunk, start..<chunk.count)
        return nil
    }

    /// The last record, when no line end followed it. `nil` too when a quote was never closed.
    mutating func finish() -> RowPlace? {
        if isNewRow || carry.isEmpty { return nil }
        if carry.isDropping { return .tooLong }
        switch state {
        case .quoted: return nil
        case .quoteInQuoted: cell.end = carry.count - 1
        case .cellStart: cell = Cell(start: carry.count, end: carry.count, form: .plain)
        case .plain: cell.end = carry.count
        }
        if cell.form != .absent { cells.append(cell) }
        isNewRow = true
        return .carried
    }

    /// Whether the table ends within quotes.
    var isInQuotes: Bool { state == .quoted && !isNewRow }

    private mutating func begin() {
        isNewRow = false
        line = newlines + 1
        cells.removeAll(keepingCapacity: true)
        state = .cellStart
    }
}
