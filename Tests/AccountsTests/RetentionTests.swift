import Accounts
import Foundation
import GRDB
import Policy
import Secrets
import Testing
import Vocabulary

@testable import Records

/// The jobs under a clock of the test's: what dies when (conflicts 9, 10, 12, 13).
@Suite struct RetentionTests {
    private static let day = UsageGrain.day.length
    /// Midnight.
    private static let start = Moment(microseconds: 1_700_000_000_000_000 / day * day)

    private static func add(_ place: Place, organisation: Int64, key: Int64, at: Moment) throws {
        try place.ledger.write { database in
            for grain in UsageGrain.allCases {
                try database.execute(
                    sql: "INSERT INTO \(grain.table) VALUES (?, ?, ?, 1, 1, 0, 1, 0, 10, 0, 10, 7, 7, 3, 1, 0, 0, 0)",
                    arguments: [grain.begin(of: at), organisation, key])
            }
            try database.execute(sql: "DELETE FROM usage_day_sums")
            try database.execute(sql: SpendingSchema.fillDaySums)
        }
    }

    private static func count(_ place: Place, _ sql: String) throws -> Int {
        try place.ledger.read { try Int.fetchOne($0, sql: sql) ?? -1 }
    }

    /// Minutes two days, hours ninety, days twelve months or until deletion, by profile.
    @Test(arguments: ProfileID.allCases) func sumsDieByTheirGrain(_ profile: ProfileID) throws {
        let place = try Place(profile)
        try Self.add(place, organisation: 1, key: 5, at: Self.start)
        let retention = Retention(place.ledger, DeploymentPolicy(profile))
        for (days, minutes, hours) in [(Int64(1), 1, 1), (2, 1, 1), (3, 0, 1), (90, 0, 1), (91, 0, 0)] {
            try retention.work(at: Self.start.adding(days: days))
            #expect(try Self.count(place, "SELECT count(*) FROM usage_minutes") == minutes, "\(days)")
            #expect(try Self.count(place, "SELECT count(*) FROM usage_hours") == hours, "\(days)")
        }
        try retention.work(at: Self.start.adding(days: 365))
        #expect(try Self.count(place, "SELECT count(*) FROM usage_days") == 1)
        try retention.work(at: Self.start.adding(days: 366))
        let isBound = DeploymentPolicy(profile).value(of: "roll_up_months") == "12"
        #expect(try Self.count(place, "SELECT count(*) FROM usage_days") == (isBound ? 0 : 1), "AU-27")
        #expect(try Self.count(place, "SELECT count(*) FROM usage_day_sums") == (isBound ? 0 : 5), "AU-27")
        #expect(isBound == [.aura, .strict].contains(profile), "AX-13, AI-14, OL-16")
    }

    /// AU-27: once its day is over, what is left of it tells of no key; sums stay what they were.
    @Test func whatIsRolledUpIsAnonymous() throws {
        let place = try Place(.aura)
        for key in Int64(1)...4 { try Self.add(place, organisation: 1, key: key, at: Self.start) }
        try Self.add(place, organisation: 2, key: 9, at: Self.start)
        let retention = Retention(place.ledger, DeploymentPolicy(.aura))
        try retention.work(at: Self.start.adding(days: 1))
        #expect(try Self.count(place, "SELECT count(*) FROM usage_days WHERE key <> 0") == 5)
        for _ in 0..<2 {
            try retention.work(at: Self.start.adding(days: 2))
            for table in ["usage_hours", "usage_days"] {
                #expect(try Self.count(place, "SELECT count(*) FROM \(table) WHERE key <> 0") == 0)
                #expect(try Self.count(place, "SELECT count(*) FROM \(table)") == 2)
                #expect(try Self.count(place, "SELECT sum(charge) FROM \(table)") == 35)
                #expect(try Self.count(place, "SELECT charge FROM \(table) WHERE organisation = 1") == 28)
            }
            let ofKeys = "FROM usage_day_sums WHERE dimension = \(UsageDimension.key.number)"
            #expect(try Self.count(place, "SELECT count(*) \(ofKeys) AND value <> 0") == 0)
            #expect(try Self.count(place, "SELECT sum(charge) \(ofKeys)") == 35)
        }
        let other = try Place(.aurex)
        try Self.add(other, organisation: 1, key: 3, at: Self.start)
        try Retention(other.ledger, DeploymentPolicy(.aurex)).work(at: Self.start.adding(days: 400))
        #expect(try Self.count(other, "SELECT count(*) FROM usage_days WHERE key = 3") == 1, "AX-13: permanently")
    }

    /// An organisation's own, tighter term holds for it alone.
    @Test func anOrganisationsTermIsItsOwn() throws {
        let place = try Place(.aurex)
        for organisation in [Int64(1), 2] { try Self.add(place, organisation: organisation, key: 3, at: Self.start) }
        #expect(try place.rights.tighten("roll_up_months", "12", of: OrganisationID(2)) == nil)
        #expect(try place.rights.tighten("receipt_days", "roll_up", of: OrganisationID(2)) == nil)
        try Retention(place.ledger, DeploymentPolicy(.aurex)).work(at: Self.start.adding(days: 10))
        #expect(try Self.count(place, "SELECT key FROM usage_days WHERE organisation = 2") == 0)
        try Retention(place.ledger, DeploymentPolicy(.aurex)).work(at: Self.start.adding(days: 400))
        for table in ["usage_days", "usage_day_sums"] {
            #expect(try Self.count(place, "SELECT count(*) FROM \(table) WHERE organisation = 2") == 0)
        }
        #expect(try Self.count(place, "SELECT key FROM usage_days WHERE organisation = 1") == 3)
        // Looser than the deployment is refused, and nothing is stored.
        let strict = try Place(.strict)
        let fault = try strict.rights.tighten("roll_up_months", "until_deletion", of: OrganisationID(2))
        guard case .looser(_, "12", let broken) = fault else {
            return #expect(Bool(false), "\(String(describing: fault))")
        }
        #expect(broken.contains(PromiseID(.aura, 27)))
        #expect(try TightenedKnobs(strict.ledger).all().isEmpty)
    }

