import Console
import Policy
import Records
import Vocabulary

/// What anyone may read on the console's port: the legal pages, the register of promises with the data map, and the heads of
/// the chains. All are rendered from the values that drive the program.
struct PublicPages: Sendable {
    var settings: @Sendable () -> Settings
    /// Of the gate itself, so that the page names everybody who can be called.
    var register: @Sendable () -> RecipientRegister
    var ledger: Ledger

    var all: [PublicPage] {
        let publisher = publisher
        let legal = LegalPage.allCases.flatMap { page in
            // `/security` is where such a page is looked for.
            (["/legal/\(page.rawValue)"] + (page == .security ? ["/security"] : [])).map { path in
                PublicPage(path: path, type: "text/html; charset=utf-8") { wish in
                    try? publisher.page(page, version: wish.version, in: wish.language, at: .now)
                }
            }
        }
        return legal + [
            PublicPage(path: "/transparency", type: "application/json") { _ in
                JSONLine.of(TransparencyDocument(facts(.english))) + [0x0a]
            },
            PublicPage(path: "/security/log-heads", type: "application/json") { _ in
                try? PublishedHeads(ledger).json()
            },
            PublicPage(path: "/security/sbom", type: "application/json") { _ in SoftwareBill.json },
        ]
    }

    var publisher: LegalPublisher {
        LegalPublisher(facts: { facts($0) }, store: LegalStore(ledger))
    }

    private func facts(_ language: Language) -> LegalFacts {
        var facts = Self.facts(settings(), language)
        facts.recipients = RecipientRegister(register().recipients.filter { !$0.classes.contains(.local) })
        facts.incidents = ((try? IncidentStore(ledger).list()) ?? []).map { LegalIncident($0) }
        return facts
    }

    static func facts(_ settings: Settings, _ language: Language = .english) -> LegalFacts {
        var values = settings.legal
        // Where the profile says the law, its operator need not.
        let law = settings.policy.value(of: "jurisdiction")
        if values[.jurisdiction] == nil, law != "operators" {
            values[.jurisdiction] = language.catalogue.text(
                law == "hong_kong" ? "legal.law.hong_kong" : "legal.law.united_states")
        }
        return LegalFacts(
            policy: settings.policy, version: Version.text, values: values,
            recipients: Routes.recipients(settings, sandboxPort: nil), words: language.catalogue)
    }
}

extension LegalIncident {
    init(_ incident: Incident) {
        self.init(
            from: LegalPublisher.day(incident.beganAt), until: incident.endedAt.map(LegalPublisher.day),
            announced: LegalPublisher.day(incident.announcedAt), kind: incident.kind.name.description,
            data: incident.concerns.isEmpty ? ["none"] : incident.concerns.map(\.name.description),
            affected: incident.affected)
    }
}

/// `GET /transparency`.
struct TransparencyDocument: Codable {
    struct PromiseEntry: Codable {
        var id: String
        var sentence: String
        var state: String
        var mechanism: String
        var proofs: [String]
    }

    struct Field: Codable {
        var store: String
        var name: String
        var kind: String
        var purpose: String
        var basis: String
        var kept: String
        var form: String
        var exported_by: String
        var erased: String
    }

    struct RecipientEntry: Codable {
        var name: String
        var host: String
        var port: Int
        var data: [String]
        var purpose: String
        var terms: String?
    }

    struct Page: Codable {
        var path: String
        var published: Bool
        var missing: [String]
    }

    var version: String
    var profile: String
    var settings: [String: String]
    var pages: [Page]
    var recipients: [RecipientEntry]
    var promises: [PromiseEntry]
    var data_map: [Field]

    init(_ facts: LegalFacts) {
        version = facts.version
        profile = facts.policy.base.name.description
        settings = Dictionary(
            ProfileTable.knobs.filter { $0.obeyed == .today }.map { ($0.name, facts.policy.value(of: $0)) },
            uniquingKeysWith: { $1 })
        pages = LegalPage.allCases.map { page in
            let missing = page.missing(in: facts)
            return Page(
                path: "/legal/\(page.rawValue)", published: missing.isEmpty, missing: missing.map(\.rawValue))
        }
        recipients = facts.recipients.recipients.map {
            RecipientEntry(
                name: $0.name, host: $0.host, port: $0.port, data: $0.classes.map(\.rawValue).sorted(),
                purpose: String(
                    decoding: facts.words.sentence(named: Array("legal.recipients.use.\($0.use.rawValue)".utf8)),
                    as: UTF8.self), terms: $0.terms)
        }
        promises = facts.policy.promises.map {
            PromiseEntry(
                id: "\($0.id)", sentence: $0.sentence, state: $0.state.name, mechanism: $0.mechanism,
                proofs: $0.proofs.map { "Tests/\($0.file) \($0.test)" })
        }
        data_map = DataMap.fields.map {
            Field(
                store: $0.store, name: $0.name, kind: $0.kind.rawValue, purpose: $0.purpose.rawValue,
                basis: $0.basis.rawValue, kept: $0.retention.text, form: $0.sealing.rawValue,
                exported_by: $0.export.rawValue, erased: $0.erasure.text)
        }
    }
}
