import Accounts
import HTTPTypes
import Policy
import Records
import Vocabulary

/// What is stored about an organisation and its people, and everything they may ask of it.
enum PrivacyPage {
    static let routes: [Route] = [
        .get("/privacy", .member(.readUsage, show)),
        .post("/privacy/export", .confirmed(.changeOrganisation, returnTo: "/privacy", export)),
        .post("/privacy/{right}", .confirmed(.changeOrganisation, returnTo: "/privacy", apply)),
    ]

    private struct View {
        let problem: String?
        let token: String
        let may: Bool
        let owns: Bool
        let active: Bool
        let consents: Bool
        let restricted: Bool
        let objects: Bool
        let deleted: Bool
        let purgeAt: String?
        let recoveryDays: String?
        let fields: String
        let stores: [Store]
        let head: String?
    }

    private struct Store {
        let name: String
        let names: String
        let purpose: String
        let kept: String
        let form: String
    }

    /// Rights by the name in the path, with what they are in the audit log.
    static let rights: [(name: String, event: AccountLife.Event, action: AuditEntry.Action)] = [
        ("withdraw-consent", .withdrawConsent, .consentWithdraw), ("give-consent", .giveConsent, .consentGive),
        ("restrict", .restrict, .restrict), ("unrestrict", .unrestrict, .unrestrict), ("object", .object, .object),
        ("unobject", .unobject, .unobject), ("delete", .requestDeletion(isFinal: false), .deletionRequest),
        ("delete-now", .requestDeletion(isFinal: true), .deletionRequest),
        ("restore", .cancelDeletion, .deletionCancel),
    ]

    private static func page(_ visit: Visit, _ account: Account, problem: String? = nil) throws -> PageAnswer {
        let words = visit.words
        let life = try visit.desk.rights.life(of: account.organisation)
        var purgeAt: String?
        if case .deleted(_, let at) = life.phase { purgeAt = words.day(at) }
        let days = try visit.desk.rights.terms(of: account.organisation).recoveryDays
        let view = View(
            problem: problem, token: visit.desk.people.formToken(account),
            may: account.may(.changeOrganisation), owns: account.may(.own), active: life.phase == .active,
            consents: life.hasConsent, restricted: life.isRestricted, objects: life.objects, deleted: purgeAt != nil,
            purgeAt: purgeAt, recoveryDays: days > 0 ? words.text("privacy.recovery", .count(days)) : nil,
            fields: words.text("privacy.fields", .count(Int64(DataMap.fields.count))), stores: stores(words),
            head: try visit.desk.receipts.totals().root.prefix16)
        return visit.page("privacy", view, title: "privacy.title", status: problem == nil ? .ok : .conflict)
    }

    /// The data map, a line for what is kept alike.
    private static func stores(_ words: Catalogue) -> [Store] {
        var order: [String] = []
        var groups: [String: [DataField]] = [:]
        for field in DataMap.fields where field.basis != .notPersonal {
            let key = "\(field.store)\n\(field.purpose.rawValue)\n\(field.retention.text)\n\(field.sealing.rawValue)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(field)
        }
        return order.compactMap { key in
            guard let fields = groups[key], let first = fields.first else { return nil }
            return Store(
                name: first.store, names: fields.map(\.name).joined(separator: ", "),
                purpose: words.named("purpose.\(first.purpose.rawValue)"), kept: first.retention.text,
                form: words.named("sealing.\(first.sealing.rawValue)"))
        }
    }

    @Sendable private static func show(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try page(visit, account)
    }

    @Sendable private static func apply(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        do {
            try await applied(visit, account)
            return visit.done("/privacy", .saved)
        } catch PageFault.refused(let key) {
            return try page(visit, account, problem: visit.words.named(key))
        }
    }

    // MARK: Acts

    /// Uses the right that the path names.
    static func applied(_ visit: Visit, _ account: Account) async throws {
        guard let right = rights.first(where: { $0.name == visit.parameters["right"] }) else {
            throw PageFault.notFound
        }
        if right.action == .deletionRequest || right.action == .deletionCancel {
            guard account.may(.own) else { throw PeopleRefusal.notAllowed }
            if right.action == .deletionRequest, visit.form["sure"] != "1" {
                throw PageFault.refused("privacy.not_sure")
            }
        }
        try visit.desk.people.record(right.action, by: account)
        await visit.desk.drain()
        if try visit.desk.rights.apply(right.event, to: account.organisation, at: visit.now) != nil {
            try visit.desk.people.record(right.action, by: account, result: .failed)
            throw PageFault.refused("privacy.too_late")
        }
        _ = try visit.desk.rights.work(at: visit.now)
        visit.desk.keysChanged()
    }

    /// The same archive as `tacet rights export`: all that is kept of the organisation and the people in it (GDPR 15 and 20).
    @Sendable static func export(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        try visit.desk.people.record(.accountExport, by: account)
        await visit.desk.drain()
        let archive = try visit.desk.rights.export(account.organisation, at: visit.now)
        return .file(name: "tacet-account.zip", type: "application/zip", bytes: archive)
    }
}
