extension Knob {
    /// What is kept and for how long.
    static let kept: [Knob] = [
        Knob(
            name: "unencrypted_swap",
            meaning: "Whether the server starts where what people write could be swapped to an unencrypted disk.",
            values: ["allowed", "refused"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "allowed", aura: "allowed", aurixel: "allowed", auxen: "allowed",
                outlay: "allowed", strict: "refused"),
            obeyed: .today,
            promises: [PromiseID(.aura, 12)],
            isShared: true),
        Knob(
            name: "log_retention_days",
            meaning: "Days after which a log segment is deleted.",
            values: ["30", "14"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "14", aura: "14", aurixel: "14", auxen: "30",
                outlay: "14", strict: "14"),
            obeyed: .today,
            promises: [PromiseID(.aura, 29), PromiseID(.auxen, 15), PromiseID(.auxen, 25)],
            isShared: true),
        Knob(
            name: "prompt_digest",
            meaning: "Where a keyed digest of a prompt may be, for the cache and nothing else.",
            values: ["stored", "memory", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "stored", aura: "memory", aurixel: "memory", auxen: "off",
                outlay: "memory", strict: "off"),
            obeyed: .byIssue(9),
            promises: [PromiseID(.aurex, 6), PromiseID(.aurex, 8)]),
        Knob(
            name: "prompt_digest_key",
            meaning: "How long a stored digest can be matched: its key lasts, or changes each day.",
            values: ["lasting", "daily"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "lasting", aura: "daily", aurixel: "daily", auxen: "daily",
                outlay: "daily", strict: "daily"),
            obeyed: .byIssue(9),
            promises: [PromiseID(.aurex, 6), PromiseID(.aurex, 8)]),
        Knob(
            name: "cache_scope",
            meaning: "Who may share a cached answer, in memory only.",
            values: ["organisation", "key", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "organisation", aura: "organisation", aurixel: "key", auxen: "key",
                outlay: "key", strict: "key"),
            obeyed: .today,
            promises: [PromiseID(.aurex, 5), PromiseID(.aurex, 7), PromiseID(.aura, 13)]),
        Knob(
            name: "compression",
            meaning:
                "Whether prompts may be shortened before they leave: always for a key, on a request's own wish, never.",
            values: ["by_key", "on_request", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "on_request", aura: "by_key", aurixel: "on_request", auxen: "on_request",
                outlay: "on_request", strict: "on_request"),
            obeyed: .today,
            promises: [PromiseID(.aura, 12), PromiseID(.aura, 15)]),
        Knob(
            name: "improve_from_aggregates",
            meaning: """
                Whether counts over at least k requests may improve routing; an organisation may always object.
                """,
            values: ["on", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "off", aura: "on", aurixel: "off", auxen: "off",
                outlay: "on", strict: "off"),
            obeyed: .today,
            promises: [PromiseID(.aurex, 12), PromiseID(.aura, 19), PromiseID(.outlay, 8)]),
        Knob(
            name: "outcome_learning",
            meaning: "Whether outcomes that an operator feeds back may move the router's weights.",
            values: ["on", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "off", aura: "on", aurixel: "off", auxen: "off",
                outlay: "on", strict: "off"),
            obeyed: .today,
            promises: [PromiseID(.aurex, 12), PromiseID(.auxen, 17)]),
        Knob(
            name: "client_address",
            meaning: "Whether the client's address is kept beside a receipt, in a table of its own.",
            values: ["full", "truncated", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "off", aura: "full", aurixel: "full", auxen: "off",
                outlay: "off", strict: "off"),
            obeyed: .today,
            promises: [PromiseID(.aura, 16), PromiseID(.aurixel, 11)]),
        Knob(
            name: "client_agent",
            meaning: "Whether browser and system stand in the log, for its term.",
            values: ["log", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "off", aura: "log", aurixel: "off", auxen: "off",
                outlay: "off", strict: "off"),
            obeyed: .byIssue(7),
            promises: [PromiseID(.aura, 16)]),
        Knob(
            name: "tags",
            meaning: "Whether requests may carry values that were declared beforehand; free text never.",
            values: ["declared", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "off", aura: "off", aurixel: "off", auxen: "off",
                outlay: "declared", strict: "off"),
            obeyed: .byIssue(7),
            promises: [PromiseID(.outlay, 6)]),
        Knob(
            name: "receipt_days",
            meaning: """
                How long a single receipt is kept: until deletion, a year, or until it is in the daily roll-up.
                """,
            values: ["until_deletion", "365", "roll_up"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "until_deletion", aura: "roll_up", aurixel: "until_deletion", auxen: "until_deletion",
                outlay: "until_deletion", strict: "roll_up"),
            obeyed: .today,
            promises: [PromiseID(.aurex, 13), PromiseID(.aura, 27), PromiseID(.aurixel, 14), PromiseID(.outlay, 16)]),
        Knob(
            name: "roll_up_months",
            meaning: "How long daily sums without keys and people are kept.",
            values: ["until_deletion", "12"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "until_deletion", aura: "12", aurixel: "until_deletion", auxen: "until_deletion",
                outlay: "until_deletion", strict: "12"),
            obeyed: .today,
            promises: [PromiseID(.aurex, 13), PromiseID(.aura, 27), PromiseID(.outlay, 16)]),
    ]
}
