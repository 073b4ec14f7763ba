extension Knob {
    /// What is done with accounts and requests.
    static let people: [Knob] = [
        Knob(
            name: "recovery_days",
            meaning: "Days in which a deleted account can be restored; provider keys never are.",
            values: ["30", "0"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "0", aura: "30", aurixel: "0", auxen: "0",
                outlay: "0", strict: "0"),
            obeyed: .today,
            promises: [PromiseID(.aura, 26), PromiseID(.aura, 11)]),
        Knob(
            name: "erase_within_days",
            meaning: "Days until a request for deletion has been acted on.",
            values: ["30", "7"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "30", aura: "30", aurixel: "30", auxen: "7",
                outlay: "30", strict: "7"),
            obeyed: .today,
            promises: [PromiseID(.aura, 31), PromiseID(.auxen, 23), PromiseID(.auxen, 24)]),
        Knob(
            name: "account_fields",
            meaning: """
                What of a person an account may hold: name and company, a business name, or the mail address \
                alone.
                """,
            values: ["named", "business", "mail_only"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "named", aura: "named", aurixel: "mail_only", auxen: "business",
                outlay: "named", strict: "mail_only"),
            obeyed: .today,
            promises: [
                PromiseID(.aurex, 9), PromiseID(.aura, 1), PromiseID(.aurixel, 6), PromiseID(.auxen, 2),
                PromiseID(.outlay, 9),
            ],
            isShared: true),
        Knob(
            name: "site_analytics",
            meaning: "Whether page views and referring hosts are counted, without cookie, address or agent.",
            values: ["views_and_referrers", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "off", aura: "off", aurixel: "off", auxen: "views_and_referrers",
                outlay: "views_and_referrers", strict: "off"),
            obeyed: .byIssue(7),
            promises: [PromiseID(.auxen, 16), PromiseID(.outlay, 15)],
            isShared: true),
        Knob(
            name: "private_storage",
            meaning: """
                Whether an account may ask to have its own conversations and documents kept, encrypted, apart from \
                the relay.
                """,
            values: ["on_request", "off"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "off", aura: "off", aurixel: "off", auxen: "on_request",
                outlay: "off", strict: "off"),
            obeyed: .later(.privateAI),
            promises: [PromiseID(.auxen, 5), PromiseID(.auxen, 6), PromiseID(.auxen, 7)]),
        Knob(
            name: "stored_responses",
            meaning: "Whether a key may let a provider store its responses.",
            values: ["by_key", "never"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "by_key", aura: "by_key", aurixel: "by_key", auxen: "by_key",
                outlay: "by_key", strict: "never"),
            obeyed: .byIssue(3),
            promises: [PromiseID(.aurex, 11)]),
        Knob(
            name: "snapshot_max_age_seconds",
            meaning: "How long keys are honoured while their store cannot be asked.",
            values: ["600", "60"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "600", aura: "600", aurixel: "600", auxen: "600",
                outlay: "600", strict: "60"),
            obeyed: .today,
            promises: [PromiseID(.aurixel, 7)],
            isShared: true),
        Knob(
            name: "change_notice",
            meaning: "Whether a change of the policy is told by its date or also by mail before it takes effect.",
            values: ["date", "mail_before"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "date", aura: "mail_before", aurixel: "date", auxen: "mail_before",
                outlay: "date", strict: "mail_before"),
            obeyed: .today,
            promises: [PromiseID(.aurixel, 17), PromiseID(.auxen, 30)],
            isShared: true),
        Knob(
            name: "minimum_age",
            meaning: "The age below which nobody may have an account.",
            values: ["13_or_16_in_the_eu", "16"],
            isOrdered: true,
            chosen: Chosen(
                aurex: "16", aura: "16", aurixel: "16", auxen: "13_or_16_in_the_eu",
                outlay: "16", strict: "16"),
            obeyed: .today,
            promises: [PromiseID(.aurixel, 16), PromiseID(.auxen, 29)],
            isShared: true),
    ]
}
