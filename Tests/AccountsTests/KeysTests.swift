import Foundation
import Records
import Secrets
import Synchronization
import Testing
import Vocabulary

@testable import Accounts

@Suite struct KeysTests {
    private let now = Moment(microseconds: 1_700_000_000_000_000)

    final class Events: EventLog {
        private let all = Mutex<[LogEvent]>([])
        func record(_ event: LogEvent) { all.withLock { $0.append(event) } }
    }

    struct Home {
        let folder: TemporaryFolder
        let directory: DataDirectory
        let ledger: Ledger
        let keys: Keys

        init() throws {
            folder = try TemporaryFolder()
            directory = try DataDirectory(folder.path + "/data")
            ledger = try Ledger(directory)
            keys = try Keys(ledger: ledger, directory: directory)
        }
    }

    @Test func aKeyIsCreatedListedFoundAndRevoked() throws {
        let home = try Home()
        let purse = LeasedPurse(
            ledger: home.ledger, served: NodeEpoch(node: 1, epoch: 1), events: Events(), now: { now })
        purse.open()
        let snapshot = try KeySnapshot(ledger: home.ledger, purse: purse, events: Events())
        let (text, record) = try home.keys.create(
            name: "build",
            KeyTerms(
                budget: Budget(.installation, .month, NanoUSD(500)), limits: RateLimits(requestsPerMinute: 3),
                scope: KeyScope(
                    models: [Array("gpt-*".utf8)], endpoints: [.messages],
                    networks: try #require(ScopeText.networks("10.0.0.0/8,2001:db8::/32"))), member: MemberID(9)),
            environment: .test, at: now)
        #expect(GatewayKey.environment(of: text.span) == .test)
        #expect(record.shown.hasPrefix("tct_test_…") && record.shown.count == 14)
        #expect(try home.keys.list() == [record])
        let digest = home.keys.hasher.digest(of: text.span)
        #expect(snapshot.grant(for: digest) == nil)
        let before = snapshot.version
        try snapshot.refresh()
        #expect(snapshot.version > before)
        let grant = try #require(snapshot.grant(for: digest))
        #expect(grant.key == record.id && grant.environment == .test && !grant.isRevoked && grant.isBudgeted)
        #expect(snapshot.isLive(record.id))
        #expect(grant.member == MemberID(9) && grant.scope == record.scope)
        let ask = HoldAsk(payer: grant.payer, amount: NanoUSD(501))
        var answer = purse.hold(ask, at: now)
        while case .refill = answer { answer = purse.hold(ask, at: now) }
        guard case .denied(let denial) = answer else { return #expect(Bool(false)) }
        #expect(denial.left == NanoUSD(500) && denial.owner == .key)
        // Nothing changed: nothing is swapped.
        let same = snapshot.version
        try snapshot.refresh()
        #expect(snapshot.version == same)

        #expect(try home.keys.revoke("nobody", at: now) == nil)
        #expect(try home.keys.revoke(record.id.text, at: now)?.revokedAt == now)
        #expect(try home.keys.revoke("build", at: now) == nil)
        try snapshot.refresh()
        #expect(snapshot.grant(for: digest)?.isRevoked == true)
        #expect(!snapshot.isLive(record.id))
        // A restart finds the same pepper.
        let again = try Keys(ledger: home.ledger, directory: home.directory)
        #expect(again.hasher.digest(of: text.span) == digest)
    }

    /// What another process does is seen by its commit alone.
    @Test func aRevocationByAnotherConnectionIsSeenWithinASecond() async throws {
        let home = try Home()
        let (_, record) = try home.keys.create(name: "a", at: now)
        let snapshot = try KeySnapshot(ledger: home.ledger, purse: nil, events: Events())
        let watch = Task { await snapshot.run() }
        defer { watch.cancel() }
        let elsewhere = try Keys(ledger: Ledger(home.directory), directory: home.directory)
        #expect(try elsewhere.revoke("a", at: now)?.id == record.id)
        let clock = ContinuousClock()
        let start = clock.now
        while snapshot.isLive(record.id), clock.now - start < .seconds(1) { await Task.yield() }
        #expect(!snapshot.isLive(record.id))
    }

    @Test func namesAreShortPrintableAndUniqueWhileLive() throws {
        let home = try Home()
        for name in ["", String(repeating: "a", count: 65), "a\nb", "a\u{0}b", "a\u{202E}b", "\u{2028}", "a\u{7F}"] {
            #expect(throws: StorageFault.badName) { _ = try home.keys.create(name: name, at: now) }
        }
        for name in [String(repeating: "é", count: 64), "Prüfung 1 — 日本", "'; DROP TABLE gateway_keys; --"] {
            #expect(try home.keys.create(name: name, at: now).record.name == name)
        }
        _ = try home.keys.create(name: "twice", at: now)
        #expect(throws: StorageFault.nameTaken) { _ = try home.keys.create(name: "twice", at: now) }
        _ = try home.keys.revoke("twice", at: now)
        _ = try home.keys.create(name: "twice", at: now)
        #expect(try home.keys.list().count == 5)
    }

    /// Neither a key's text nor the pepper stands in any file but the pepper's own, also base64 or as hexadecimal text.
    @Test func noKeyAndNoPepperReachesAnotherFile() throws {
        let home = try Home()
        var texts: [[UInt8]] = []
        for index in 0..<20 { texts.append(try home.keys.create(name: "key \(index)", at: now).text) }
        _ = try home.keys.revoke("key 3", at: now)
        let pepper = Array(try Data(contentsOf: URL(fileURLWithPath: home.directory.keysPath + "/pepper")))
        var needles: [[UInt8]] = [pepper, Array(Data(pepper).base64EncodedString().utf8.prefix(40))]
        needles.append(pepper.flatMap { Array(String(format: "%02x", $0).utf8) })
        for text in texts {
            needles.append(Array(text[9..<41]))
            needles.append(Array(text[9..<25]))
            for shift in 0..<3 {
                needles.append(Array(Data(text[(9 + shift)..<39]).base64EncodedString().utf8.prefix(24)))
            }
        }
        let root = home.directory.path
        let files = try #require(FileManager.default.enumerator(atPath: root)).compactMap { $0 as? String }
        var searched = 0
        for file in files where file != "keys/pepper" {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: root + "/" + file)) else { continue }
            searched += 1
            for needle in needles { #expect(data.range(of: Data(needle)) == nil, "\(file)") }
        }
        #expect(searched >= 2)
        #expect(try Data(contentsOf: URL(fileURLWithPath: root + "/keys/pepper")).range(of: Data(pepper)) != nil)
    }
}