    /// Conflict 10 and the whole table of terms: 24 hours, 14 days, 30 days, 12 months, 7 years.
    @Test func everyTermOfTheTableIsKept() throws {
        let place = try Place(.aura)
        var secret = Array("sk-0123456789".utf8)
        _ = try place.vault().set(&secret, for: DeploymentID(1), of: .home, at: Self.start)
        try Self.add(place, organisation: 1, key: 3, at: Self.start)
        #expect(try place.rights.apply(.requestDeletion(isFinal: false), to: .home, at: Self.start) == nil)
        try place.rights.work(at: Self.start)
        #expect(try VaultStore(place.ledger).sealedKeys().isEmpty, "at once, at the latest in 24 hours")
        #expect(try !place.rights.life(of: .home).isLate(at: Self.start.adding(days: 1)))
        let logs = DailyLog(directory: place.folder.path, retentionDays: 14) { Self.start.adding(days: 14) }
        let file = place.folder.path + "/tacet-2023-11-13.log"
        try Data("{}\n".utf8).write(to: URL(fileURLWithPath: file))
        logs.expire()
        #expect(!FileManager.default.fileExists(atPath: file), "14 days")
        #expect(try place.rights.work(at: Self.start.adding(days: 29)).isEmpty)
        #expect(try Self.count(place, "SELECT count(*) FROM usage_days") == 1)
        #expect(try place.rights.work(at: Self.start.adding(days: 30)).count == 1, "30 days")
        #expect(try Self.count(place, "SELECT count(*) FROM usage_days") == 0, "AX-20: roll-ups go too")
        try place.rights.work(at: Self.start.adding(days: 30 + 7 * 365))
        #expect(try place.rights.store.lives().count == 1)
        try place.rights.work(at: Self.start.adding(days: 30 + 7 * 365 + 2))
        #expect(try place.rights.store.lives().isEmpty, "7 years")
    }

    /// Conflict 13: from where a request came, whole, cut or not at all, in a table of its own for the logs' term.
    @Test func originsAreKeptAsTheProfileSays() throws {
        let whole = Network.v4(0xc633_6417)
        #expect(OriginKeeping.whole.kept(of: whole) == whole)
        #expect(OriginKeeping.network.kept(of: whole) == Network.v4(0xc633_6400))
        #expect(OriginKeeping.network.kept(of: 0x2001_0db8_0001_0002 << 64 | 7) == 0x2001_0db8_0001 << 80)
        #expect(OriginKeeping.none.kept(of: whole) == nil)
        #expect(ProfileID.allCases.filter { DeploymentPolicy($0).origins != .none } == [.aura, .aurixel])
        let place = try Place(.aurixel)
        let book = OriginStore(place.ledger)
        book.note(RequestID(high: 1, low: 2), of: .home, at: Self.start, from: whole)
        #expect(try Self.count(place, "SELECT count(*) FROM request_origins") == 0, "in memory until it is flushed")
        try book.flush()
        #expect(
            try Self.count(place, "SELECT count(*) FROM request_origins WHERE hex(origin) LIKE '%FFFFC6336417'") == 1)
        let retention = Retention(place.ledger, DeploymentPolicy(.aurixel))
        try retention.work(at: Self.start.adding(days: 14))
        #expect(try Self.count(place, "SELECT count(*) FROM request_origins") == 1)
        try retention.work(at: Self.start.adding(days: 15))
        #expect(try Self.count(place, "SELECT count(*) FROM request_origins") == 0)
    }

    /// Conflict 12: counts over five organisations or none, without who objects; off where the profile has it off.
    @Test func improvementLooksAtGroupsOnly() throws {
        let place = try Place(.aura)
        for organisation in Int64(1)...6 { try Self.add(place, organisation: organisation, key: 3, at: Self.start) }
        func seen() throws -> [UsageStore.Aggregate]? {
            try place.rights.aggregates(since: Self.start, until: Self.start.adding(days: 1))
        }
        #expect(try seen()?.map(\.organisations) == [6])
        #expect(try seen()?.first?.sums.requests == 6)
        #expect(try place.rights.apply(.object, to: OrganisationID(2), at: Self.start) == nil)
        #expect(try seen()?.first?.organisations == 5)
        #expect(try place.rights.tighten("improve_from_aggregates", "off", of: OrganisationID(3)) == nil)
        #expect(try seen()?.isEmpty == true, "four are no group")
        let aurex = try Place(.aurex)
        #expect(try aurex.rights.aggregates(since: Self.start, until: Self.start.adding(days: 1)) == nil, "AX-12")
    }
}
