/// Every field that Tacet stores anywhere. A test compares it with a fresh ledger, with the types behind receipt and journal,
/// with every log event and with the files of a data directory: what is not here cannot be stored unnoticed.
public enum DataMap {
    public static let fields: [DataField] =
        (ledgerGroups + bookGroups + spendingGroups + peopleGroups + vaultGroups + auditGroups + rightsGroups
        + legalGroups + [
            proofGroup, erasedGroup,
        ]
        + journalGroups + [receiptGroup] + logGroups + fileGroups)
        .flatMap(\.fields)

    public static func field(_ store: String, _ name: String) -> DataField? {
        fields.first { $0.store == store && $0.name == name }
    }

    /// How a store differs from the map: fields that are stored and not in it, and rows of it that nothing stores.
    public static func difference(
        _ store: String, stored: some Sequence<String>
    ) -> (unknown: [String], missing: [String]) {
        let stored = Set(stored)
        let known = Set(fields.filter { $0.store == store }.map(\.name))
        return (stored.subtracting(known).sorted(), known.subtracting(stored).sorted())
    }

    /// Words that name what people write; no stored field may be called so, or by a name made of one.
    public static let forbidden: Set<String> = [
        "prompt", "prompts", "content", "contents", "message", "messages", "body", "text", "completion_text", "answer",
        "answers", "response", "responses", "conversation", "document", "documents", "title", "transcript", "query",
        "headers", "cookie", "ip", "address", "agent", "email", "password", "card", "pan", "iban", "metadata",
        "comment",
        "description",
    ]

    /// Whether a field's name says that words of people stand in it.
    public static func namesContent(_ name: String) -> Bool {
        forbidden.contains(name) || name.split(separator: "_").contains { forbidden.contains(String($0)) }
    }

    // MARK: The ledger

    static let ledgerGroups: [DataGroup] = [
        DataGroup(
            store: "ledger.gateway_keys", purpose: .authenticate, basis: .contract, retention: .untilDeletion,
            export: .keys,
            erasure: .withTheOrganisation,
            names: [
                (.identifier, "id organisation member"),
                (.code, "environment compression router cache breakpoints"), (.operatorName, "name networks"),
                (.catalogueName, "models endpoints"), (.maskedKey, "shown"),
                (.time, "created_at expires_at revoked_at"),
            ]),
        DataGroup(
            store: "ledger.gateway_keys", purpose: .authenticate, basis: .contract, retention: .untilDeletion,
            sealing: .keyedDigest, erasure: .withTheOrganisation, names: [(.digest, "digest")]),
        DataGroup(
            store: "ledger.key_changes", purpose: .authenticate, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation, names: [(.position, "only version")]),
        DataGroup(
            store: "ledger.models", purpose: .meter, basis: .notPersonal, retention: .whileInstalled,
            export: .receipts, erasure: .withTheInstallation,
            names: [(.identifier, "id"), (.catalogueName, "name")]),
        DataGroup(
            store: "ledger.deployments", purpose: .meter, basis: .notPersonal, retention: .whileInstalled,
            export: .receipts, erasure: .withTheInstallation,
            names: [(.identifier, "id"), (.catalogueName, "name")]),
        DataGroup(
            store: "ledger.node_certificates", purpose: .prove, basis: .notPersonal, retention: .whileInstalled,
            export: .receipts, erasure: .withTheInstallation,
            names: [(.identifier, "node"), (.proof, "public_key installation_key signature")]),
        DataGroup(
            store: "ledger.merkle_batches", purpose: .prove, basis: .notPersonal, retention: .whileInstalled,
            export: .receipts, erasure: .withTheInstallation,
            names: [
                (.identifier, "id node epoch"), (.position, "batch_index first_place leaf_count"),
                (.proof, "head signature"), (.count, "receipts failed input_tokens output_tokens"),
                (.money, "provider_cost charge"), (.time, "oldest newest"),
            ]),
        DataGroup(
            store: "ledger.batch_leaves", purpose: .prove, basis: .notPersonal, retention: .whileInstalled,
            export: .receipts, erasure: .withTheInstallation, names: [(.identifier, "batch"), (.proof, "leaves")]),
        DataGroup(
            store: "ledger.batch_keys", purpose: .operate, basis: .contract, retention: .untilDeletion,
            erasure: .withTheOrganisation,
            names: [(.identifier, "key batch")]),
        DataGroup(
            store: "ledger.receipts", purpose: .meter, basis: .contract, retention: .receiptTerm, export: .receipts,
            erasure: .withTheReceipt,
            names: [(.position, "place"), (.identifier, "id"), (.proof, "salt"), (.record, "canonical")]),
        DataGroup(
            store: "ledger.erased_receipts", purpose: .prove, basis: .notPersonal, retention: .whileInstalled,
            export: .receipts, erasure: .withTheInstallation, names: [(.position, "place")]),
        DataGroup(
            store: "ledger.journal_positions", purpose: .recover, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation,
            names: [(.identifier, "node epoch"), (.position, "segment offset sequence")]),
        DataGroup(
            store: "ledger.open_requests", purpose: .recover, basis: .contract, retention: .whileTheRequestRuns,
            erasure: .withTheRequest,
            names: [
                (.identifier, "id node epoch hold organisation key deployment model"), (.position, "sequence"),
                (.time, "opened_at at"), (.money, "maximum cost charge"), (.count, "input output"),
                (.code, "dialect endpoint route streamed"),
            ]),
        DataGroup(
            store: "ledger.idempotency_keys", purpose: .recover, basis: .contract, retention: .day,
            sealing: .keyedDigest, erasure: .withTheOrganisation, names: [(.digest, "mark")]),
        DataGroup(
            store: "ledger.idempotency_keys", purpose: .recover, basis: .contract, retention: .day,
            erasure: .withTheOrganisation, names: [(.identifier, "id organisation"), (.time, "opened_at")]),
        DataGroup(
            store: "ledger.grdb_migrations", purpose: .operate, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation, names: [(.version, "identifier")]),
    ]
}
