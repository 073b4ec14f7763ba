public import Vocabulary

/// What the legal pages are made from: the policy, what only the operator knows, who receives data, and the words of one
/// language. A page with an unset value is not published (AN-31).
public struct LegalFacts: Sendable {
    public enum Name: String, CaseIterable, Sendable {
        case company
        case address
        case contact
        case privacyContact = "privacy_contact"
        case website
        case operators
        case hosting
        case jurisdiction
        case effective

        /// What is to be filled in.
        public var meaning: String {
            switch self {
            case .company: "the legal name of who runs this installation"
            case .address: "its postal address"
            case .contact: "a mail address for support"
            case .privacyContact: "a mail address for questions of privacy"
            case .website: "its website"
            case .operators: "who may access the production system, by name or role"
            case .hosting: "who hosts the machine, and in which country"
            case .jurisdiction: "under which country's law the pages speak"
            case .effective: "the date from which this version holds, such as 2026-12-01"
            }
        }
    }

    public var policy: DeploymentPolicy
    public var version: String
    public var values: [Name: String]
    public var recipients: RecipientRegister
    public var incidents: [LegalIncident] = []
    public var words: Catalogue

    public init(
        policy: DeploymentPolicy, version: String, values: [Name: String], recipients: RecipientRegister,
        words: Catalogue
    ) {
        self.policy = policy
        self.version = version
        self.values = values
        self.recipients = recipients
        self.words = words
    }

    func say(_ key: StaticString, _ values: String...) -> String {
        String(decoding: words.sentence(key, values.map { .name(Array($0.utf8)) }), as: UTF8.self)
    }

    /// A word of a closed list, by its list and name.
    func word(_ list: String, _ name: String) -> String {
        String(decoding: words.sentence(named: Array("legal.\(list).\(name)".utf8)), as: UTF8.self)
    }

    func date(_ day: Int64) -> String { String(decoding: words.date(day), as: UTF8.self) }

    /// What the operator set; empty while it is unset.
    public func value(of name: Name) -> String { values[name] ?? "" }

    func value(_ name: Name) -> String { value(of: name) }

    func sentence(_ promise: Promise) -> String {
        if words.code == Array("en".utf8) { return promise.sentence }
        return String(decoding: words.sentence(named: Array("promise.\(promise.id)".utf8)), as: UTF8.self)
    }
}

/// A known incident as everyone may read it (AN-20): kinds and numbers, no words.
public struct LegalIncident: Equatable, Sendable {
    /// Days since 1970.
    public var from: Int64
    /// `nil`: it goes on.
    public var until: Int64?
    public var announced: Int64
    public var kind: String
    public var data: [String]
    public var affected: Int

    public init(from: Int64, until: Int64?, announced: Int64, kind: String, data: [String], affected: Int) {
        self.from = from
        self.until = until
        self.announced = announced
        self.kind = kind
        self.data = data
        self.affected = affected
    }
}

/// The pages there are.
public enum LegalPage: String, CaseIterable, Sendable {
    case privacy
    case terms
    case dpa
    case subprocessors
    case security
    case transparency

    /// What it cannot be published without.
    public var needed: [LegalFacts.Name] {
        switch self {
        case .privacy: [.company, .address, .contact, .privacyContact, .website, .hosting, .jurisdiction, .effective]
        case .terms: [.company, .address, .contact, .jurisdiction, .effective]
        case .dpa: [.company, .address, .privacyContact, .hosting, .jurisdiction, .effective]
        case .subprocessors: [.company, .hosting, .effective]
        case .security: [.company, .operators, .contact, .effective]
        case .transparency: []
        }
    }

    /// Whether it is agreed to, so that a change waits for its day; the others say what is so now.
    public var isAgreement: Bool {
        switch self {
        case .privacy, .terms, .dpa: true
        case .subprocessors, .security, .transparency: false
        }
    }

    /// As the ledger has it: append, never renumber.
    public var number: Int64 {
        switch self {
        case .privacy: 1
        case .terms: 2
        case .dpa: 3
        case .subprocessors: 4
        case .security: 5
        case .transparency: 6
        }
    }

    public func missing(in facts: LegalFacts) -> [LegalFacts.Name] {
        needed.filter { facts.value($0).isEmpty }
    }
}
