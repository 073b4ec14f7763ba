import Accounts
import Records
import Vocabulary

/// Who did what and when, chained so that nothing can be taken out.
enum AuditLogPage {
    static let routes: [Route] = [
        .get("/audit-log", .member(.readAuditLog, show)), .get("/audit-log.csv", .member(.readAuditLog, export)),
    ]

    private struct View {
        let rows: [Row]
        let hasRows: Bool
        let older: Int64?
    }

    private struct Row {
        let sequence: String
        let time: TimeView
        let who: String
        let what: String
        let failed: Bool
    }

    private static let length = 50

    /// The names behind the digests: those who belong to the organisation now.
    static func who(_ entry: AuditEntry, _ people: [[UInt8]: String], _ words: Catalogue) -> String {
        guard entry.actor == .person else { return words.named("actor.\(entry.actor.name)") }
        let digest = entry.fields.first { $0.name == .by }?.digest ?? []
        return people[digest] ?? words.text("actor.former")
    }

    static func people(_ visit: Visit, _ account: Account) throws -> [[UInt8]: String] {
        Dictionary(
            try visit.desk.people.team(of: account.organisation).map {
                (visit.desk.people.actorDigest($0.person.id), $0.person.mail.text)
            }, uniquingKeysWith: { $1 })
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let words = visit.words
        let before = Int64(visit.query["before"]) ?? .max
        let entries = try visit.desk.audit.newest(of: account.organisation, before: before, limit: length + 1)
        let people = try people(visit, account)
        let rows = entries.prefix(length).map { entry in
            Row(
                sequence: words.count(entry.sequence), time: words.time(entry.at), who: who(entry, people, words),
                what: words.named("act.\(entry.action.name)"), failed: entry.result == .failed)
        }
        let view = View(
            rows: rows, hasRows: !rows.isEmpty, older: entries.count > length ? entries[length - 1].sequence : nil)
        return visit.page("audit-log", view, title: "audit.title")
    }

    @Sendable private static func export(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let people = try people(visit, account)
        var table = CSVTable(["sequence", "at", "actor", "action", "result"])
        for entry in try visit.desk.audit.newest(of: account.organisation, limit: 100_000) {
            table.add([
                "\(entry.sequence)", entry.at.iso, who(entry, people, visit.words), entry.action.name.description,
                entry.result.name.description,
            ])
        }
        return .file(name: "audit-log.csv", type: "text/csv; charset=utf-8", bytes: Array(table.text.utf8))
    }
}
