import Vocabulary

/// One version of a page (AI-17): the text as it was published, from which day it holds.
public struct LegalEdition: Equatable, Sendable {
    /// From 1, without gaps.
    public var number: Int64
    /// Days since 1970.
    public var effective: Int64

    public init(number: Int64, effective: Int64) {
        self.number = number
        self.effective = effective
    }

    /// From which day a text holds that is published today.
    ///
    /// A first one holds from the date its operator set. A change never holds before its publication; what is agreed to is
    /// announced before, at the latest the day before, where the profile promises a notice (AN-30).
    public static func effective(
        _ page: LegalPage, wanted: Int64, today: Int64, isFirst: Bool, policy: DeploymentPolicy
    ) -> Int64 {
        if isFirst { return wanted }
        guard page.isAgreement else { return today }
        return max(wanted, policy.value(of: "change_notice") == "date" ? today : today + 1)
    }
}

/// The versions of one page on one day.
public struct LegalHistory: Equatable, Sendable {
    /// All, oldest first.
    public var editions: [LegalEdition]
    /// Days since 1970.
    public var today: Int64

    public init(_ editions: [LegalEdition], today: Int64) {
        self.editions = editions
        self.today = today
    }

    /// What holds today; of a page that was never in force, its first version.
    public var current: LegalEdition? { editions.last { $0.effective <= today } ?? editions.first }

    /// What is announced.
    public var coming: LegalEdition? { editions.first { $0.effective > today && $0.number > current?.number ?? 0 } }

    public var earlier: [LegalEdition] { editions.filter { $0.number < current?.number ?? 0 } }

    public subscript(number: Int64) -> LegalEdition? { editions.first { $0.number == number } }
}
