extension Seed {
    /// The promises of `aurixel`.
    static let aurixelPromises: [Promise] = [
        .kept(
            .aurixel, 1, .relay, .own, .issue(3),
            "Tacet speaks OpenAI's and Anthropic's dialect.",
            by: "Both dialects, Responses and Gemini's are read and written, each in front of every provider.",
            proofs: [.dialects, .passedbytes]),
        .kept(
            .aurixel, 2, .relay, .own, .issue(3),
            "Chat, images and audio go through one interface.",
            by: "One key and one address for chat, images, speech, transcription and realtime sessions.",
            proofs: [.dialects, .images, .speech]),
        .kept(
            .aurixel, 3, .relay, .own, .issue(9),
            "Requests are routed to the right model.",
            by: "By name, alias and fallback, and by task where `auto` or a key leaves the choice to the router.",
            proofs: [.router, .routerModes]),
        .kept(
            .aurixel, 4, .relay, .everyone, .issue(2),
            "Request and answer bodies are not retained and never train anything.",
            by: "As AX-11: the rooms that hold bodies have no disk.",
            proofs: [.canary, .silence, .purpose]),
        .kept(
            .aurixel, 5, .operations, .own, .issue(5),
            "Abuse is held off by metadata: address, rate, spend.",
            by: """
                Rates and spend are bounded by key, member and organisation, connections by address, guesses at sign-in by address \
                and network; a key may be bound to networks, and one that spends unlike its days is told of. No word is read for it.
                """,
            proofs: [.scopes, .rates, .anomalies, .slowed]),
        .kept(
            .aurixel, 6, .accounts, .ownAndStrict, .issue(7),
            "Of an account only the mail address is kept.",
            by: """
                The profile's `account_fields` decides: nothing else is written.
                """,
            proofs: [.accountFields]),
        .kept(
            .aurixel, 7, .keys, .everyone, .issue(2),
            "A gateway key is a secret: shown once, kept as a keyed digest, revocable.",
            by: """
                HMAC-SHA-256 under a pepper in a file of the owner's alone; a revocation holds within a second and \
                ends running streams.
                """,
            proofs: [.keys, .hmac, .keyfiles, .listkeys, .revoked]),
        .notYet(
            .aurixel, 8, .site, .own, .issue(7),
            "Sign-in state, theme and language live in the browser's storage, not in cookies.",
            by: "Sign-in is by cookie; the browser's storage holds theme and language alone."),
        .kept(
            .aurixel, 9, .billing, .own, .issue(5),
            "Usage is billed against prepaid credit, and refused at zero.",
            by: """
                `billing: prepaid`, without which the profile does not start: credit of `tacet ledger grant` is held and charged exactly, \
                and 402 comes at zero. Who sells it is AI-10's.
                """,
            proofs: [.wallet, .walletRace, .prepaid]),
        .notYet(
            .aurixel, 10, .billing, .own, .later(.payments),
            "Payment records are order and status; card details stay with the processor.",
            by: "There are no payments, and no field could hold a card."),
        .kept(
            .aurixel, 11, .telemetry, .own, .issue(6),
            "Of a request are kept: model, tokens, time and the client's address.",
            by: """
                The receipt, and where `client_address` says so the address beside it, in a table of its own that is \
                deleted with the logs.
                """,
            proofs: [.origins, .originsLive, .receiptmap]),
        .kept(
            .aurixel, 12, .sharing, .everyone, .issue(2),
            "Data goes to the model's provider and to payment processors, to nobody else.",
            by: """
                The egress list is the configured providers and where their tokens are fetched; no other code opens \
                a connection; there is no processor yet.
                """,
            proofs: [.egress, .callers]),
        .kept(
            .aurixel, 13, .sharing, .everyone, .issue(6),
            "Transfers abroad are told, and a provider gets only what is necessary.",
            by: """
                Upstream heads are built from an allow-list: no address, no account, none of the client's fields. \
                `/legal/subprocessors` names each host, its terms and where this machine is.
                """,
            proofs: [.up, .pagesSay]),
        .notYet(
            .aurixel, 14, .retention, .own, .later(.payments),
            "Account, usage and payment records are kept while the account lives and as law demands.",
            by: """
                Accounts, receipts and keys are kept until deletion, amounts for seven years under a number; there are no payments.
                """),
        .kept(
            .aurixel, 15, .rights, .own, .issue(6),
            "People see and correct their account and ask for its deletion.",
            by: """
                People see and correct their account in the console, take its archive and ask for its deletion there.
                """,
            proofs: [.corrected, .archiveLive, .deletion]),
        .kept(
            .aurixel, 16, .accounts, .own, .issue(6),
            "Nobody under 16.",
            by: """
                Whoever has an account confirms the age before the console opens; the answer is recorded with its time.
                """,
            proofs: [.agreed, .ages]),
        .kept(
            .aurixel, 17, .site, .own, .issue(6),
            "Changes of the policy show by its date.",
            by: "Every page says from when it holds, and is not published without that date.",
            proofs: [.unpublished, .pagesLive]),
    ]
}
