public import Policy
public import Records
public import Vocabulary

/// What the members of an organisation agree to before they use the console: the pages in force, and the age that the profile
/// asks for. Each is recorded with its version and the time, and asked for again when there is another version.
public struct Agreements: Sendable {
    public struct Point: Equatable, Sendable {
        public enum Subject: Hashable, Sendable {
            case page(LegalPage)
            case age
        }

        public var subject: Subject
        /// Of the page; of the age, its years.
        public var version: Int64

        /// `privacy`, `terms`, `dpa` or `age`.
        public var name: String { subject.name }
    }

    private let legal: LegalStore
    private let policy: DeploymentPolicy

    public init(_ ledger: Ledger, _ policy: DeploymentPolicy) {
        legal = LegalStore(ledger)
        self.policy = policy
    }

    /// What is in force for everybody: a page that was never published is nothing to agree to.
    public func inForce(at now: Moment) throws(StorageFault) -> [Point] {
        var points: [Point] = []
        if let age = policy.confirmedAge { points.append(Point(subject: .age, version: age)) }
        for page in LegalPage.allCases where page.isAgreement {
            let editions = try legal.editions(of: page.number).map {
                LegalEdition(number: $0.number, effective: $0.effective)
            }
            let history = LegalHistory(editions, today: now.microseconds / CivilDate.dayLength)
            if let edition = history.current { points.append(Point(subject: .page(page), version: edition.number)) }
        }
        return points
    }

    /// What a member has still to agree to. What its organisation agreed to as such holds for all, but for the age.
    public func due(_ member: MemberRow, at now: Moment) throws(StorageFault) -> [Point] {
        let given = try legal.acceptances(of: member.organisation)
        return try inForce(at: now).filter { point in
            !given.contains {
                $0.page == point.subject.number && $0.number == point.version
                    && ($0.member == member.id || $0.member == .none && point.subject != .age)
            }
        }
    }

    /// Records that a member agreed.
    public func agree(_ point: Point, as member: MemberRow, at now: Moment) throws(StorageFault) {
        try legal.accept(
            Acceptance(
                organisation: member.organisation, member: member.id, page: point.subject.number,
                number: point.version, at: now))
    }
}

extension Agreements.Point.Subject {
    /// The one of a name.
    public init?(_ name: String) {
        if name == "age" {
            self = .age
        } else if let page = LegalPage(rawValue: name), page.isAgreement {
            self = .page(page)
        } else {
            return nil
        }
    }

    /// The one of a number in the ledger.
    public init?(number: Int64) {
        if number == Self.age.number {
            self = .age
        } else if let page = LegalPage.allCases.first(where: { $0.number == number }) {
            self = .page(page)
        } else {
            return nil
        }
    }

    public var name: String {
        switch self {
        case .page(let page): page.rawValue
        case .age: "age"
        }
    }

    /// As the ledger has it.
    var number: Int64 {
        switch self {
        case .page(let page): page.number
        case .age: 100
        }
    }
}
