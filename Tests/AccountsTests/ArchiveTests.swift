import Accounts
import Foundation
import GRDB
import Policy
import Secrets
import Testing
import Vocabulary

@testable import Records

/// AU-30, AX-19: what is exported comes back as it was; what is foreign or doctored is refused, and nothing is changed.
@Suite struct ArchiveTests {
    private static let start = Moment(microseconds: 1_700_000_000_000_000)

    private static func filled() throws -> Place {
        let place = try Place(.aurex)
        var (text, record) = try place.keys.create(name: "an app, \"quoted\"", at: start)
        wipe(&text)
        let spending = SpendingStore(place.ledger)
        try spending.set(Budget(.key(record.id), .day, NanoUSD(5)))
        try spending.set(RateLimits(requestsPerMinute: 3), of: .organisation(.home))
        _ = try place.rights.store.enter(.access, of: .home, at: start, dueAt: start)
        try LegalStore(place.ledger).accept(
            Acceptance(organisation: .home, member: MemberID(4), page: 2, number: 1, at: start))
        _ = try place.rights.tighten("recovery_days", "0", of: .home)
        try place.ledger.write { database in
            for organisation in [1, 2] {
                try database.execute(
                    sql: "INSERT INTO usage_days VALUES (0, ?, 3, 1, 1, 0, 1, 0, 10, 0, 10, 7, 7, 3, 1, 0, 0, 0)",
                    arguments: [organisation])
            }
        }
        return place
    }

