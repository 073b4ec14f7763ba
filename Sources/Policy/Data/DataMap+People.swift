extension DataMap {
    // MARK: People, organisations, sessions

    private static func people(
        _ table: String, _ names: [(DataField.Kind, String)], sealing: DataField.Sealing = .plain,
        retention: DataField.Retention = .untilDeletion, export: DataField.Export = .console
    ) -> DataGroup {
        DataGroup(
            store: "ledger.\(table)", purpose: .authenticate, basis: .contract, retention: retention, sealing: sealing,
            export: export, erasure: .withTheOrganisation, names: names)
    }

    /// Addresses and names are sealed, each under its owner's own key; what is looked up is a keyed digest. Of browser and
    /// network address nothing is kept.
    static let peopleGroups: [DataGroup] = [
        people(
            "people", [(.identifier, "id"), (.position, "totp_step"), (.code, "language"), (.time, "created_at")]),
        people("people", [(.accountData, "sealed")], sealing: .sealed),
        people("people", [(.secret, "totp")], sealing: .sealed, export: .no),
        people("people", [(.digest, "mailbox verifier")], sealing: .keyedDigest, export: .no),
        people("recovery_codes", [(.identifier, "person")], export: .no),
        people("recovery_codes", [(.digest, "digest")], sealing: .keyedDigest, export: .no),
        people(
            "passkeys", [(.identifier, "person"), (.position, "counter"), (.time, "created_at used_at")]),
        people("passkeys", [(.accountData, "sealed")], sealing: .sealed),
        people("passkeys", [(.digest, "digest")], sealing: .keyedDigest, export: .no),
        people("organisations", [(.identifier, "id"), (.time, "created_at")]),
        people("organisations", [(.accountData, "sealed")], sealing: .sealed),
        people(
            "members", [(.identifier, "id organisation person"), (.code, "role"), (.time, "joined_at")]),
        people(
            "invitations",
            [(.identifier, "id organisation"), (.code, "role"), (.time, "created_at expires_at")],
            retention: .sessionTerm),
        people("invitations", [(.accountData, "sealed")], sealing: .sealed, retention: .sessionTerm),
        people(
            "invitations", [(.digest, "digest mailbox")], sealing: .keyedDigest, retention: .sessionTerm, export: .no),
        people(
            "letters", [(.identifier, "id organisation"), (.time, "ends_at")], retention: .sessionTerm, export: .no),
        people("letters", [(.accountData, "sealed")], sealing: .sealed, retention: .sessionTerm, export: .no),
        people(
            "sessions",
            [(.identifier, "person organisation"), (.code, "carrier"), (.time, "created_at seen_at confirmed_at")],
            retention: .sessionTerm),
        people("sessions", [(.digest, "digest")], sealing: .keyedDigest, retention: .sessionTerm, export: .no),
        DataGroup(
            store: "file", purpose: .authenticate, basis: .notPersonal, retention: .whileInstalled,
            erasure: .withTheInstallation, names: [(.secret, "keys/accounts")]),
        DataGroup(
            store: "file", purpose: .authenticate, basis: .contract, retention: .untilDeletion,
            erasure: .withTheOrganisation, names: [(.secret, "keys/organisations/* keys/people/*")]),
    ]
}
