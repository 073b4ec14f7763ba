import Vocabulary

/// A page as paragraphs, lists and tables, from which HTML is made.
public enum LegalBlock: Equatable, Sendable {
    case heading(String)
    case paragraph(String)
    /// The short version at the top.
    case summary([String])
    case list([String])
    case table(head: [String], rows: [[String]])
    case link(String, to: String)
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

    private static func value(_ name: LegalFacts.Name, _ facts: LegalFacts) -> String { facts.values[name] ?? "" }

    /// The promises that this profile makes and code keeps, by scope.
    private static func kept(_ facts: LegalFacts, _ scopes: [Promise.Scope]) -> [String] {
        Register.promises(of: facts.profile).filter { $0.state == .kept && scopes.contains($0.scope) }
            .map { "\($0.sentence) (\($0.id))" }
    }

    private static func privacy(_ facts: LegalFacts) -> [LegalBlock] {
        let recovery = facts.knob("recovery_days")
        return [
            .summary([
                "What you send and what models answer is worked on in memory and stored nowhere.",
                "Of a request, numbers, ids and codes are kept: tokens, cost, model, time, outcome.",
                "Only the provider you address gets your words, with a key and nothing that names you.",
                "Server logs die after \(facts.knob("log_retention_days")) days. You can export, object, withdraw and delete.",
            ]),
            .heading("Who is responsible"),
            .paragraph(
                "\(value(.company, facts)), \(value(.address, facts)). Support: \(value(.contact, facts)). Privacy: \(value(.privacyContact, facts)). Website: \(value(.website, facts)). The machine is hosted by \(value(.hosting, facts)). The law of \(value(.jurisdiction, facts)) applies."
            ),
            .heading("What is not stored"),
            .list(kept(facts, [.relay])),
            .heading("What is stored"),
            .paragraph("Every field there is, from the table that the program itself is checked against:"),
            dataMap(),
            .heading("How long"),
            .list([
                "Server logs: \(facts.knob("log_retention_days")) days.",
                "Receipts, keys and settings: until you delete them or your organisation.",
                "Amounts: kept under a number without a name, for as long as the law asks, seven years.",
                recovery == "0"
                    ? "After a deletion: purged at once."
                    : "After a deletion: purged after \(recovery) days, until when it can be taken back.",
            ]),
            .heading("Your rights"),
            .list([
                "Access and export, correction, deletion, restriction, objection, and withdrawal of consent.",
                "Withdrawn consent stops the API at once; what was kept can still be read and exported.",
                "A deletion kills keys and stored provider keys at once and ends with a signed proof.",
                "A request by mail is answered within \(facts.knob("erase_within_days")) days; it is kept in a register with its due date.",
            ]),
            .heading("What else is promised"),
            .list(kept(facts, [.keys, .logs, .telemetry, .sharing, .site, .retention, .rights])),
            .heading("Age"),
            .paragraph(
                "Nobody under \(age(facts)) may have an account. Data of a child is deleted when we learn of it."),
            .heading("Changes"),
            .paragraph(
                "This version holds from \(value(.effective, facts)). Earlier versions are kept by their date."
            ),
        ]
    }

    private static func age(_ facts: LegalFacts) -> String {
        facts.knob("minimum_age") == "16" ? "16" : "13, or 16 in the European Union,"
    }

    private static func terms(_ facts: LegalFacts) -> [LegalBlock] {
        [
            .paragraph("These terms are between you and \(value(.company, facts)), \(value(.address, facts))."),
            .heading("The service"),
            .paragraph(
                "Requests are passed to the model provider that you address, under a key of yours or of the operator. What a provider does with what it is sent is governed by its own terms, which the page of recipients links."
            ),
            .heading("Your part"),
            .list([
                "Keep your keys secret; a revoked key is dead within a second.",
                "Send nothing that is against the law or the terms of the provider you address.",
                "You are at least \(age(facts)) years old.",
            ]),
            .heading("Money"),
            .paragraph(
                "Every request has a receipt with its cost and charge to the billionth of a dollar. A request that cannot be paid is refused before it is passed on."
            ),
            .heading("Law and contact"),
            .paragraph(
                "The law of \(value(.jurisdiction, facts)) applies. Questions: \(value(.contact, facts)). These terms hold from \(value(.effective, facts))."
            ),
        ]
    }

