import Vocabulary

/// A page as paragraphs, lists and tables, from which HTML is made.
public enum LegalBlock: Equatable, Sendable {
    case heading(String)
    case paragraph(String)
    /// The short version at the top.
    case summary([String])
    case list([String])
    case table(head: [String], rows: [[String]])
}

/// What each page says, from the facts, the register and the data map: a sentence stands here only when code keeps it.
public enum LegalText {
    /// `nil` while a needed fact is unset.
    public static func blocks(_ page: LegalPage, _ facts: LegalFacts) -> [LegalBlock]? {
        guard page.missing(in: facts).isEmpty else { return nil }
        return switch page {
        case .privacy: privacy(facts)
        case .terms: terms(facts)
        case .dpa: agreement(facts)
        case .subprocessors: recipients(facts)
        case .security: security(facts)
        case .transparency: transparency(facts)
        }
    }

    /// The promises that this installation makes and code keeps, by scope.
    private static func kept(_ facts: LegalFacts, _ scopes: [Promise.Scope]) -> LegalBlock {
        .list(
            facts.policy.promises.filter { $0.state == .kept && scopes.contains($0.scope) }
                .map { "\(facts.sentence($0)) (\($0.id))" })
    }

    private static func privacy(_ facts: LegalFacts) -> [LegalBlock] {
        let days = facts.policy.value(of: "log_retention_days")
        return [
            .summary([
                facts.say("legal.privacy.short.words"), facts.say("legal.privacy.short.numbers"),
                facts.say("legal.privacy.short.recipient"), facts.say("legal.privacy.short.rights", days),
            ]),
            .heading(facts.say("legal.privacy.who")),
            .paragraph(
                facts.say(
                    "legal.privacy.who.text", facts.value(.company), facts.value(.address), facts.value(.contact),
                    facts.value(.privacyContact), facts.value(.website), facts.value(.hosting),
                    facts.value(.jurisdiction))),
            .heading(facts.say("legal.privacy.not_stored")),
            kept(facts, [.relay]),
            .heading(facts.say("legal.privacy.stored")),
            .paragraph(facts.say("legal.privacy.stored.text")),
            dataMap(facts),
            .heading(facts.say("legal.privacy.term")),
            .list(terms(of: facts, days)),
            .heading(facts.say("legal.privacy.rights")),
            .list([
                facts.say("legal.privacy.rights.list"), facts.say("legal.privacy.rights.consent"),
                facts.say("legal.privacy.rights.deletion"),
                facts.say("legal.privacy.rights.answer", facts.policy.value(of: "erase_within_days")),
            ]),
            .heading(facts.say("legal.privacy.promises")),
            kept(facts, [.keys, .logs, .telemetry, .sharing, .site, .retention, .rights]),
            .heading(facts.say("legal.privacy.age")),
            .paragraph(facts.word("privacy.age", age(facts))),
            .heading(facts.say("legal.privacy.changes")),
            .paragraph(
                facts.policy.value(of: "change_notice") == "date"
                    ? facts.say("legal.privacy.changes.date") : facts.say("legal.privacy.changes.notice")),
        ]
    }

    private static func terms(of facts: LegalFacts, _ logDays: String) -> [String] {
        let recovery = facts.policy.value(of: "recovery_days")
        return [
            facts.say("legal.privacy.term.logs", logDays),
            facts.word("privacy.term.receipts", facts.policy.value(of: "receipt_days")),
            facts.word("privacy.term.sums", facts.policy.value(of: "roll_up_months")),
            facts.say("legal.privacy.term.amounts"),
            recovery == "0"
                ? facts.say("legal.privacy.term.purge_now") : facts.say("legal.privacy.term.purge_later", recovery),
        ]
    }

    private static func age(_ facts: LegalFacts) -> String {
        facts.policy.value(of: "minimum_age") == "16" ? "16" : "13"
    }

