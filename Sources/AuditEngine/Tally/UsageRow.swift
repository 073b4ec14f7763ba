import Vocabulary

/// A class of service with a price of its own.
enum ServiceTier: UInt8 {
    case standard = 0
    case batch, flex, priority

    var word: StaticString {
        switch self {
        case .standard: "standard"
        case .batch: "batch"
        case .flex: "flex"
        case .priority: "priority"
        }
    }

    /// Its name in the catalogue.
    var label: StaticString {
        switch self {
        case .standard: "tier.standard"
        case .batch: "tier.batch"
        case .flex: "tier.flex"
        case .priority: "tier.priority"
        }
    }
}

/// What one row of any file says, in one vocabulary: token classes are disjoint, money is in atto-USD.
struct UsageRow {
    /// Microseconds since 1970 UTC; `nil` when the row has no time.
    var time: Int64?
    /// The row is one call, not the sum of a period.
    var isRequest = false
    /// The row knows its hour.
    var hasHour = false
    var model = NameTable.none
    var provider = NameTable.none
    var key = NameTable.none
    var project = NameTable.none
    var user = NameTable.none
    var usage = TokenUsage()
    var requests: Int64 = 0
    /// What the file says was billed.
    var billed: Int128?
    /// The bill's currency, unless it is USD.
    var currency = NameTable.none
    /// What was paid to a provider directly, beside the file's bill.
    var byok: Int128 = 0
    var tier = ServiceTier.standard
    var isFast = false
    var isRegional = false
    var isLongContext = false
    /// A session of a coding agent: never a candidate for batches.
    var isAgent = false
    /// Capacity that was paid for and not used.
    var isIdle = false
    var isFailed = false
    var isCancelled = false
    var isStreamed = false
    /// The answer ended at its token limit.
    var isCutByLength = false
    var isKeyDisabled = false
    var status: Int64 = 0
    /// Milliseconds.
    var latency: Int64?
    /// The keyed hash of what was asked; 0 when the file does not hold it.
    var bodyHash: UInt64 = 0
    /// Keyed hashes of the body's beginnings, shortest first.
    var prefixes: [UInt64] = []
    /// The length of the body in bytes.
    var bodyLength = 0
    /// The call asked for one answer only: temperature 0.
    var isDeterministic = false
    /// A trace that several calls belong to; 0 without one.
    var trace: UInt64 = 0

    /// Images, characters or seconds, and no token.
    var isMediaOnly: Bool { usage.totalInput + usage.totalOutput == 0 && mediaUnits > 0 }
    /// Images, characters and seconds.
    var mediaUnits: Int64 { usage[.images] + usage[.characters] + usage[.milliseconds] / 1000 }

    var day: Int64 { time.map { Self.day($0) } ?? 0 }

    static func day(_ time: Int64) -> Int64 {
        let day = time / 86_400_000_000
        return time % 86_400_000_000 < 0 ? day - 1 : day
    }
}

/// Why a row does not count.
public enum SkipReason: UInt8, CaseIterable, Sendable {
    case malformed = 0
    case truncated
    case tooLong
    case tooFewCells
    case tooManyCells
    case badNumber
    case badTime
    case noUsage
    case unknownShape
    case repeatedHeader
    case summaryRow
    case otherService
    case repeatedMessage
    case sidechainCopy
    case syntheticModel
    case repeatedInOtherFile
    case beforeSince

    public var word: StaticString {
        switch self {
        case .malformed: "malformed"
        case .truncated: "truncated"
        case .tooLong: "too_long"
        case .tooFewCells: "too_few_cells"
        case .tooManyCells: "too_many_cells"
        case .badNumber: "bad_number"
        case .badTime: "bad_time"
        case .noUsage: "no_usage"
        case .unknownShape: "unknown_shape"
        case .repeatedHeader: "repeated_header"
        case .summaryRow: "summary_row"
        case .otherService: "other_service"
        case .repeatedMessage: "repeated_message"
        case .sidechainCopy: "sidechain_copy"
        case .syntheticModel: "synthetic_model"
        case .repeatedInOtherFile: "repeated_in_other_file"
        case .beforeSince: "before_since"
        }
    }
}
