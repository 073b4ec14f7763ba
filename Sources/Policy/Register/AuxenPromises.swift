extension Seed {
    /// The promises of `auxen`.
    static let auxenPromises: [Promise] = [
        .kept(
            .auxen, 1, .accounts, .own, .issue(7),
            "People sign in with a code sent by mail, without a password.",
            by: """
                Eight digits, once, for ten minutes, in the browser that asked; `accounts.sign_in: code` leaves no password.
                """,
            proofs: [.mailedCode, .mailedCodeLive]),
        .notYet(
            .auxen, 2, .accounts, .own, .issue(7),
            "What is asked at the start (business, use, style) may be skipped.",
            by: """
                An account asks for an address alone, and for a name that may be left out; nothing else is asked at the start.
                """),
        .notYet(
            .auxen, 3, .privateAI, .own, .later(.privateAI),
            "A private model runs on an instance of one's own.",
            by: "There are no instances."),
        .notYet(
            .auxen, 4, .privateAI, .own, .later(.privateAI),
            "Private content is never sent to somebody else's model.",
            by: "There is no private class; the relay's is kept apart by type."),
        .notYet(
            .auxen, 5, .privateAI, .own, .later(.privateAI),
            "Documents are stored, indexed and found again for one's own AI.",
            by: "There is no knowledge base."),
        .notYet(
            .auxen, 6, .privateAI, .own, .later(.privateAI),
            "Private conversations are kept for follow-ups and can be deleted one by one.",
            by: "No conversation is stored."),
        .notYet(
            .auxen, 7, .privateAI, .own, .later(.privateAI),
            "System prompt and voice files are stored to personalise one's own AI.",
            by: "None is stored."),
        .notYet(
            .auxen, 8, .privateAI, .own, .later(.privateAI),
            "A system prompt is drafted elsewhere from the short summary alone.",
            by: "No such call exists."),
        .notYet(
            .auxen, 9, .privateAI, .own, .later(.privateAI),
            "Destroying an instance ends its cost at once.",
            by: "There are no instances."),
        .notYet(
            .auxen, 10, .privateAI, .own, .later(.privateAI),
            "Credentials of instances belong to one account and are seen by no other.",
            by: "There are no instances."),
        .notYet(
            .auxen, 11, .privateAI, .own, .later(.privateAI),
            "Who rents out the machine cannot read the traffic.",
            by: "There are no instances."),
        .notYet(
            .auxen, 12, .privateAI, .own, .later(.privateAI),
            "Documents never leave one's own endpoint.",
            by: "There are no documents."),
        .notYet(
            .auxen, 13, .billing, .own, .later(.payments),
            "Prepaid dollars, top-ups and a saved payment method are with Stripe.",
            by: "There is no processor, and no field could hold a card."),
        .notYet(
            .auxen, 14, .billing, .own, .later(.payments),
            "People are billed by the plan they have.",
            by: "There are no plans."),
        .kept(
            .auxen, 15, .logs, .everyone, .issue(2),
            "Logs hold times, routes, ids and codes, are kept at most 30 days, and no text of an error.",
            by: """
                A logged path is the route's template; events are a closed set; the term of the profile is 14 or \
                30 days.
                """,
            proofs: [.lines, .logmap, .logs, .profile, .canary]),
        .notYet(
            .auxen, 16, .site, .own, .issue(7),
            "The site counts page views and referrers, without pixels or profiles.",
            by: "Nothing is counted. The counter is missing."),
        .kept(
            .auxen, 17, .sharing, .everyone, .issue(2),
            "Nothing is sold to advertisers; documents and chats never train a model, ours or another's.",
            by: "As AX-12 and AU-21: nothing that passes is kept, and no other host can be called.",
            proofs: [.purpose, .callers, .silence]),
        .kept(
            .auxen, 18, .operations, .everyone, .issue(6),
            "All traffic is encrypted.",
            by: """
                TLS on every listener that other machines reach and towards every provider with a key: a configuration \
                without it does not start, unless it declares a proxy that ends it.
                """,
            proofs: [.encrypted, .http, .untrusted]),
        .kept(
            .auxen, 19, .operations, .own, .issue(6),
            "Named operators alone reach production, and their access is recorded.",
            by: """
                `/security` names the operators; a running server obeys the users that `operators` names alone, and each act and access \
                is in a hash-chained log with who it was. `tacet break-glass` opens it in an emergency, and is recorded.
                """,
            proofs: [.namedOperators, .openOperators]),
        .kept(
            .auxen, 20, .operations, .own, .issue(6),
            "Known incidents are told to those affected.",
            by: """
                `tacet incident announce` shows one on `/security` at once and writes to the owners and admins of every organisation \
                that used the gateway in that time.
                """,
            proofs: [.incidentTold, .pagesLive]),
        .kept(
            .auxen, 21, .operations, .own, .issue(6),
            "Legal requests are told to those affected where lawful.",
            by: """
                As AU-25: `--tell` writes to those whom it concerns.
                """,
            proofs: [.authority]),
        .notYet(
            .auxen, 22, .rights, .own, .later(.privateAI),
            "Data, documents, conversations and instances are seen and deleted from the dashboard.",
            by: """
                Account data are seen, taken and deleted on the console's privacy page; documents, conversations and instances are missing.
                """),
        .kept(
            .auxen, 23, .rights, .ownAndStrict, .issue(6),
            "An account's deletion by mail is acted on within 7 business days.",
            by: """
                A mailed request is entered with a due date of 7 days, weekends included; `tacet rights requests` \
                fails when one is late.
                """,
            proofs: [.requests, .requestsLive]),
        .kept(
            .auxen, 24, .retention, .ownAndStrict, .issue(6),
            "All of an account is erased within 30 days of its deletion, backups included.",
            by: """
                A purge overwrites every row and byte of the organisation and destroys the keys of its people, its names and \
                its provider keys, which stand beside the ledger: a copy of the ledger opens to nothing of them, and what \
                it brings back is purged before anything is served.
                """,
            proofs: [.deletion, .copies, .copiesLive]),
        .kept(
            .auxen, 25, .logs, .everyone, .issue(2),
            "Logs are purged after at most 30 days.",
            by: "As AU-29; `auxen` sets 30 days, every other profile 14.",
            proofs: [.logs, .profile]),
        .kept(
            .auxen, 26, .retention, .own, .issue(6),
            "Billing records are kept 7 years.",
            by: """
                Amounts are never removed from the ledger; what links them to a deleted organisation goes after \
                seven years.
                """,
            proofs: [.life7, .purge]),
        .kept(
            .auxen, 27, .rights, .everyone, .issue(6),
            "Requests under GDPR, CCPA and CPRA are honoured.",
            by: """
                Consent, objection, restriction, correction, deletion, access and portability are given to everybody alike.
                """,
            proofs: [.archive, .corrected, .deletion, .consent]),
        .notYet(
            .auxen, 28, .site, .own, .later(.privateAI),
            "The countries of operation and of rented machines are told.",
            by: """
                The pages say where this machine is; rented machines are missing.
                """),
        .kept(
            .auxen, 29, .accounts, .own, .issue(6),
            "Nobody under 13, in the EU under 16.",
            by: """
                As AI-16: the age is confirmed before the console opens, in the words of the profile.
                """,
            proofs: [.agreed, .ages]),
        .kept(
            .auxen, 30, .site, .ownAndStrict, .issue(6),
            "Changes that matter are mailed before they take effect.",
            by: """
                A changed page is announced on it, holds from the day after at the earliest, and is mailed to the owners and admins of \
                every organisation before; `tacet policy check` says when there is no mail server for it.
                """,
            proofs: [.changeTold, .editions]),
        .kept(
            .auxen, 31, .site, .everyone, .issue(6),
            """
            The pages are rendered from the values that drive the jobs, and not published while one is unset.
            """,
            by: """
                Pages are made from profile, register, data map and settings; one with an unset value is not \
                published, and `tacet policy check` says which.
                """,
            proofs: [.unpublished, .pagesHeld, .pagesSay]),
    ]
}