    private static func terms(_ facts: LegalFacts) -> [LegalBlock] {
        [
            .paragraph(facts.say("legal.terms.parties", facts.value(.company), facts.value(.address))),
            .heading(facts.say("legal.terms.service")),
            .paragraph(facts.say("legal.terms.service.text")),
            .heading(facts.say("legal.terms.part")),
            .list([
                facts.say("legal.terms.part.keys"), facts.say("legal.terms.part.law"),
                facts.word("terms.age", age(facts)),
            ]),
            .heading(facts.say("legal.terms.money")),
            .paragraph(facts.say("legal.terms.money.text")),
            .heading(facts.say("legal.terms.law")),
            .paragraph(facts.say("legal.terms.law.text", facts.value(.jurisdiction), facts.value(.contact))),
        ]
    }

    private static func agreement(_ facts: LegalFacts) -> [LegalBlock] {
        [
            .paragraph(facts.say("legal.dpa.parties", facts.value(.company), facts.value(.address))),
            .heading(facts.say("legal.dpa.subject")),
            .paragraph(facts.say("legal.dpa.subject.text")),
            .heading(facts.say("legal.dpa.instructions")),
            .paragraph(facts.say("legal.dpa.instructions.text")),
            .heading(facts.say("legal.dpa.measures")),
            kept(facts, [.relay, .keys, .logs, .operations]),
            .heading(facts.say("legal.dpa.processors")),
            .paragraph(facts.say("legal.dpa.processors.text", facts.value(.hosting))),
            .heading(facts.say("legal.dpa.help")),
            .list([
                facts.say("legal.dpa.help.requests", facts.policy.value(of: "erase_within_days")),
                facts.say("legal.dpa.help.breach"), facts.say("legal.dpa.help.end"),
                facts.say("legal.dpa.help.verify"),
            ]),
            .paragraph(facts.say("legal.dpa.contact", facts.value(.privacyContact), facts.value(.jurisdiction))),
        ]
    }

    private static func recipients(_ facts: LegalFacts) -> [LegalBlock] {
        [
            .paragraph(facts.say("legal.recipients.text", facts.value(.company), facts.value(.hosting))),
            .table(
                head: [
                    facts.say("legal.recipients.name"), facts.say("legal.recipients.host"),
                    facts.say("legal.recipients.purpose"), facts.say("legal.recipients.data"),
                    facts.say("legal.recipients.terms"),
                ],
                rows: facts.recipients.recipients.map { recipient in
                    [
                        recipient.name, "\(recipient.host):\(recipient.port)",
                        facts.word("recipients.use", recipient.use.rawValue),
                        recipient.classes.map(\.rawValue).sorted().map { facts.word("recipients.class", $0) }
                            .joined(separator: ", "), recipient.terms ?? "–",
                    ]
                }),
        ]
    }

    private static func security(_ facts: LegalFacts) -> [LegalBlock] {
        [
            .heading(facts.say("legal.security.measures")),
            kept(facts, [.relay, .keys, .logs, .operations]),
            .heading(facts.say("legal.security.sealed")),
            .paragraph(facts.say("legal.security.sealed.text")),
            .list(
                DataMap.fields.filter { $0.sealing != .plain }
                    .map { "\($0.store).\($0.name): \(facts.word("form", $0.sealing.rawValue))" }),
            .heading(facts.say("legal.security.access")),
            .paragraph(facts.say("legal.security.access.text", facts.value(.operators))),
            .heading(facts.say("legal.security.check")),
            .paragraph(facts.say("legal.security.check.text")),
            .heading(facts.say("legal.security.report")),
            .paragraph(facts.say("legal.security.report.text", facts.value(.contact))),
            .heading(facts.say("legal.incidents")),
            incidents(facts),
        ]
    }

    private static func incidents(_ facts: LegalFacts) -> LegalBlock {
        guard !facts.incidents.isEmpty else { return .paragraph(facts.say("legal.incidents.none")) }
        return .table(
            head: [
                facts.say("legal.incidents.from"), facts.say("legal.incidents.until"),
                facts.say("legal.incidents.kind"), facts.say("legal.incidents.data"),
                facts.say("legal.incidents.affected"), facts.say("legal.incidents.told"),
            ],
            rows: facts.incidents.map { incident in
                [
                    facts.date(incident.from),
                    incident.until.map { facts.date($0) } ?? facts.say("legal.incidents.going_on"),
                    facts.word("incident", incident.kind),
                    incident.data.map { facts.word("incident", $0) }.joined(separator: ", "),
                    String(incident.affected), facts.date(incident.announced),
                ]
            })
    }
}
