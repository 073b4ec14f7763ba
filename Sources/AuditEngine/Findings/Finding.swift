/// How sure a finding is.
public enum Confidence: UInt8, Sendable {
    case measured = 1
    case estimated
    /// The files do not hold what it takes to tell.
    case notDeterminable

    public var word: StaticString {
        switch self {
        case .measured: "measured"
        case .estimated: "estimated"
        case .notDeterminable: "not_determinable"
        }
    }
}

/// One thing to know or to do.
public struct Finding: Sendable {
    /// The stable name.
    public let id: StaticString
    public let title: StaticString
    public let confidence: Confidence
    /// What it is worth over the time the files cover, in atto-USD; `nil` where there is nothing to sum.
    public let amount: Int128?
    /// Whether the amount can be saved, rather than only explained.
    public let isSaving: Bool
    /// The same for thirty days; `nil` when the files do not tell their time.
    public internal(set) var monthly: Int128?
    /// What of it is left after the savings before it, for thirty days: these may be added.
    public internal(set) var monthlyAfterOthers: Int128?
    /// The figures it rests on, as a sentence.
    public let evidence: [UInt8]
    public let action: StaticString
    /// The line of `tacet.yaml` that does it; empty when no setting does.
    public let setting: StaticString

    init(
        _ id: StaticString, _ title: StaticString, _ confidence: Confidence, amount: Int128? = nil,
        isSaving: Bool = false,
        evidence: [UInt8], action: StaticString, setting: StaticString = ""
    ) {
        self.id = id
        self.title = title
        self.confidence = confidence
        self.amount = amount
        self.isSaving = isSaving
        self.evidence = evidence
        self.action = action
        self.setting = setting
    }
}

/// Sentences made of constants and figures, in bytes: Embedded Swift has no formatting.
struct Sentence {
    private(set) var bytes: [UInt8] = []

    func with(_ constant: StaticString) -> Sentence { appending(text(constant)) }
    func with(_ count: Int64) -> Sentence { appending(Figures.grouped(count)) }
    func with(_ name: [UInt8]) -> Sentence { appending(name) }
    func usd(_ atto: Int128) -> Sentence { appending(Figures.usd(atto)) }

    /// A share in percent with one decimal.
    func share(_ part: Int128, of whole: Int128) -> Sentence {
        guard whole != 0 else { return with("0 %") }
        let permille = (part * 1000 + whole / 2) / whole
        return appending(
            digits(permille / 10) + [0x2e] + digits(permille < 0 ? -permille % 10 : permille % 10) + text(" %"))
    }

    private func appending(_ more: [UInt8]) -> Sentence {
        var copy = self
        copy.bytes += more
        return copy
    }
}

/// Figures for people.
enum Figures {
    /// `1,234,567`.
    static func grouped(_ value: Int64) -> [UInt8] {
        var out: [UInt8] = []
        let all = digits(value < 0 ? -value : value)
        for (place, byte) in all.enumerated() {
            if place > 0, (all.count - place) % 3 == 0 { out.append(0x2c) }
            out.append(byte)
        }
        return value < 0 ? [0x2d] + out : out
    }

    /// `$1,234.56`; more decimals below a dollar.
    static func usd(_ atto: Int128) -> [UInt8] {
        let magnitude = atto < 0 ? -atto : atto
        let places = magnitude == 0 || magnitude >= Decimal.atto ? 2 : magnitude >= Decimal.atto / 100 ? 4 : 6
        var unit = Decimal.atto
        for _ in 0..<places { unit /= 10 }
        let rounded = (magnitude + unit / 2) / unit
        var scale: Int128 = 1
        for _ in 0..<places { scale *= 10 }
        let whole = rounded / scale
        return (atto < 0 ? [0x2d] : []) + [0x24] + grouped(Int64(min(whole, Int128(Int64.max)))) + [0x2e]
            + padded(Int64(rounded % scale), places)
    }
}
