import GRDB
import Testing
import Vocabulary

@testable import Records

@Suite struct PurgeTests {
    /// As the data map has them; `AccountsTests` reads them from it.
    private static let tables =
        ["budgets", "rate_limits", "spending", "alerts"].map {
            OwnedTable(name: $0, link: .owner, exported: [], isPurged: true, isRestored: true)
        }
        + ["gateway_keys", "usage_minutes", "usage_hours", "usage_days", "usage_day_sums"].map {
            OwnedTable(name: $0, link: .organisation, exported: [], isPurged: true, isRestored: true)
        }

    /// What was spent, may be spent, was rolled up and told of one organisation goes with it; the rest stays.
    @Test func moneyGoesWithItsOrganisationAlone() throws {
        let home = try Installation()
        let keys = GatewayKeyStore(home.ledger)
        let spending = SpendingStore(home.ledger)
        for number in [UInt64(1), 2] {
            try keys.insert(
                GatewayKeyRow(
                    id: KeyID(10 + number), organisation: OrganisationID(number), environment: .live, name: "app",
                    digest: KeyDigest(words: (number, 0, 0, 0)), shown: "tct_live_abcd",
                    member: MemberID(20 + number), createdAt: Moment(microseconds: 0), expiresAt: nil, revokedAt: nil))
        }
        let gone: [BudgetOwner] = [.key(KeyID(11)), .member(MemberID(21)), .organisation(OrganisationID(1))]
        let kept: [BudgetOwner] = [
            .key(KeyID(12)), .member(MemberID(22)), .organisation(OrganisationID(2)), .deployment(DeploymentID(1)),
            .installation,
        ]
        // A member that no key is of is nobody's.
        try spending.set(Budget(.member(MemberID(99)), .day, NanoUSD(5)))
        for owner in gone + kept {
            try spending.set(Budget(owner, .day, NanoUSD(5)))
            try spending.set(RateLimits(requestsPerMinute: 3), of: owner)
            _ = try AlertStore(home.ledger).add(
                AlertLogic.budget(
                    Budget(owner, .day, NanoUSD(5)), spent: NanoUSD(4), AlertRules(), at: Moment(microseconds: 0)))
        }
        try home.ledger.write { database in
            for owner in gone + kept {
                try database.execute(
                    sql: "INSERT INTO spending VALUES (?, ?, 4, 0, 1, 0, 9)",
                    arguments: [Int64(owner.kind.rawValue), owner.id.stored])
            }
            for grain in UsageGrain.allCases {
                for number in [1, 2] {
                    try database.execute(
                        sql: "INSERT INTO \(grain.table) VALUES (0, ?, ?, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0)",
                        arguments: [number, 10 + number])
                }
            }
            try database.execute(sql: SpendingSchema.fillDaySums)
        }
        #expect(try RightsStore(home.ledger).purge(OrganisationID(1), Self.tables).gatewayKeys == 1)
        try home.ledger.read { database in
            for table in ["budgets", "rate_limits", "spending", "alerts"] {
                let rows = try Row.fetchAll(database, sql: "SELECT owner_kind, owner FROM \(table)")
                let left = rows.map { "\($0["owner_kind"] as Int64) \($0["owner"] as Int64)" }.sorted()
                #expect(left == kept.map { "\($0.kind.rawValue) \($0.id)" }.sorted(), "\(table)")
            }
            for grain in UsageGrain.allCases {
                let left = try Int64.fetchAll(database, sql: "SELECT organisation FROM \(grain.table)")
                #expect(left == [2], "\(grain.table)")
            }
            #expect(try Int64.fetchAll(database, sql: "SELECT DISTINCT organisation FROM usage_day_sums") == [2])
        }
    }

    /// Of a receipt that comes after the purge its amount alone is booked (`RULES.md` 39).
    @Test func whatComesLateOfAPurgedOrganisationIsItsAmount() async throws {
        let home = try Installation()
        let rights = RightsStore(home.ledger)
        let gone = OrganisationID(1)
        _ = try LedgerBook(home.ledger).grant(
            NanoUSD(1000), to: gone, businessKey: "a", at: Moment(microseconds: 1_700_000_000_000_000))
        try rights.save(
            AccountLifeRow(
                organisation: gone, phase: .deleted, hasConsent: true, isRestricted: false, objects: false,
                secretsAreGone: true, deletedAt: nil, purgeAt: nil, purgedAt: nil))
        #expect(try rights.purge(gone, Self.tables).receipts == 0)
        var late = receipt(1, charge: 70)
        late.organisation = gone
        late.hold = Hold.prepaidBit | 1
        late.deployment = DeploymentID(5)
        var other = receipt(2, charge: 30)
        other.organisation = OrganisationID(2)
        try home.write(segmentBytes(epoch: 1, [late, other]), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        #expect(try home.receipts() == [other])
        #expect(try home.store.totals().receipts == 1)
        // It was there: its leaf is shown as erased, not as missing.
        #expect(try home.exported().count == 2)
        try home.ledger.read { database in
            for grain in UsageGrain.allCases {
                #expect(try Int64.fetchAll(database, sql: "SELECT organisation FROM \(grain.table)") == [2])
            }
            let kinds = try Int64.fetchAll(database, sql: "SELECT DISTINCT owner_kind FROM spending WHERE owner = 1")
            #expect(kinds.isEmpty)
            #expect(try Int64.fetchOne(database, sql: "SELECT count(*) FROM batch_keys") == 1)
        }
        let spending = SpendingStore(home.ledger)
        let at = Moment(microseconds: 1_700_000_000_000_000)
        #expect(try spending.spent(.installation, .ever, at: at) == NanoUSD(100))
        #expect(try spending.spent(.deployment(DeploymentID(5)), .ever, at: at) == NanoUSD(70))
        let accounts = Dictionary(
            uniqueKeysWithValues: try LedgerBook(home.ledger).accounts().map { ($0.name.text, $0.balance.value) })
        #expect(accounts["revenue"] == 70)
    }
}
