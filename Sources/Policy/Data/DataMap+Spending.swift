extension DataMap {
    // MARK: Budgets, rates, roll-ups, alerts

    private static let sums: [(DataField.Kind, String)] = [
        (.count, "requests failed input_tokens cached_tokens output_tokens microseconds"),
        (.money, "provider_cost charge saved saved_compression saved_cache saved_recovery"),
    ]

    /// Sums and limits under numbers; none tells of a single request.
    static let spendingGroups: [DataGroup] =
        [
            DataGroup(
                store: "ledger.budgets", purpose: .settle, basis: .contract, retention: .untilDeletion, export: .keys,
                erasure: .withTheOrganisation,
                names: [
                    (.identifier, "owner"), (.code, "owner_kind period action"), (.money, "amount"),
                    (.operatorName, "substitute"),
                ]),
            DataGroup(
                store: "ledger.rate_limits", purpose: .settle, basis: .contract, retention: .untilDeletion,
                export: .keys,
                erasure: .withTheOrganisation,
                names: [
                    (.identifier, "owner"), (.code, "owner_kind"),
                    (.count, "requests_per_minute tokens_per_minute in_flight"),
                ]),
            DataGroup(
                store: "ledger.spending", purpose: .settle, basis: .contract, retention: .usageTerm, export: .keys,
                erasure: .withTheOrganisation,
                names: [
                    (.identifier, "owner node"), (.code, "owner_kind period"), (.time, "begins_at"),
                    (.money, "leased spent"),
                ]),
            DataGroup(
                store: "ledger.serving_nodes", purpose: .settle, basis: .notPersonal, retention: .whileInstalled,
                erasure: .withTheInstallation,
                names: [
                    (.identifier, "node epoch wants_owner"), (.code, "wants_kind"), (.time, "expires_at"),
                ]),
            DataGroup(
                store: "ledger.alerts", purpose: .settle, basis: .contract, retention: .usageTerm, export: .account,
                erasure: .withTheOrganisation,
                names: [
                    (.identifier, "id owner"), (.version, "cause"), (.code, "kind owner_kind period"),
                    (.count, "level mail_attempts post_attempts"), (.money, "amount limit_amount"),
                    (.time, "at mailed_at posted_at next_mail next_post"),
                ]),
            DataGroup(
                store: "ledger.route_moves", purpose: .meter, basis: .contract, retention: .untilDeletion,
                export: .account, erasure: .withTheOrganisation,
                names: [
                    (.identifier, "id organisation from_model to_model"), (.code, "category"),
                    (.count, "requests loss"), (.money, "saved"), (.time, "began_at latest_at approved_at"),
                ]),
            DataGroup(
                store: "ledger.route_trials", purpose: .meter, basis: .contract, retention: .untilDeletion,
                export: .account, erasure: .withTheOrganisation,
                names: [
                    (.identifier, "organisation"), (.code, "kind"), (.count, "routed routed_good control control_good"),
                    (.money, "routed_cost control_cost"), (.time, "stopped_at"),
                ]),
            DataGroup(
                store: "ledger.prefix_breaks", purpose: .meter, basis: .contract, retention: .untilDeletion,
                export: .account, erasure: .withTheOrganisation,
                names: [
                    (.identifier, "organisation key"), (.code, "what"), (.count, "requests"), (.time, "latest_at"),
                ]),
            DataGroup(
                store: "ledger.outcome_weights", purpose: .operate, basis: .contract, retention: .untilDeletion,
                export: .no, erasure: .withTheOrganisation,
                names: [(.identifier, "organisation node"), (.record, "weights"), (.time, "kept_at")]),
        ]
        + ["minutes", "hours", "days"].map { grain in
            DataGroup(
                store: "ledger.usage_\(grain)", purpose: .meter, basis: .contract, retention: .usageTerm,
                export: .receipts, erasure: .withTheOrganisation,
                names: [
                    (.time, "at"), (.identifier, "organisation key model deployment"), (.code, "category"),
                ] + sums)
        }
        + [
            DataGroup(
                store: "ledger.usage_day_sums", purpose: .meter, basis: .contract, retention: .usageTerm,
                export: .receipts, erasure: .withTheOrganisation,
                names: [(.time, "at"), (.identifier, "organisation value"), (.code, "dimension")] + sums),
            DataGroup(
                store: "ledger.site_visits", purpose: .operate, basis: .notPersonal, retention: .usageTerm,
                erasure: .withTheInstallation,
                names: [(.time, "at"), (.siteName, "path referrer"), (.count, "visits")]),
        ]
}
