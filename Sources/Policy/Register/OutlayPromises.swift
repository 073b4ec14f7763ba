extension Seed {
    /// The promises of `outlay`.
    static let outlayPromises: [Promise] = [
        .kept(
            .outlay, 1, .relay, .everyone, .issue(2),
            """
            Self-hosted by default: prompts and keys go from one's own machine straight to the provider, never \
            to us.
            """,
            by: """
                One binary on the operator's machine, with keys from its environment; it calls the configured \
                providers and no home.
                """,
            proofs: [.egress, .callers, .up]),
        .kept(
            .outlay, 2, .telemetry, .everyone, .issue(6),
            "Endpoints that take metadata refuse what looks like prompts, answers or keys.",
            by: """
                Requests of the control socket, the one endpoint that takes metadata, are held against a closed \
                schema and looked at for words and keys; what is refused is told by its path, and nothing is \
                written.
                """,
            proofs: [.planted, .issuers, .metadata]),
        .kept(
            .outlay, 3, .relay, .everyone, .issue(2),
            "A hosted gateway works on content in memory only, to route the request, and persists none.",
            by: """
                As AX-11: what reads it, the classifier too, is in memory, and only for the request.
                """,
            proofs: [.canary, .silence, .rooms]),
        .kept(
            .outlay, 4, .relay, .own, .issue(9),
            "A classifier finds the task's category and chooses the model.",
            by:
                "For the model `auto`, and for keys and models whose mode is `autopilot`, within the operator's floors.",
            proofs: [.router, .routerModes]),
        .kept(
            .outlay, 5, .telemetry, .own, .issue(9),
            "Of a request are kept: category, tokens, model, cost and savings, status and routing flags.",
            by: "The receipt has every field; the category is filled in where the router looks at the request.",
            proofs: [.fields, .router]),
        .notYet(
            .outlay, 6, .telemetry, .own, .issue(7),
            "Metadata of one's own choosing is off unless asked for.",
            by: "None is taken at all. Declared tags are missing."),
        .kept(
            .outlay, 7, .telemetry, .everyone, .issue(6),
            "Use of the console is counted in aggregates only.",
            by:
                "Nothing of it is counted at all: the data map has no field for it, and pages have neither script nor cookie.",
            proofs: [.map, .pages]),
        .kept(
            .outlay, 8, .telemetry, .own, .issue(6),
            "Routing is improved from aggregates.",
            by: """
                `improve_from_aggregates`: what may be looked at are sums over five organisations and more; an \
                organisation can object or set the knob off for itself.
                """,
            proofs: [.improve]),
        .kept(
            .outlay, 9, .accounts, .own, .issue(7),
            "Authorised users have name, mail address, company and a hashed password with reset.",
            by: """
                Members with roles and invitations; passwords as bcrypt; a code by mail resets one.
                """,
            proofs: [.invitations, .roles, .passwords]),
        .kept(
            .outlay, 10, .accounts, .ownAndStrict, .issue(7),
            "The console sets exactly one cookie, signed.",
            by: """
                `__Host-tacet`, an HS256 token that carries only the session's id; the row decides.
                """,
            proofs: [.pages, .tokens, .cookieLive]),
        .notYet(
            .outlay, 11, .billing, .own, .later(.payments),
            "Savings and bills are computed and kept as amounts and invoices.",
            by: "Amounts are exact in every receipt; invoices are missing."),
        .notYet(
            .outlay, 12, .operations, .own, .later(.payments),
            "Mails come for resets, budgets, reviews and invoices.",
            by: """
                Mails come for codes, invitations, budgets and notices; there are no reviews and no invoices.
                """),
        .kept(
            .outlay, 13, .sharing, .everyone, .issue(6),
            "Sub-processors are listed, and a processing agreement is there.",
            by: "`/legal/subprocessors` and `/legal/dpa`, from the register of the egress gate.",
            proofs: [.pagesSay, .pagesLive]),
        .kept(
            .outlay, 14, .site, .everyone, .issue(6),
            "Terms, agreement, sub-processors and security have their pages.",
            by: "Six pages on the console's port; `/security` says what is sealed at rest.",
            proofs: [.pagesLive, .unpublished]),
        .kept(
            .outlay, 15, .site, .everyone, .issue(2),
            """
            No data is sold, no page has a third party's cookie, and views are counted without cookies if at \
            all.
            """,
            by: "One cookie, for who is signed in; nothing loads from elsewhere; views are not counted.",
            proofs: [.pages, .callers]),
        .kept(
            .outlay, 16, .retention, .own, .issue(6),
            "Account and aggregate billing data are kept while active and as law demands.",
            by: """
                Accounts and sums until deletion or the profile's term; amounts under a number, and what links them goes after seven years.
                """,
            proofs: [.life7, .purge, .termsLive]),
        .kept(
            .outlay, 17, .rights, .own, .issue(6),
            "People export their data from the console.",
            by: """
                The privacy page gives owners and admins the signed archive of all that is kept.
                """,
            proofs: [.archiveLive, .archiveOpen]),
        .kept(
            .outlay, 18, .rights, .everyone, .issue(6),
            "Access, correction, deletion, portability and objection are given.",
            by: """
                As AU-30, by oneself in the console and by verbs of `tacet rights`.
                """,
            proofs: [.archive, .corrected, .deletion]),
    ]
}
