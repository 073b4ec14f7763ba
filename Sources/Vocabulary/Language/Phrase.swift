/// A sentence of the catalogue with what stands in it.
public struct Phrase: Sendable {
    public let key: StaticString
    public let values: [PhraseValue]

    public init(_ key: StaticString, _ values: [PhraseValue] = []) {
        self.key = key
        self.values = values
    }

    /// How many rows were read and skipped.
    public static func rows(_ read: Int64, _ skipped: Int64) -> Phrase {
        Phrase("figure.rows", [.count(read), .count(skipped)])
    }
}

/// What can stand in a sentence; the language writes it.
public enum PhraseValue: Sendable {
    case count(Int64)
    /// In atto-USD.
    case usd(Int128)
    case share(Int128, of: Int128)
    case name([UInt8])
    /// A day since 1970.
    case day(Int64)
}
