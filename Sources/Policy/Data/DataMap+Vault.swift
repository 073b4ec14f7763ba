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
        DataGroup(
            store: "file", purpose: .authenticate, basis: .contract, retention: .untilDeletion, erasure: .atOnce,
            names: [(.secret, "keys/vault/*")]),
    ]

    // MARK: Rights

    static let rightsGroups: [DataGroup] = [
        DataGroup(
            store: "ledger.account_lives", purpose: .rights, basis: .legalDuty, retention: .billingYears,
            export: .account,
            erasure: .withTheTombstone,
            names: [
                (.identifier, "organisation"), (.code, "phase consent restricted objects secrets_gone"),
                (.time, "deleted_at purge_at purged_at"), (.digest, "destroyed"),
            ]),
        DataGroup(
            store: "ledger.rights_requests", purpose: .rights, basis: .legalDuty, retention: .billingYears,
            export: .rights, erasure: .withTheTombstone,
            names: [
                (.identifier, "id organisation"), (.code, "kind outcome"), (.time, "received_at due_at answered_at"),
            ]),
    ]

    /// Which organisations are not to come back with a copy of the ledger.
    static let erasedGroup = DataGroup(
        store: "file", purpose: .rights, basis: .legalDuty, retention: .billingYears, erasure: .withTheTombstone,
        names: [(.identifier, "keys/erased")])

    static let proofGroup = DataGroup(
        store: "ledger.deletion_proofs", purpose: .prove, basis: .legalDuty, retention: .whileInstalled,
        export: .proofs, erasure: .withTheInstallation,
        names: [(.identifier, "organisation"), (.time, "at"), (.proof, "proof")])

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
