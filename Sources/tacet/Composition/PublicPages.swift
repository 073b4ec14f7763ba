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
        let html = "text/html; charset=utf-8"
        let legal = LegalPage.allCases.flatMap { page in
            // `/security` is where such a page is looked for.
            ["/legal/\(page.rawValue)"] + (page == .security ? ["/security"] : [])
        }.map { path in
            PublicPage(path: path, type: html) {
                let facts = facts
                let name = path.split(separator: "/").last.map(String.init) ?? ""
                guard let page = LegalPage(rawValue: name) else { return nil }
                return Array((LegalHTML.page(page, facts) ?? LegalHTML.unpublished(page, facts)).utf8)
            }
        }
        return legal + [
            PublicPage(path: "/transparency", type: "application/json") {
                JSONLine.of(TransparencyDocument(facts)) + [0x0a]
            },
            PublicPage(path: "/security/log-heads", type: "application/json") { try? PublishedHeads(ledger).json() },
        ]
    }

    private var facts: LegalFacts {
        var facts = Self.facts(settings())
        facts.recipients = RecipientRegister(register().recipients.filter { !$0.classes.contains(.local) })
        return facts
    }

    static func facts(_ settings: Settings) -> LegalFacts {
        LegalFacts(
            profile: settings.profile, version: Version.text, values: settings.legal,
            recipients: Routes.recipients(settings, sandboxPort: nil))
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
        profile = facts.profile.name.description
        settings = Dictionary(
            ProfileTable.knobs.filter { $0.obeyed == .today }.map { ($0.name, $0.value(in: facts.profile)) },
            uniquingKeysWith: { $1 })
        pages = LegalPage.allCases.map { page in
            let missing = page.missing(in: facts)
            return Page(
                path: "/legal/\(page.rawValue)", published: missing.isEmpty, missing: missing.map(\.rawValue))
        }
        recipients = facts.recipients.recipients.map {
            RecipientEntry(
                name: $0.name, host: $0.host, port: $0.port, data: $0.classes.map(\.rawValue).sorted(),
                purpose: $0.purpose, terms: $0.terms)
        }
        promises = Register.promises(of: facts.profile).map {
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
