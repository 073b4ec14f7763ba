public import Vocabulary

/// What the legal pages say that only the operator knows. A page with an unset one is not published (AN-31).
public struct LegalFacts: Equatable, Sendable {
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

    public var profile: ProfileID
    public var version: String
    public var values: [Name: String]
    public var recipients: RecipientRegister

    public init(profile: ProfileID, version: String, values: [Name: String], recipients: RecipientRegister) {
        self.profile = profile
        self.version = version
        self.values = values
        self.recipients = recipients
    }

    /// The value of a knob in this profile.
    func knob(_ name: String) -> String {
        ProfileTable.knobs.first { $0.name == name }?.value(in: profile) ?? ""
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

    public var title: String {
        switch self {
        case .privacy: "Privacy policy"
        case .terms: "Terms of use"
        case .dpa: "Data processing agreement"
        case .subprocessors: "Recipients of data"
        case .security: "Security"
        case .transparency: "Transparency"
        }
    }

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

    public func missing(in facts: LegalFacts) -> [LegalFacts.Name] {
        needed.filter { facts.values[$0]?.isEmpty ?? true }
    }
}
