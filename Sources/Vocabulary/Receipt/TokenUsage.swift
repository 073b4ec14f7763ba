/// What was used, by class. Raw values are positions in a receipt: append, never renumber.
///
/// Billable classes are disjoint: the sum of the input classes is what a provider calls its prompt tokens, the sum of
/// the output classes its completion tokens. `reasoning` alone is a part of `output`, reported beside it.
public enum UsageClass: Int, Sendable, CaseIterable {
    case input = 0
    case cacheRead = 1
    case cacheWrite5m = 2
    case cacheWrite1h = 3
    case inputAudio = 4
    case inputImage = 5
    case output = 6
    case reasoning = 7
    case outputAudio = 8
    case outputImage = 9
    /// Whole images made or edited.
    case images = 10
    /// Milliseconds of audio or video.
    case milliseconds = 11
    /// Characters, where a provider counts those.
    case characters = 12
    /// Searches and other tool calls a provider bills by the call.
    case searches = 13

    public static let count = 14

    /// The member name in JSON under `tokens`.
    public var name: StaticString {
        switch self {
        case .input: "input"
        case .cacheRead: "cache_read"
        case .cacheWrite5m: "cache_write_5m"
        case .cacheWrite1h: "cache_write_1h"
        case .inputAudio: "input_audio"
        case .inputImage: "input_image"
        case .output: "output"
        case .reasoning: "reasoning"
        case .outputAudio: "output_audio"
        case .outputImage: "output_image"
        case .images: "images"
        case .milliseconds: "milliseconds"
        case .characters: "characters"
        case .searches: "searches"
        }
    }
}

/// Counts for every usage class, each from 0 to `ceiling`: a provider's absurd figure is clamped, never trapped on.
public struct TokenUsage: Equatable, Sendable {
    private var counts: [14 of Int64] = .init(repeating: 0)

    /// What the provider says it served at; it decides the price, not the counts.
    public var level = ServiceLevel.standard
    /// The provider kept the request in a region, which some price higher.
    public var isRegional = false

    /// 2^48: sums of all classes and products with any price stay inside their integers.
    public static let ceiling: Int64 = 1 << 48

    public init() {}

    public subscript(_ kind: UsageClass) -> Int64 {
        get { counts[kind.rawValue] }
        set { counts[kind.rawValue] = min(max(0, newValue), Self.ceiling) }
    }

    /// By position in a receipt: `UsageClass.allCases` makes an array each time it is asked for.
    subscript(at index: Int) -> Int64 {
        get { counts[index] }
        set { counts[index] = min(max(0, newValue), Self.ceiling) }
    }

    /// All prompt tokens, cached and written ones included.
    public var totalInput: Int64 {
        sum(.input, .cacheRead, .cacheWrite5m) + sum(.cacheWrite1h, .inputAudio, .inputImage)
    }

    /// All completion tokens, reasoning included.
    public var totalOutput: Int64 { sum(.output, .outputAudio, .outputImage) }

    /// Whether nothing was counted.
    public var isEmpty: Bool {
        for index in 0..<UsageClass.count where counts[index] != 0 { return false }
        return true
    }

    public static func == (a: TokenUsage, b: TokenUsage) -> Bool {
        for index in 0..<UsageClass.count where a.counts[index] != b.counts[index] { return false }
        return a.level == b.level && a.isRegional == b.isRegional
    }

    private func sum(_ a: UsageClass, _ b: UsageClass, _ c: UsageClass) -> Int64 { self[a] + self[b] + self[c] }
}
