extension Seed {
    /// The promises of `aura`.
    static let auraPromises: [Promise] = [
        .kept(
            .aura, 1, .accounts, .own, .issue(7),
            "People register with mail address, name and password, of which only a bcrypt hash is kept.",
            by: """
                bcrypt over a keyed HMAC; address and name are sealed, the name only where the profile keeps one.
                """,
            proofs: [.passwords, .setUp, .sealedPeople]),
        .notYet(
            .aura, 2, .billing, .own, .later(.payments),
            "An account holds its plan and whether it is paid.",
            by: "There are no plans."),
        .kept(
            .aura, 3, .accounts, .own, .issue(7),
            "A second factor can be switched on, and weak passwords are told.",
            by: """
                An authenticator with recovery codes; a password that is short, regular or known is refused with the reason.
                """,
            proofs: [.factor, .passwordRules]),
        .kept(
            .aura, 4, .accounts, .own, .issue(7),
            "Session cookies serve sign-in alone.",
            by: """
                One cookie, a signed token of the session's id, set in one place.
                """,
            proofs: [.pages, .tokens]),
        .kept(
            .aura, 5, .operations, .everyone, .issue(7),
            "Rates are limited against guessing and floods, at sign-in and at the API.",
            by: """
                The API bounds rate per key, connections, head, body and time; sign-in counts failures by account, address \
                and network.
                """,
            proofs: [.guesses, .slowed]),
        .kept(
            .aura, 6, .keys, .ownAndStrict, .issue(6),
            "Stored provider keys are encrypted with AES-256.",
            by: """
                A key of `tacet provider-keys set` is sealed with AES-256-GCM under its organisation's data key, \
                which is wrapped under the operator's master key; row and organisation are authenticated with it.
                """,
            proofs: [.sealed, .wycheproof, .vaultfiles]),
        .kept(
            .aura, 7, .keys, .everyone, .issue(2),
            "Provider keys cross a network over TLS only.",
            by: """
                A provider with a key and an http address on another machine is refused at start; certificates are \
                checked, redirects not followed.
                """,
            proofs: [.http, .http2, .untrusted]),
        .kept(
            .aura, 8, .keys, .everyone, .issue(2),
            "Provider keys stand in no log, no error and no file of ours.",
            by: """
                They are read into locked memory, written to the provider's request head alone, and looked for in \
                provider errors before those pass.
                """,
            proofs: [.canary, .echo, .refused, .lent]),
        .kept(
            .aura, 9, .keys, .ownAndStrict, .issue(6),
            "A stored key is decrypted for the moment of forwarding only.",
            by: """
                A key of the vault is opened for the one call that writes it into a request head, into locked memory \
                that is zeroed at its end. A key from the environment or a file is not stored by Tacet.
                """,
            proofs: [.vaultuse, .lent]),
        .kept(
            .aura, 10, .keys, .own, .issue(7),
            "People see (masked), replace and delete their stored keys.",
            by: """
                The console's page of provider keys shows the last four characters, when a key came and when it was \
                last used; replacing and deleting hold at once, after proving again who it is.
                """,
            proofs: [.keypage, .keyproof, .vaultuse]),
        .kept(
            .aura, 11, .keys, .ownAndStrict, .issue(6),
            "Stored keys are gone at once on request and within 24 hours of an account's end.",
            by: """
                `tacet provider-keys delete` overwrites one at once; a deletion destroys all of them with their data \
                key in the same step, and is called late after 24 hours.
                """,
            proofs: [.vaultlive, .life24, .deletion]),
        .kept(
            .aura, 12, .relay, .ownAndStrict, .issue(2),
            "What passes is worked on in memory only and reaches no disk, log, swap or dump.",
            by: """
                No room that holds words has a disk; core dumps and crash output are off; `strict` refuses usable \
                unencrypted swap. Compression stands in the same rooms.
                """,
            proofs: [.canary, .silence, .swap]),
        .kept(
            .aura, 13, .telemetry, .own, .issue(9),
            "Cache hit rates are measured; the cache is in memory only.",
            by: """
                Every receipt says whether it was a hit, shared or asked for; the cache is in memory, sealed, and gone with a restart.
                """,
            proofs: [.cacheLive, .cacheTenants]),
        .kept(
            .aura, 14, .logs, .everyone, .issue(2),
            "Error logs hold no content.",
            by: """
                Log events are a closed set of numbers, ids and codes; what a provider says in an error goes to \
                the caller and nowhere else.
                """,
            proofs: [.canary, .logtext, .noerr, .logmap]),
        .kept(
            .aura, 15, .telemetry, .own, .issue(9),
            """
            Of a request are kept: calls, tokens, model, compression, cache, routing decision, cost, savings.
            """,
            by: """
                The receipt has every field, filled in where a request is compressed, answered from memory or sent elsewhere.
                """,
            proofs: [.fields, .cacheLive, .compressed]),
        .notYet(
            .aura, 16, .telemetry, .own, .issue(7),
            "Technical data is kept: address, browser, system, time, latency.",
            by: """
                Time and latency are in the receipt, the address in a table of its own for the logs' term; browser and \
                system are not kept.
                """),
        .notYet(
            .aura, 17, .operations, .own, .later(.payments),
            "Alerts come near a plan's limits and on anomalies.",
            by: """
                Alerts come at thresholds of budgets and balance, on pace and on anomalies; there are no plans.
                """),
        .notYet(
            .aura, 18, .billing, .own, .later(.payments),
            "Messages about payments come by mail.",
            by: """
                Mail is there; there are no payments to tell of.
                """),
        .kept(
            .aura, 19, .telemetry, .own, .issue(6),
            "Usage is looked at as anonymous aggregates only, to improve routing and compression.",
            by: """
                `tacet policy aggregates` is the one way to look: daily sums by task category over five organisations and \
                more, without who objects. There is no training code.
                """,
            proofs: [.improve, .purpose]),
        .kept(
            .aura, 20, .site, .own, .issue(6),
            "There is a mailbox for support and one for privacy.",
            by: "`/legal/privacy` names both and is not published while one is unset.",
            proofs: [.unpublished, .pagesHeld]),
        .kept(
            .aura, 21, .sharing, .everyone, .issue(2),
            """
            No data is sold, rented or shared for marketing, trains a model, follows people or makes a profile \
            of them.
            """,
            by: """
                The process can call the configured providers and nothing else, and what is kept is read for a \
                short list of purposes.
                """,
            proofs: [.egress, .callers, .purpose]),
        .kept(
            .aura, 22, .site, .everyone, .issue(2),
            "No page sets a cookie for tracking, advertising or analytics.",
            by: """
                The status page has no cookie, no script and nothing from elsewhere; its content policy forbids \
                them.
                """,
            proofs: [.pages, .page]),
        .notYet(
            .aura, 23, .billing, .own, .later(.payments),
            "Paddle processes payments and gets mail address and billing data.",
            by: "Nobody is charged; the processor is missing."),
        .kept(
            .aura, 24, .sharing, .own, .issue(6),
            "Nobody but the named processors gets data.",
            by: """
                Every outbound client asks the register of recipients, which is what `/legal/subprocessors` shows; \
                no other code opens a connection.
                """,
            proofs: [.recipients, .egress, .callers]),
        .kept(
            .aura, 25, .operations, .own, .issue(6),
            "Data is disclosed where the law demands it, and that is told.",
            by: """
                `tacet rights enter authority` records such a request with its due date, and `--tell` writes to the owners and admins of \
                the organisation where that is lawful.
                """,
            proofs: [.authority]),
        .kept(
            .aura, 26, .retention, .own, .issue(6),
            "A deleted account can be restored for 30 days, then it is purged.",
            by: """
                `recovery_days` of the profile: 30 in `aura`. Until then `tacet rights set restore` brings back \
                everything but stored provider keys.
                """,
            proofs: [.life30, .restored]),
        .kept(
            .aura, 27, .retention, .ownAndStrict, .issue(6),
            "Usage metrics are aggregated, anonymous, and at most 12 months old.",
            by: """
                `receipt_days: roll_up` erases receipts once their day is in the daily sums, which lose their keys then; \
                `roll_up_months: 12` deletes those. An hourly job does both.
                """,
            proofs: [.rolled, .sums]),
        .kept(
            .aura, 28, .retention, .ownAndStrict, .issue(6),
            "Deleting an account deletes its stored keys at once, at the latest in 24 hours.",
            by: "A deletion destroys the data key and every sealed key in its first step.",
            proofs: [.life24, .restored, .deletion]),
        .kept(
            .aura, 29, .logs, .ownAndStrict, .issue(2),
            "Server logs are deleted after 14 days.",
            by: "The profile sets the term; daily files die at start, each new day and every five minutes.",
            proofs: [.logs, .profile]),
        .kept(
            .aura, 30, .rights, .everyone, .issue(6),
            "Access, correction, erasure, portability, objection and restriction are given.",
            by: """
                Access, portability, erasure, objection and restriction are on the console's privacy page and verbs of `tacet rights`; \
                people correct name and address in their settings.
                """,
            proofs: [.archive, .corrected, .life30, .consent]),
        .kept(
            .aura, 31, .rights, .ownAndStrict, .issue(6),
            "A request is answered within 30 days.",
            by: """
                Every request stands in a register with its due date; `tacet rights requests` fails when one is \
                late.
                """,
            proofs: [.requests, .requestsLive]),
        .kept(
            .aura, 32, .site, .own, .issue(7),
            "Theme and language are chosen, and remembered in the browser.",
            by: """
                A switch keeps the theme in the browser's storage; the language is the browser's, or stands with the account.
                """,
            proofs: [.theme]),
        .kept(
            .aura, 33, .operations, .everyone, .issue(6),
            "All traffic is encrypted, and dependencies are audited.",
            by: """
                A listener on a network without TLS does not start, unless it is declared that a proxy ends it. Every \
                package is on a list with what it is for, which a test holds against what was resolved; `tacet sbom` and \
                `/security/sbom` show it.
                """,
            proofs: [.encrypted, .packages, .bill]),
    ]
}
