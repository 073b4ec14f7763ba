import GRDB
import Testing
import Vocabulary

@testable import Records

@Suite struct PurgeTests {
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
                        sql: "INSERT INTO \(grain.table) VALUES (0, ?, ?, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1)",
                        arguments: [number, 10 + number])
                }
            }
        }
        #expect(try RightsStore(home.ledger).purge(OrganisationID(1)).gatewayKeys == 1)
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
        }
    }
}
