public import Metering
public import Vocabulary

/// What an audit is asked.
public struct AuditOptions: Sendable {
    /// Rows before this moment are skipped.
    public var since: Moment?
    /// The day of the audit, for price changes ahead; `nil` when unknown.
    public var today: Moment?
    /// More than one file comes: rows are remembered, so that a period exported twice counts once.
    public var severalFiles = true
    /// Meanings of columns that a person told, by column name; words as in `docs/audit.md`.
    public var columns: [(name: [UInt8], field: [UInt8])] = []
    /// The meanings that a person can give a column.
    public static let meanings = [
        "time", "model", "provider", "key", "user", "project", "requests", "input", "uncached", "cache_read",
        "cache_write", "output", "reasoning", "cost", "currency", "status", "latency",
    ]

    public init() {}
}

/// What was read of one file.
public struct AuditedFile: Sendable {
    /// The format's stable name; `unknown` when the file was not understood.
    public internal(set) var format: [UInt8] = text("unknown")
    public internal(set) var bytes: Int64 = 0
    public internal(set) var parsed: Int64 = 0
    /// Rows that do not count, by position of the reason in `SkipReason.allCases`.
    public internal(set) var skips: [Int64] = Array(repeating: 0, count: SkipReason.allCases.count)
    /// The first lines of each reason.
    public internal(set) var skipLines: [[Int]] = Array(repeating: [], count: SkipReason.allCases.count)
    /// Column names of a table that was not understood.
    public internal(set) var columns: [[UInt8]] = []

    public var skipped: Int64 { skips.reduce(0, +) }
    public var isUnderstood: Bool { format != text("unknown") }
}

/// Reads usage exports as they stream in and finds what was spent, on what, and what of it was waste.
///
/// Bytes may come in any cuts; memory is bounded. Nothing of a prompt is kept: keyed hashes stay in memory, counts and
/// sums leave. The engine does no I/O and reads no clock; one run is one value.
public struct AuditEngine {
    let options: AuditOptions
    let key: AuditKey
    public let formats: AuditFormats
    var names: Names
    var pricer: Pricer
    var tally = Tally()
    var messages = AgentMessages()
    var known = KnownRows()
    var evidence: Evidence
    public internal(set) var files: [AuditedFile] = []
    var file = OpenFile()
    var slots = RowSlots()
    var locale = Locale()

    /// - Parameters:
    ///   - key: random, new for every audit.
    public init(book: PriceBook, key: AuditKey, options: AuditOptions) {
        self.options = options
        self.key = key
        formats = AuditFormats(columns: options.columns)
        names = Names(key: key)
        pricer = Pricer(book: book)
        evidence = Evidence()
    }

    /// Begins a file; its name is not asked for.
    public mutating func beginFile() {
        file = OpenFile()
        files.append(AuditedFile())
    }

    /// The next bytes of the file begun last.
    public mutating func feed(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty, !files.isEmpty else { return }
        files[files.count - 1].bytes += Int64(bytes.count)
        var rest = 0
        if file.isSniffing {
            rest = min(bytes.count, Sniffer.window - file.head.count)
            file.head.append(bytes, 0..<rest)
            if file.head.count < Sniffer.window { return }
            startReading(isWhole: false)
        }
        if rest < bytes.count { read(bytes.extracting(rest..<bytes.count)) }
    }

    /// The file begun last is at its end.
    public mutating func endFile() {
        if file.isSniffing { startReading(isWhole: true) }
        finishReading()
        if file.layout == nil, file.emptyPeriods == 0 { return }
        if file.layout == nil, let weak = file.weakLayout {
            files[files.count - 1].format = weak.name
        }
        files[files.count - 1].parsed += file.emptyPeriods
        file.emptyPeriods = 0
    }

    /// What the rows read so far cost, before overlaps between files are resolved; for a progress line. In pico-USD.
    public var costSoFar: Int128 {
        var sum: Int128 = 0
        for cell in tally.cells { sum += cell.cost }
        return sum / Decimal.attoPerPico
    }

    /// The file begun last is of no kind that is read: the rest of it need not be fed.
    public var isRefused: Bool {
        if case .none = file.reader { return !file.isSniffing }
        return false
    }

    /// All rows read so far.
    public var rowsSoFar: Int64 { files.reduce(0) { $0 + $1.parsed } }

    mutating func skip(_ reason: SkipReason) {
        let at = Int(reason.rawValue)
        files[files.count - 1].skips[at] += 1
        if files[files.count - 1].skipLines[at].count < 8 { files[files.count - 1].skipLines[at].append(file.line) }
    }
}

/// The state of the file that is being read.
struct OpenFile {
    enum Reader {
        case none
        case lines(LineReader)
        case document(DocumentReader)
        case table(TableReader)
    }

    var isSniffing = true
    var head: [UInt8] = []
    var reader = Reader.none
    var layout: Layout?
    /// A format told by a period without traffic, until a row tells more.
    var weakLayout: Layout?
    var emptyPeriods: Int64 = 0
    var line = 0
    /// A table's header.
    var columns: [(field: Field, rank: UInt8)?] = []
    var headerNames: [UInt64] = []
    var headerLine = 0
    /// A currency that a preamble names.
    var currency: [UInt8] = []
    // A coding agent's session.
    var model = NameTable.none
    var project = NameTable.none
    var session: UInt64 = 0
    var lastRunning: (Int64, Int64, Int64) = (-1, -1, -1)
}
