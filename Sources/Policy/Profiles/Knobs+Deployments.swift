extension Knob {
    /// Knobs without an order.
    static let deployments: [Knob] = [
        Knob(
            name: "session_carrier",
            meaning: "What carries a session: exactly one signed cookie, or a token in the page's storage.",
            values: ["cookie", "bearer"],
            isOrdered: false,
            chosen: Chosen(
                aurex: "cookie", aura: "cookie", aurixel: "bearer", auxen: "cookie",
                outlay: "cookie", strict: "cookie"),
            obeyed: .byIssue(7),
            promises: [PromiseID(.aura, 4), PromiseID(.aurixel, 8), PromiseID(.outlay, 10)]),
        Knob(
            name: "sign_in",
            meaning: "What people sign in with.",
            values: ["password", "code"],
            isOrdered: false,
            chosen: Chosen(
                aurex: "password", aura: "password", aurixel: "code", auxen: "code",
                outlay: "password", strict: "code"),
            obeyed: .byIssue(7),
            promises: [PromiseID(.aura, 1), PromiseID(.auxen, 1)]),
        Knob(
            name: "payments",
            meaning: "Who takes payments.",
            values: ["none", "stripe", "paddle"],
            isOrdered: false,
            chosen: Chosen(
                aurex: "stripe", aura: "paddle", aurixel: "stripe", auxen: "stripe",
                outlay: "stripe", strict: "none"),
            obeyed: .later(.payments),
            promises: [PromiseID(.aurex, 16), PromiseID(.aura, 23), PromiseID(.aurixel, 10), PromiseID(.auxen, 13)]),
        Knob(
            name: "billing_retention_years",
            meaning: "How long billing records are kept, which law asks for at both ends.",
            values: ["by_law", "7"],
            isOrdered: false,
            chosen: Chosen(
                aurex: "by_law", aura: "by_law", aurixel: "by_law", auxen: "7",
                outlay: "by_law", strict: "by_law"),
            obeyed: .today,
            promises: [PromiseID(.auxen, 26), PromiseID(.aurixel, 15)]),
        Knob(
            name: "jurisdiction",
            meaning: "Under which law the pages speak.",
            values: ["operators", "hong_kong", "united_states"],
            isOrdered: false,
            chosen: Chosen(
                aurex: "operators", aura: "operators", aurixel: "hong_kong", auxen: "united_states",
                outlay: "operators", strict: "operators"),
            obeyed: .today,
            promises: [PromiseID(.aurixel, 13), PromiseID(.auxen, 28)]),
    ]
}
