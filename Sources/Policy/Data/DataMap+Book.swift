extension DataMap {
    // MARK: The double-entry ledger

    /// Amounts under numbers: nothing in it names a person. A business key is the operator's or a processor's own number of a
    /// top-up, 96 characters of a closed alphabet.
    static let bookGroups: [DataGroup] = [
        book(
            "ledger_accounts",
            [
                (.identifier, "number id organisation"), (.code, "kind priority"), (.time, "expires_at created_at"),
                (.money, "debits_pending debits_posted credits_pending credits_posted"),
            ]),
        book(
            "ledger_transfers",
            [
                (.position, "sequence parts"), (.identifier, "id debit credit pending subject"),
                (.code, "kind code note"),
                (.money, "amount"), (.time, "timeout expires_at at"),
            ]),
        book("ledger_open_holds", [(.identifier, "transfer"), (.time, "expires_at")], export: .no),
        book("ledger_failed_ids", [(.identifier, "id")], export: .no),
        book("ledger_grants", [(.code, "processor"), (.operatorName, "business_key"), (.identifier, "transfer")]),
    ]

    private static func book(
        _ table: String, _ names: [(DataField.Kind, String)], export: DataField.Export = .account
    ) -> DataGroup {
        DataGroup(
            store: "ledger.\(table)", purpose: .settle, basis: .contract, retention: .noTerm, export: export,
            erasure: .never, names: names)
    }
}
