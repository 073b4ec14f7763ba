extension Seed {
    /// The promises of `aurex`.
    static let aurexPromises: [Promise] = [
        .kept(
            .aurex, 1, .audit, .everyone, .issue(8),
            "A usage file dropped on the audit page is read in the browser; nothing of it is sent or stored.",
            by: """
                The console's page carries the engine and its prices; its own rules forbid every connection. A real \
                browser makes no request and leaves its storage as it was.
                """,
            proofs: [.auditpage, .auditbrowser]),
        .kept(
            .aurex, 2, .audit, .everyone, .issue(8),
            "The audit needs no account.",
            by: "The page is shown to whoever reaches the console; `tacet audit` asks for no account and no server.",
            proofs: [.auditpage]),
        .kept(
            .aurex, 3, .audit, .own, .issue(8),
            "The audit shows tokens, models, cost, latency, errors, repeats and possible savings.",
            by: "One engine reads every known export, and the page and `tacet audit` show the same of it.",
            proofs: [.auditfigures, .auditfindings, .auditbrowser]),
        .kept(
            .aurex, 4, .relay, .everyone, .issue(3),
            "Tacet stands between an application and the provider it chose, OpenAI and Anthropic among them.",
            by: """
                Any number of providers of OpenAI's, Anthropic's and Gemini's dialects are called, by name or alias; recorded \
                exchanges of their own clients are replayed through each.
                """,
            proofs: [.dialects, .passedbytes]),
        .kept(
            .aurex, 5, .relay, .own, .issue(9),
            "Prompts are worked on in transit only, to route them well and to answer repeats from a cache.",
            by: """
                Requests are routed by name, alias, load, latency and fallback, and repeats are answered from memory, where answers are \
                sealed and forgotten. The router reads them in memory too, and keeps a category.
                """,
            proofs: [.cacheLive, .balanced, .canary]),
        .kept(
            .aurex, 6, .telemetry, .own, .issue(9),
            "A digest of a prompt serves the cache and nothing else.",
            by: """
                A keyed digest is made for the cache and for `Idempotency-Key`, is in memory only and is read by them alone: the \
                data map has no field for one.
                """,
            proofs: [.cacheLive, .cacheScope, .map]),
        .kept(
            .aurex, 7, .relay, .everyone, .issue(2),
            "What a provider answers is never stored; a cache of answers may live in memory only.",
            by: """
                The rooms that see an answer have no disk. The cache holds answers sealed under a secret of the process, \
                for minutes, and lets go of all of them when a key or an account changes.
                """,
            proofs: [.canary, .silence, .compile]),
        .kept(
            .aurex, 8, .telemetry, .ownAndStrict, .issue(9),
            "A digest of a prompt cannot be guessed back: it is keyed per organisation.",
            by: """
                HMAC under a key of the process, bound to organisation and gateway key; it is gone with the process.
                """,
            proofs: [.cacheTenants, .cacheScope]),
        .kept(
            .aurex, 9, .accounts, .own, .issue(7),
            "Of an account, name, mail address and company are kept.",
            by: """
                The profile's `account_fields` decides; address and names are sealed.
                """,
            proofs: [.accountFields, .sealedPeople]),
        .kept(
            .aurex, 10, .telemetry, .everyone, .issue(2),
            """
            Of a request the numbers, ids and codes of one closed list are kept: error codes, never error \
            messages.
            """,
            by: """
                The receipt is a closed schema, signed; every column and field stands in the data map, and a test \
                opens a fresh ledger to compare.
                """,
            proofs: [.map, .receiptmap, .fields, .noerr]),
        .kept(
            .aurex, 11, .relay, .everyone, .issue(2),
            "The text of prompts and answers is at rest nowhere.",
            by: """
                Content cannot be encoded or described; its rooms call nothing that reaches a disk or a log; a \
                search of every byte finds nothing.
                """,
            proofs: [.canary, .search, .silence, .compile, .noword]),
        .kept(
            .aurex, 12, .telemetry, .everyone, .issue(2),
            "Neither prompts nor metadata train a model.",
            by: """
                Nothing that passes outlasts its request, and what is kept is read for the purposes of a short \
                list: verification, totals, budgets, display.
                """,
            proofs: [.purpose, .silence]),
        .kept(
            .aurex, 13, .retention, .own, .issue(6),
            "Metadata is kept until its deletion is asked for.",
            by: """
                Receipts have no expiry; `tacet rights set delete` takes them with everything else of the \
                organisation.
                """,
            proofs: [.deletion, .purge]),
        .kept(
            .aurex, 14, .telemetry, .own, .issue(7),
            "A dashboard shows what the metadata says.",
            by: """
                The console shows sums by model, key, provider and task, and each receipt.
                """,
            proofs: [.consolePages, .consoleLive]),
        .kept(
            .aurex, 15, .site, .own, .issue(6),
            "A public page explains how each figure is calculated.",
            by: """
                `/legal/transparency` has a table of how each figure comes about, beside every promise and stored \
                field.
                """,
            proofs: [.pagesSay, .pagesLive]),
        .notYet(
            .aurex, 16, .billing, .own, .later(.payments),
            "Payments go through Stripe; no card data is stored.",
            by: "Nobody is charged, and no field could hold a card; the processor is missing."),
        .kept(
            .aurex, 17, .sharing, .own, .issue(6),
            "A provider gets the raw prompt through the proxy only, under its own terms, which are linked.",
            by: """
                Only the provider asked for is called; `/legal/subprocessors` links the terms of those that are \
                known.
                """,
            proofs: [.up, .pagesSay, .egress]),
        .kept(
            .aurex, 18, .sharing, .own, .issue(6),
            "The sub-processors are named: hosting and payments.",
            by: """
                `/legal/subprocessors` names the host and every recipient in the register of the egress gate. Nobody \
                is charged yet, so there is no payment processor to name.
                """,
            proofs: [.pagesSay, .pagesLive, .recipients]),
        .kept(
            .aurex, 19, .rights, .everyone, .issue(6),
            "An organisation gets all metadata collected about it.",
            by: """
                `tacet rights export` writes every field of the data map that is its own as JSON and CSV, with what each \
                means, signed.
                """,
            proofs: [.archive, .archiveOpen]),
        .kept(
            .aurex, 20, .rights, .own, .issue(6),
            "An account is deleted on request, with all its metadata.",
            by: """
                `tacet rights set delete`: keys and secrets go at once, every row and byte at the purge, with a \
                signed proof. Amounts stay under a number.
                """,
            proofs: [.deletion, .purge]),
        .kept(
            .aurex, 21, .rights, .everyone, .issue(6),
            "Consent can be withdrawn and given again: the proxy stops at once, the rest goes on.",
            by: """
                `tacet rights set withdraw-consent`: the API answers 403 `consent_withdrawn` within a second, \
                running streams end; receipts and exports go on until consent is given again.
                """,
            proofs: [.consent, .consentSeen]),
        .kept(
            .aurex, 22, .site, .own, .issue(6),
            "The policy names a contact and begins with a short version.",
            by: """
                `/legal/privacy` begins with the short version, names both contacts, and is not published without \
                them.
                """,
            proofs: [.pagesSay, .unpublished]),
    ]
}