    private static func agreement(_ facts: LegalFacts) -> [LegalBlock] {
        [
            .paragraph(
                "Under article 28 of the GDPR, between the customer (controller) and \(value(.company, facts)), \(value(.address, facts)) (processor). It holds from \(value(.effective, facts))."
            ),
            .heading("Subject, nature and duration"),
            .paragraph(
                "Passing requests to model providers and accounting for them, for as long as the customer has keys. Words are processed in memory only; the table on the transparency page lists every field that is stored."
            ),
            .heading("Instructions"),
            .paragraph(
                "The settings and requests of the customer are its instructions. Nothing is processed for another purpose; no data trains a model."
            ),
            .heading("Measures"),
            .list(kept(facts, [.relay, .keys, .logs, .operations])),
            .heading("Further processors"),
            .paragraph(
                "Those on the page of recipients, and the host \(value(.hosting, facts)). What is not on that page cannot be called by the program."
            ),
            .heading("Help, breach, end"),
            .list([
                "Requests of people concerned are answered from the register within \(facts.knob("erase_within_days")) days.",
                "A breach is told without undue delay, so that the controller can keep its 72 hours.",
                "At the end everything is deleted, with a signed proof; amounts stay under a number as the law asks.",
                "Receipts, audit log and deletion proofs can be verified by the customer offline.",
            ]),
            .paragraph("Contact: \(value(.privacyContact, facts)). The law of \(value(.jurisdiction, facts)) applies."),
        ]
    }

    private static func recipients(_ facts: LegalFacts) -> [LegalBlock] {
        let rows = facts.recipients.recipients.map { recipient in
            [
                recipient.name, "\(recipient.host):\(recipient.port)", recipient.purpose,
                recipient.classes.map(\.rawValue).sorted().joined(separator: ", "), recipient.terms ?? "–",
            ]
        }
        return [
            .paragraph(
                "\(value(.company, facts)) passes data to these and no others; the program refuses to call a host that is not listed. The machine is hosted by \(value(.hosting, facts)). A recipient may be in another country than you; its terms say where. This list holds from \(value(.effective, facts))."
            ),
            .table(head: ["Name", "Host", "Purpose", "Data", "Its terms"], rows: rows),
        ]
    }

    private static func security(_ facts: LegalFacts) -> [LegalBlock] {
        [
            .heading("Measures"),
            .list(kept(facts, [.relay, .keys, .logs, .operations])),
            .heading("Sealed at rest"),
            .paragraph(
                "These fields are encrypted with AES-256-GCM or kept as a keyed digest; everything else is numbers, ids and codes:"
            ),
            .list(
                DataMap.fields.filter { $0.sealing != .plain }.map { "\($0.store).\($0.name): \($0.sealing.rawValue)" }),
            .heading("Access"),
            .paragraph(
                "Production is accessed by: \(value(.operators, facts)). Every administrative act is in a hash-chained log."
            ),
            .heading("Check it yourself"),
            .paragraph(
                "The heads of the receipt chains and of the audit log are published below /security/log-heads. A prompt cache of a provider that is shared between users of one key can tell that a prefix was sent before."
            ),
            .heading("Report"),
            .paragraph(
                "Weaknesses to \(value(.contact, facts)), please. This page holds from \(value(.effective, facts))."),
        ]
    }

    private static func transparency(_ facts: LegalFacts) -> [LegalBlock] {
        let promises = Register.promises(of: facts.profile)
        let rows = promises.map { promise in
            [promise.id.description, promise.sentence, promise.state == .kept ? "kept" : "not yet", promise.mechanism]
        }
        return [
            .paragraph(
                "This installation runs Tacet \(facts.version) under the profile \(facts.profile.name): \(promises.count) promises, \(promises.count { $0.state == .kept }) kept by this version. What is not yet kept is not promised."
            ),
            .heading("Promises"),
            .table(head: ["Id", "Promise", "State", "What keeps it"], rows: rows),
            .heading("What each figure means"),
            .table(head: ["Figure", "How it is calculated"], rows: Figures.rows),
            .heading("Every stored field"), dataMap(),
        ]
    }

    private static func dataMap() -> LegalBlock {
        .table(
            head: ["Store", "Field", "Class", "Purpose", "Basis", "Kept", "Form", "Erased"],
            rows: DataMap.fields.map { field in
                [
                    field.store, field.name, field.kind.rawValue, field.purpose.rawValue, field.basis.rawValue,
                    field.retention.text, field.sealing.rawValue, field.erasure.text,
                ]
            })
    }
}

/// How the figures of receipts and pages come about (AX-15).
enum Figures {
    static let rows: [[String]] = [
        ["tokens", "as the provider reports them; counted here and marked `estimated` when it reports none"],
        [
            "provider cost",
            "tokens of each class times the provider's price of that day, in integers, rounded once a request",
        ],
        [
            "charge",
            "what the wallet pays: the tariff over the cost for the operator's keys, else the fee, which may be 0",
        ],
        ["baseline", "what the request would have cost as it was asked for"],
        ["saved", "baseline less charge, by routing, compression and cache"],
        [
            "latency",
            "from the last byte of the head in to the last byte out; `first byte` until the provider's first; `overhead` is our own part",
        ],
        ["failed", "receipts with an error code that is not the caller's own doing or a cut stream"],
    ]
}
