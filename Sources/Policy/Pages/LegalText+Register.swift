import Vocabulary

/// The pages that show the register and the data map.
extension LegalText {
    static func transparency(_ facts: LegalFacts) -> [LegalBlock] {
        let promises = facts.policy.promises
        let kept = promises.count { $0.state == .kept }
        let summary = facts.words.sentence(
            "legal.transparency.text",
            [
                .name(Array(facts.version.utf8)), .name(Array(facts.policy.base.name.description.utf8)),
                .count(Int64(promises.count)), .count(Int64(kept)),
            ])
        return [
            .paragraph(String(decoding: summary, as: UTF8.self)),
            .heading(facts.say("legal.transparency.promises")),
            .table(
                head: [
                    facts.say("legal.transparency.id"), facts.say("legal.transparency.promise"),
                    facts.say("legal.transparency.state"), facts.say("legal.transparency.mechanism"),
                ],
                rows: promises.map { promise in
                    [
                        promise.id.description, facts.sentence(promise),
                        promise.state == .kept
                            ? facts.say("legal.transparency.kept") : facts.say("legal.transparency.not_yet"),
                        promise.mechanism,
                    ]
                }),
            .heading(facts.say("legal.transparency.figures")),
            .table(
                head: [facts.say("legal.transparency.figure"), facts.say("legal.transparency.calculated")],
                rows: figures.map { [facts.word("figure", $0), facts.word("figure", $0 + ".text")] }),
            .heading(facts.say("legal.transparency.map")), dataMap(facts),
        ]
    }

    /// How the figures of receipts and pages come about (AX-15).
    private static let figures = ["tokens", "cost", "charge", "baseline", "saved", "latency", "failed"]

    static func dataMap(_ facts: LegalFacts) -> LegalBlock {
        .table(
            head: [
                facts.say("legal.map.store"), facts.say("legal.map.field"), facts.say("legal.map.class"),
                facts.say("legal.map.purpose"), facts.say("legal.map.basis"), facts.say("legal.map.kept"),
                facts.say("legal.map.form"), facts.say("legal.map.erased"),
            ],
            rows: DataMap.fields.map { field in
                [
                    field.store, field.name, facts.word("class", field.kind.rawValue),
                    facts.word("purpose", field.purpose.rawValue), facts.word("basis", field.basis.rawValue),
                    facts.word("kept", field.retention.name), facts.word("form", field.sealing.rawValue),
                    facts.word("erased", field.erasure.name),
                ]
            })
    }

    /// The record of processing activities (GDPR 30), from the data map and the register of recipients.
    public static func processing(_ facts: LegalFacts) -> [LegalBlock] {
        let recipients = facts.recipients.recipients.map(\.name).joined(separator: ", ")
        let rows = DataField.Purpose.allCases.compactMap { purpose -> [String]? in
            let fields = DataMap.fields.filter { $0.purpose == purpose }
            func all(_ list: String, _ name: (DataField) -> String) -> String {
                var seen: [String] = []
                for field in fields where !seen.contains(name(field)) { seen.append(name(field)) }
                return seen.map { facts.word(list, $0) }.joined(separator: ", ")
            }
            guard !fields.isEmpty else { return nil }
            return [
                facts.word("purpose", purpose.rawValue), all("class") { $0.kind.rawValue },
                all("basis") { $0.basis.rawValue }, all("kept") { $0.retention.name },
                all("erased") { $0.erasure.name }, purpose == .settle || purpose == .meter ? "–" : recipients,
            ]
        }
        return [
            .paragraph(facts.say("legal.processing.text")),
            .table(
                head: [
                    facts.say("legal.map.purpose"), facts.say("legal.map.class"), facts.say("legal.map.basis"),
                    facts.say("legal.map.kept"), facts.say("legal.map.erased"), facts.say("legal.title.subprocessors"),
                ], rows: rows),
        ]
    }
}
