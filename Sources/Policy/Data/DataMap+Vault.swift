extension DataMap {
    // MARK: The vault

    static let vaultGroups: [DataGroup] = [
        DataGroup(
            store: "ledger.vault_data_keys", purpose: .authenticate, basis: .contract, retention: .untilDeletion,
            erasure: .withTheOrganisation,
            names: [(.identifier, "id organisation"), (.digest, "master fingerprint"), (.time, "created_at")]),
        DataGroup(
            store: "ledger.vault_data_keys", purpose: .authenticate, basis: .contract, retention: .untilDeletion,
            sealing: .sealed, erasure: .withTheOrganisation, names: [(.secret, "wrapped")]),
        DataGroup(
            store: "ledger.vault_provider_keys", purpose: .authenticate, basis: .contract, retention: .untilDeletion,
            export: .providerKeys, erasure: .atOnce,
            names: [
                (.identifier, "id organisation deployment data_key"), (.maskedKey, "shown"),
                (.time, "created_at last_used_at"),
            ]),
        DataGroup(
            store: "ledger.vault_provider_keys", purpose: .authenticate, basis: .contract, retention: .untilDeletion,
            sealing: .sealed, erasure: .atOnce, names: [(.secret, "sealed")]),
        DataGroup(
            store: "file", purpose: .authenticate, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation, names: [(.secret, "keys/master keys/master.next")]),
    ]

    // MARK: Administrative acts

    static let auditGroups: [DataGroup] = [
        DataGroup(
            store: "ledger.audit_log", purpose: .prove, basis: .legitimateInterest, retention: .whileInstalled,
            export: .auditLog, erasure: .never,
            names: [
                (.position, "sequence"), (.time, "at"), (.code, "actor action result"),
                (.identifier, "organisation subject"), (.proof, "chained"),
            ]),
        DataGroup(
            store: "ledger.audit_log", purpose: .prove, basis: .legitimateInterest, retention: .whileInstalled,
            sealing: .keyedDigest, export: .auditLog, erasure: .never, names: [(.digest, "fields")]),
        DataGroup(
            store: "ledger.audit_head", purpose: .prove, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation, names: [(.position, "only sequence"), (.proof, "chained")]),
    ]
}
