extension Conflict {
    /// The twenty-two of the promises' third section, in its order.
    public static let all: [Conflict] = [
        Conflict(
            number: 1,
            question: "Content storage: auxen stores conversations, the others nothing",
            settlement: """
                Two data classes with separate code and stores; the relay's type has no way to be stored; private \
                is off by default.
                """,
            promises: [PromiseID(.aurex, 11), PromiseID(.auxen, 5), PromiseID(.auxen, 6)],
            proofs: [.canary, .silence],
            home: .issue(2)),
        Conflict(
            number: 2,
            question: "A cache, yet no stored answers",
            settlement: "In memory only, bounded, per key or organisation, keyed by a MAC, gone with a restart.",
            promises: [PromiseID(.aurex, 5), PromiseID(.aurex, 7), PromiseID(.aura, 13)],
            proofs: [.cacheLive, .cacheTenants],
            home: .issue(9)),
        Conflict(
            number: 3,
            question: "A stored digest of prompts (aurex), listed nowhere else",
            settlement: """
                The knob `prompt_digest`: keyed, in memory, for the cache alone; nothing stores one yet, aurex included.
                """,
            promises: [PromiseID(.aurex, 6), PromiseID(.aurex, 8)],
            proofs: [.cacheLive, .cacheScope, .map],
            home: .issue(9)),
        Conflict(
            number: 4,
            question: "Sessions: cookie, storage, one signed cookie, code",
            settlement: """
                Credential and carrier apart: password, mailed code or authenticator, and one cookie that is a signed token; the \
                same token as bearer comes with AI-8.
                """,
            promises: [PromiseID(.aura, 4), PromiseID(.aurixel, 8), PromiseID(.auxen, 1), PromiseID(.outlay, 10)],
            proofs: [.tokens, .cookieLive, .mailedCode, .passwords],
            home: .issue(7)),
        Conflict(
            number: 5,
            question: "Payment: Stripe, Paddle, several, unnamed",
            settlement: """
                One interface with several processors, which comes with payments; no field could hold a card.
                """,
            promises: [PromiseID(.aurex, 16), PromiseID(.aura, 23), PromiseID(.aurixel, 10), PromiseID(.auxen, 13)],
            proofs: [.noword],
            home: .later(.payments)),
        Conflict(
            number: 6,
            question: "Price model: subscription, prepaid, by minute, share of savings",
            settlement: """
                One append-only ledger in integers, prepaid on it; the other meters come with payments.
                """,
            promises: [PromiseID(.aura, 2), PromiseID(.aurixel, 9), PromiseID(.auxen, 13), PromiseID(.outlay, 11)],
            proofs: [.wallet, .walletRace],
            home: .issue(5)),
        Conflict(
            number: 7,
            question: "At the limit: prepaid stops, the optimiser fails open",
            settlement: """
                Money stops hard with 402; what fails otherwise falls back to the next candidate or to the model asked for.
                """,
            promises: [PromiseID(.aurixel, 9), PromiseID(.outlay, 4)],
            proofs: [.wallet, .balanced],
            home: .issue(5)),
        Conflict(
            number: 8,
            question: "Logs: 14 or 30 days",
            settlement: "The knob `log_retention_days`: 14, and 30 in auxen, where it is a maximum.",
            promises: [PromiseID(.aura, 29), PromiseID(.auxen, 25)],
            proofs: [.logs, .profile],
            home: .issue(2)),
        Conflict(
            number: 9,
            question: "Metrics: permanent, 12 months, while active",
            settlement: "Two tiers with a term each: `receipt_days` and `roll_up_months`.",
            promises: [PromiseID(.aurex, 13), PromiseID(.aura, 27), PromiseID(.aurixel, 14), PromiseID(.outlay, 16)],
            proofs: [.sums, .rolled, .ownTerm, .keptLive],
            home: .issue(6)),
        Conflict(
            number: 10,
            question: "Deletion: recovery, 24 hours, 7 days, 30 days, 7 years",
            settlement: """
                One state machine: what is secret goes at once, recovery by profile, purge, tombstone; amounts \
                stay pseudonymous.
                """,
            promises: [
                PromiseID(.aurex, 20), PromiseID(.aura, 11), PromiseID(.aura, 26), PromiseID(.auxen, 23),
                PromiseID(.auxen, 24), PromiseID(.auxen, 26),
            ],
            proofs: [.terms, .life24, .life30, .life7, .deletion, .termsLive],
            home: .issue(6)),
        Conflict(
            number: 11,
            question: "Third parties: none besides two, yet providers and mail are needed",
            settlement: "A register of recipients from which the page is rendered; what is not in it cannot be called.",
            promises: [PromiseID(.aura, 24), PromiseID(.auxen, 4), PromiseID(.auxen, 8)],
            proofs: [.recipients, .egress, .callers],
            home: .issue(6)),
        Conflict(
            number: 12,
            question: "Improving: never from metadata, or from aggregates",
            settlement: "The knob `improve_from_aggregates` with a minimum group; no training code at all.",
            promises: [PromiseID(.aurex, 12), PromiseID(.aura, 19), PromiseID(.outlay, 8)],
            proofs: [.improve],
            home: .issue(6)),
        Conflict(
            number: 13,
            question: "Address: kept per request, or absent",
            settlement: "The knob `client_address`, off by default, a table of its own; limits hold it in memory only.",
            promises: [PromiseID(.aura, 16), PromiseID(.aurixel, 11)],
            proofs: [.origins, .originsLive],
            home: .issue(6)),
        Conflict(
            number: 14,
            question: "Provider keys: vault, never sent, platform",
            settlement: """
                Each provider's `key` says: `passthrough` the caller's own, `vault` the organisation's, `env` or `file` the \
                operator's. One binary for all.
                """,
            promises: [PromiseID(.aura, 6), PromiseID(.aurixel, 3), PromiseID(.outlay, 1)],
            proofs: [.vaultlive, .passed],
            home: .issue(6)),
        Conflict(
            number: 15,
            question: "Account: mail address only, or name and company",
            settlement: """
                All but the address is optional; the knob `account_fields`; what is not listed is not written.
                """,
            promises: [PromiseID(.aurex, 9), PromiseID(.aurixel, 6), PromiseID(.auxen, 2), PromiseID(.outlay, 9)],
            proofs: [.accountFields],
            home: .issue(7)),
        Conflict(
            number: 16,
            question: "Rights by dashboard or by mail",
            settlement: "Everything by oneself; mailed requests enter the same register with a due date.",
            promises: [
                PromiseID(.aura, 30), PromiseID(.aura, 31), PromiseID(.auxen, 22), PromiseID(.auxen, 23),
                PromiseID(.outlay, 17),
            ],
            proofs: [.requests, .requestsLive],
            home: .issue(6)),
        Conflict(
            number: 17,
            question: "View stored keys, yet never expose them",
            settlement: "A masked view; no way to read one back.",
            promises: [PromiseID(.aura, 8), PromiseID(.aura, 10)],
            proofs: [.vaultlive, .vaultfiles],
            home: .issue(6)),
        Conflict(
            number: 18,
            question: "Errors: codes, no content, redacted messages",
            settlement: "A closed set of codes is all that is kept; a provider's body goes to the caller alone.",
            promises: [PromiseID(.aurex, 10), PromiseID(.aura, 14), PromiseID(.auxen, 15)],
            proofs: [.noerr, .logtext, .canary],
            home: .issue(2)),
        Conflict(
            number: 19,
            question: "Age, notice and jurisdiction differ",
            settlement: "The knobs `minimum_age`, `change_notice`, `jurisdiction`; versioned pages with dates.",
            promises: [
                PromiseID(.aurixel, 16), PromiseID(.aurixel, 17), PromiseID(.auxen, 28), PromiseID(.auxen, 29),
                PromiseID(.auxen, 30),
            ],
            proofs: [.editions, .ages],
            home: .issue(6)),
        Conflict(
            number: 20,
            question: "Analytics: none, or views and referrers",
            settlement: """
                The knob `site_analytics`: nothing is counted yet, which no policy forbids; never on the audit page.
                """,
            promises: [PromiseID(.aura, 22), PromiseID(.auxen, 16), PromiseID(.outlay, 15)],
            proofs: [.pages, .map],
            home: .issue(7)),
        Conflict(
            number: 21,
            question: "Documents never leave, yet are stored on the server",
            settlement: """
                Stored per instance on the operator's own host, sealed under the account's key, when private AI comes; until then no \
                document is stored at all.
                """,
            promises: [PromiseID(.auxen, 5), PromiseID(.auxen, 12)],
            proofs: [.map, .canary],
            home: .later(.privateAI)),
        Conflict(
            number: 22,
            question: "Compression, yet raw prompts to providers",
            settlement: """
                The knob `compression`, off by default, by key; a pure function of a block; told in the receipt.
                """,
            promises: [PromiseID(.aurex, 17), PromiseID(.aura, 12), PromiseID(.aura, 15)],
            proofs: [.compressed, .compressionOff],
            home: .issue(9)),
    ]
}
