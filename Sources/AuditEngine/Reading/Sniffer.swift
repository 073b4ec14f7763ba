/// What the first bytes of a file tell about it.
enum FileShape {
    /// Every line a JSON document.
    case lines
    /// JSON documents whose rows stand at a level.
    case document(level: Int)
    /// A table by its delimiter.
    case table(delimiter: UInt8)
    /// Not text.
    case binary
    /// Nothing but white space.
    case empty
}

enum Sniffer {
    /// How many bytes are looked at before the first row is read.
    static let window = 64 << 10

    static func shape(
        _ head: Span<UInt8>, isWhole: Bool, isHeader: (_ names: [UInt64], _ isGenericAllowed: Bool) -> Bool
    ) -> FileShape {
        var at = start(head)
        JSONScan.white(head, &at)
        guard at < head.count else { return .empty }
        for index in head.indices.prefix(4096) where head[index] == 0 { return .binary }
        switch head[at] {
        case 0x5b:
            // `[{…}` opens an array of rows.
            return .document(level: 1)
        case 0x7b:
            if isEnvelope(head, at) { return .document(level: 2) }
            let end = ByteSearch.first(0x0a, in: head, from: at)
            if end == head.count { return isWhole ? .document(level: 0) : .lines }
            var place = at
            let isComplete = JSONScan.value(head.extracting(0..<end), &place) != nil
            if isComplete { return .lines }
            // A broken first line before others that are whole is still a file of lines.
            var next = end + 1
            JSONScan.white(head, &next)
            return next < head.count && head[next] == 0x7b ? .lines : .document(level: 0)
        default: return .table(delimiter: delimiter(head.extracting(start(head)..<head.count), isHeader))
        }
    }

    /// The length of a byte order mark.
    static func start(_ head: Span<UInt8>) -> Int {
        head.count >= 3 && head[0] == 0xef && head[1] == 0xbb && head[2] == 0xbf ? 3 : 0
    }

    /// Whether a member of the outermost object is a list of rows.
    private static func isEnvelope(_ head: Span<UInt8>, _ start: Int) -> Bool {
        var lists: [UInt64] = []
        for name in Words.words(of: text("data results result rows items logs records generations")) {
            lists.append(NameHash.of(name))
        }
        var at = start + 1
        JSONScan.white(head, &at)
        while at < head.count {
            guard let name = JSONScan.name(head, &at, NameHash.start, nested: false), at < head.count else {
                return false
            }
            if head[at] == 0x5b, lists.contains(name) {
                at += 1
                JSONScan.white(head, &at)
                return at < head.count && (head[at] == 0x7b || head[at] == 0x5d)
            }
            guard JSONScan.value(head, &at) != nil, JSONScan.comma(head, &at, close: 0x7d) == true else {
                return false
            }
        }
        return false
    }

    /// The delimiter under which a known header shows, else one of usual names, else the one that cuts most cells.
    private static func delimiter(
        _ head: Span<UInt8>, _ isHeader: (_ names: [UInt64], _ isGenericAllowed: Bool) -> Bool
    ) -> UInt8 {
        var best: UInt8 = 0x2c
        var most = 1
        for isGenericAllowed in [false, true] {
            for delimiter: UInt8 in [0x2c, 0x09, 0x3b, 0x7c] {
                var reader = TableReader(delimiter: delimiter)
                var at = 0
                var row = 0
                while row < 40, let place = reader.next(head, &at) {
                    row += 1
                    guard case .chunk(let range) = place else { break }
                    let names = Header.names(head.extracting(range), reader.cells)
                    if names.count > 1, isHeader(names, isGenericAllowed) { return delimiter }
                    if reader.cells.count > most {
                        most = reader.cells.count
                        best = delimiter
                    }
                }
            }
        }
        return best
    }
}

/// The first record of a table that names its columns.
enum Header {
    static func names(_ row: Span<UInt8>, _ cells: [TableReader.Cell]) -> [UInt64] {
        var names: [UInt64] = []
        for cell in cells { names.append(NameHash.of(row.extracting(cell.start..<max(cell.start, cell.end)))) }
        return names
    }
}

/// How a table writes decimals and dates, told by cells that allow one reading only.
struct Locale {
    private var commas = 0
    private var points = 0
    private var daysFirst = 0
    private var monthsFirst = 0

    mutating func learn(_ cell: Span<UInt8>) {
        guard cell.count > 2, cell.count < 24 else { return }
        var mark = UInt8(0)
        var marks = 0
        var markAt = 0
        for index in cell.indices {
            let byte = cell[index]
            if byte == 0x2c || byte == 0x2e || byte == 0x2f {
                mark = byte
                if marks == 0 { markAt = index }
                marks += 1
            } else if byte < 0x30 || byte > 0x39, byte != 0x2d {
                return
            }
        }
        if mark == 0x2f, marks == 2 {
            let first = Decimal.count(cell.extracting(0..<markAt)) ?? 0
            let second = Decimal.count(cell.extracting(markAt + 1..<min(markAt + 3, cell.count))) ?? 0
            if first > 12 { daysFirst += 1 }
            if second > 12 { monthsFirst += 1 }
        } else if marks == 1, cell.count - markAt - 1 != 3 {
            if mark == 0x2c { commas += 1 } else { points += 1 }
        }
    }

    func mark(delimiter: UInt8) -> Decimal.Mark {
        if commas != points { return commas > points ? .comma : .point }
        return delimiter == 0x3b ? .comma : .point
    }

    var dayFirst: Bool { daysFirst > monthsFirst }
}