    @Test func whatIsExportedComesBackAsItWas() throws {
        let place = try Self.filled()
        let archive = try place.rights.export(.home, at: Self.start)
        #expect(try place.rights.restore(archive, to: .home).rows == 0, "all is there")
        try place.ledger.write { database in
            for table in ["budgets", "rate_limits", "legal_acceptances", "tightened_knobs"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
            try database.execute(sql: "DELETE FROM usage_days WHERE organisation = 1")
        }
        #expect(try place.rights.export(.home, at: Self.start) != archive)
        #expect(try place.rights.restore(archive, to: .home).rows == 5)
        #expect(try place.rights.export(.home, at: Self.start) == archive)
        #expect(try place.rights.policy(of: .home).value(of: "recovery_days") == "0")
    }

    /// A ZIP that any program opens, with a schema that says of every column what it is.
    @Test func theArchiveIsReadableByOthers() throws {
        let place = try Self.filled()
        let bytes = try place.rights.export(.home, at: Self.start)
        let zip = try #require(ZIPArchive(bytes))
        let names = zip.members.map { String(decoding: $0.name, as: UTF8.self) }
        #expect(names.prefix(3) == ["manifest.json", "manifest.sig", "schema.json"])
        let written = Data(try #require(zip["schema.json"]))
        let schema = try #require(try JSONSerialization.jsonObject(with: written) as? [String: [[String: String]]])
        for table in DataMap.ownedTables where !table.exported.isEmpty {
            #expect(names.contains("tables/\(table.name).json") && names.contains("tables/\(table.name).csv"))
            let columns = try #require(schema[table.name])
            #expect(columns.compactMap { $0["column"] } == table.archived)
            for column in columns {
                for name in ["type", "class", "purpose", "basis", "retention"] {
                    #expect(column[name]?.isEmpty == false, "\(table.name) \(column)")
                }
            }
        }
        let csv = String(decoding: try #require(zip["tables/gateway_keys.csv"]), as: UTF8.self)
        #expect(csv.contains("\"an app, \"\"quoted\"\"\"") && csv.hasSuffix("\r\n"))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("\"digest\":"), "a key's digest is a secret")
        #expect(!text.contains("\"organisation\":2"))
        let path = place.folder.path + "/account.zip"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let unzip = Process()
        unzip.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        unzip.arguments = ["-c", "import sys,zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None", path]
        try unzip.run()
        unzip.waitUntilExit()
        #expect(unzip.terminationStatus == 0)
    }

    /// Who belongs to it stands in the archive in the clear, with the consent and what was agreed to; an archive lets nobody in.
    @Test func peopleAreGivenOutAndNotBroughtBack() async throws {
        let place = try Self.filled()
        let people = place.people(at: Self.start)
        let token = try await place.owner(of: people)
        let owner = try #require(try people.account(token: token, .cookie))
        let invited = try people.invite("grace@example.org", as: .admin, by: owner) { ("s", $0) }
        let session = try await people.accept(secret: invited, name: "Grace", password: Place.password)
        let grace = try #require(try people.account(token: session, .cookie))
        _ = try people.invite("later@example.org", as: .viewer, by: owner) { ("s", $0) }
        _ = try place.rights.apply(.withdrawConsent, to: .home, at: Self.start)
        let archive = try place.rights.export(.home, at: Self.start)
        let zip = try #require(ZIPArchive(archive))
        func table(_ name: String) throws -> [[String: Any]] {
            let bytes = Data(try #require(zip["tables/\(name).json"]))
            return try #require(try JSONSerialization.jsonObject(with: bytes) as? [[String: Any]])
        }
        let listed = try table("people").compactMap { $0["mail_address"] as? String }
        #expect(Set(listed) == ["ada@example.org", "grace@example.org"])
        #expect(try table("people").contains { $0["name"] as? String == "Ada, Countess" })
        #expect(try table("organisations").map { $0["name"] as? String } == ["Engines"])
        #expect(try table("invitations").map { $0["mail_address"] as? String } == ["later@example.org"])
        #expect(try table("members").count == 2 && table("sessions").count == 2)
        #expect(try table("account_lives").map { $0["consent"] as? Int } == [0])
        #expect(try table("legal_acceptances").count == 1)
        let csv = String(decoding: try #require(zip["tables/people.csv"]), as: UTF8.self)
        #expect(csv.contains("ada@example.org,\"Ada, Countess\""))
        let schema = String(decoding: try #require(zip["schema.json"]), as: UTF8.self)
        #expect(!schema.contains("verifier") && !schema.contains("totp\"") && !schema.contains("mailbox"))

        try people.remove(grace.member.id, by: owner)
        #expect(try place.rights.restore(archive, to: .home).rows == 0)
        #expect(try people.team(of: .home).map(\.person.mail.text) == ["ada@example.org"])
        #expect(try people.account(token: session, .cookie) == nil, "a removed member is out")
        #expect(try place.rights.life(of: .home).hasConsent == false)
    }

    /// What comes back comes back whole, and nothing by which somebody is let in does.
    @Test func whatIsRestoredIsWhole() throws {
        let place = try Place(.strict)
        let restored = DataMap.ownedTables.filter(\.isRestored)
        #expect(restored.contains { $0.name == "budgets" } && restored.contains { $0.name == "receipts" })
        for name in [
            "members", "people", "sessions", "gateway_keys", "vault_provider_keys", "audit_log", "account_lives",
        ] {
            #expect(!restored.contains { $0.name == name }, "\(name)")
        }
        try place.ledger.read { database in
            for table in restored where !table.exported.isEmpty {
                let columns = try database.columns(in: table.name).filter(\.isNotNull).map(\.name)
                #expect(Set(columns).isSubset(of: table.archived), "\(table.name)")
            }
        }
    }

    @Test func aForeignOrDoctoredArchiveIsRefusedAndNothingIsLost() throws {
        let place = try Self.filled()
        let archive = try place.rights.export(.home, at: Self.start)
        let other = try Self.filled()
        #expect(throws: ArchiveFault.foreign) { try other.rights.restore(archive, to: .home) }
        #expect(throws: ArchiveFault.otherOrganisation(.home)) {
            try place.rights.restore(archive, to: OrganisationID(2))
        }
        // Every byte, in steps; and every cut.
        for index in stride(from: 0, to: archive.count, by: 97) {
            var changed = archive
            changed[index] ^= 1
            #expect(throws: ArchiveFault.self, "byte \(index)") { try place.rights.restore(changed, to: .home) }
            #expect(throws: ArchiveFault.self) { try place.rights.restore(Array(archive[..<index]), to: .home) }
        }
        #expect(throws: ArchiveFault.notAnArchive) { try place.rights.restore(archive + [0], to: .home) }
        // A table changed together with its digest: the signature does not fit.
        let zip = try #require(ZIPArchive(archive))
        var forged = ZIPArchive()
        for (name, bytes) in zip.members {
            var bytes = bytes
            if name.elementsEqual("manifest.json".utf8) { bytes += Array("\n".utf8) }
            forged.add(String(decoding: name, as: UTF8.self), bytes)
        }
        #expect(throws: ArchiveFault.foreign) { try place.rights.restore(forged.bytes, to: .home) }
        var more = zip
        more.add("tables/extra.json", Array("[]".utf8))
        #expect(throws: ArchiveFault.changed(file: "a file that was not signed")) {
            try place.rights.restore(more.bytes, to: .home)
        }
        #expect(try place.rights.export(.home, at: Self.start) == archive, "nothing was lost")
    }
}
