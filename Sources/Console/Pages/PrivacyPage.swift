import Accounts
import Foundation
import HTTPTypes
import Policy
import Records
import Vocabulary

/// What is stored about an organisation and its people, and everything they may ask of it.
enum PrivacyPage {
    static let routes: [PageRoute] = [
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
    private static let rights: [(name: String, event: AccountLife.Event, action: AuditEntry.Action)] = [
        ("withdraw-consent", .withdrawConsent, .consentWithdraw), ("give-consent", .giveConsent, .consentGive),
        ("restrict", .restrict, .restrict), ("unrestrict", .unrestrict, .unrestrict), ("object", .object, .object),
        ("unobject", .unobject, .unobject), ("delete", .requestDeletion(isFinal: false), .deletionRequest),
        ("delete-now", .requestDeletion(isFinal: true), .deletionRequest),
        ("restore", .cancelDeletion, .deletionCancel),
    ]

    private static func page(_ visit: Visit, _ account: Account, problem: StaticString? = nil) throws -> PageAnswer {
        let words = visit.words
        let life = try visit.desk.rights.life(of: account.organisation)
        var purgeAt: String?
        if case .deleted(_, let at) = life.phase { purgeAt = words.day(at) }
        let days = try visit.desk.rights.terms(of: account.organisation).recoveryDays
        let view = View(
            problem: problem.map { words.text($0) }, token: visit.desk.people.formToken(account),
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
        guard let right = rights.first(where: { $0.name == visit.parameters["right"] }) else {
            throw PageFault.notFound
        }
        if right.action == .deletionRequest || right.action == .deletionCancel {
            guard account.may(.own) else { throw PeopleRefusal.notAllowed }
            if right.action == .deletionRequest, visit.form["sure"] != "yes" {
                return try page(visit, account, problem: "privacy.not_sure")
            }
        }
        try visit.desk.people.record(right.action, by: account)
        await visit.desk.drain()
        if try visit.desk.rights.apply(right.event, to: account.organisation, at: visit.now) != nil {
            try visit.desk.people.record(right.action, by: account, result: .failed)
            return try page(visit, account, problem: "privacy.too_late")
        }
        _ = try visit.desk.rights.work(at: visit.now)
        visit.desk.keysChanged()
        return visit.done("/privacy", .saved)
    }

    // MARK: Export

    /// All that the console keeps of an organisation and the people in it (GDPR 15 and 20).
    private struct Export: Encodable {
        struct Member: Encodable {
            let mail: String
            let name: String
            let role: String
            let joined_at: String
        }
        struct Key: Encodable {
            let id: String
            let name: String
            let shown: String
            let created_at: String
            let revoked_at: String?
            let spent_nano_usd: Int64
        }
        let exported_at: String
        let organisation: String
        let members: [Member]
        let invitations: [String]
        let keys: [Key]
        let receipts: [ReceiptLine]
    }

    /// A receipt as it stands in the ledger.
    private struct ReceiptLine: Encodable {
        let id: String
        let at: String
        let model: String
        let provider: String
        let status: UInt16
        let input_tokens: Int64
        let output_tokens: Int64
        let provider_cost_nano_usd: Int64
        let charge_nano_usd: Int64
        let microseconds: Int64
    }

    private static let mostReceipts = 100_000

    @Sendable private static func export(_ visit: Visit, _ account: Account) async throws -> PageAnswer {
        let desk = visit.desk
        try desk.people.record(.accountExport, by: account)
        await desk.drain()
        let receipts = try desk.receipts.list(.init(organisation: account.organisation, limit: mostReceipts))
        let export = Export(
            exported_at: visit.now.iso, organisation: account.organisationName,
            members: try desk.people.team(of: account.organisation).map {
                .init(
                    mail: $0.person.mail.text, name: $0.person.name, role: $0.member.role.name.description,
                    joined_at: $0.member.joinedAt.iso)
            },
            invitations: try desk.people.invitations(to: account.organisation).map(\.mail.text),
            keys: try desk.keys.list(of: account.organisation).map {
                .init(
                    id: $0.id.text, name: $0.name, shown: $0.shown, created_at: $0.createdAt.iso,
                    revoked_at: $0.revokedAt?.iso, spent_nano_usd: $0.spent.value)
            },
            receipts: receipts.map { stored in
                let receipt = stored.receipt
                return ReceiptLine(
                    id: receipt.id.name, at: receipt.openedAt.iso, model: stored.servedModel ?? "other",
                    provider: stored.deployment ?? "", status: receipt.status,
                    input_tokens: receipt.tokens.totalInput, output_tokens: receipt.tokens.totalOutput,
                    provider_cost_nano_usd: receipt.providerCost.value, charge_nano_usd: receipt.charge.value,
                    microseconds: receipt.totalMicroseconds)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return .file(name: "tacet-export.json", type: "application/json", bytes: Array(try encoder.encode(export)))
    }
}
