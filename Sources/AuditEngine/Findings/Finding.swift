public import Vocabulary

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
    /// The stable name; the catalogue holds its title and sentences under it.
    public let id: StaticString
    public let confidence: Confidence
    /// What it is worth over the time the files cover, in atto-USD; `nil` where there is nothing to sum.
    public let amount: Int128?
    /// Whether the amount can be saved, rather than only explained.
    public let isSaving: Bool
    /// The same for thirty days; `nil` when the files do not tell their time.
    public internal(set) var monthly: Int128?
    /// What of it is left after the savings before it, for thirty days: these may be added.
    public internal(set) var monthlyAfterOthers: Int128?
    /// Whether it happened once, so that it has no sum by the month.
    let isOnce: Bool
    /// The figures it rests on.
    public let evidence: [Phrase]
    /// What to do, where it is not the one that is usual for the finding.
    let otherAction: StaticString?
    /// The line of `tacet.yaml` that does it; empty when no setting does.
    public let setting: [UInt8]

    init(
        _ id: StaticString, _ confidence: Confidence, amount: Int128? = nil, isSaving: Bool = false,
        isOnce: Bool = false, evidence: [Phrase], action: StaticString? = nil, setting: [UInt8] = []
    ) {
        self.id = id
        self.confidence = confidence
        self.amount = amount
        self.isSaving = isSaving
        self.isOnce = isOnce
        self.evidence = evidence
        otherAction = action
        self.setting = setting
    }

    public func title(_ language: Catalogue) -> [UInt8] { language.word("finding.", id, ".title") }
    public func evidence(_ language: Catalogue) -> [UInt8] { language.sentences(evidence) }
    public func action(_ language: Catalogue) -> [UInt8] {
        otherAction.map { language.sentence($0) } ?? language.word("finding.", id, ".action")
    }

    public func confidence(_ language: Catalogue) -> [UInt8] { language.word("confidence.", confidence.word) }
}
