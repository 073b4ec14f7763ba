import GRDB
import Secrets
import Testing
import Vocabulary

@testable import Records

@Suite struct AuditLogTests {
    private static let now = Moment(microseconds: 1_700_000_000_000_000)

    private static func filled(_ installation: Installation, _ count: Int) throws -> AuditLog {
        let log = AuditLog(installation.ledger)
        for index in 0..<count {
            try log.append(
                index % 3 == 0 ? .providerKeySet : .keyCreate, by: .operator, subject: UInt64(index),
                fields: [AuditEntry.Field(.provider, digest: [UInt8](repeating: UInt8(index), count: 16))],
                result: index % 5 == 4 ? .failed : .begun, at: Moment(microseconds: now.microseconds + Int64(index)))
        }
        return log
    }

    @Test func everyEntryIsChainedAndReadBack() throws {
        let installation = try Installation()
        let log = try Self.filled(installation, 20)
        let entries = try log.entries()
        #expect(entries.map(\.entry.sequence) == Array(1...20))
        #expect(entries[4].entry.result == .failed && entries[3].entry.action == .providerKeySet)
        #expect(try log.entries(after: 18).count == 2)
        let check = try log.verify()
        #expect(check.isSound && check.entries == 20 && check.head.sequence == 20)
        #expect(check.head.hash == entries[19].hash)
        for stored in entries { #expect(try log.verify(anchor: stored.hash).isSound) }
        #expect(try !log.verify(anchor: MerkleHash([UInt8](repeating: 7, count: 32))).isSound)
    }

    @Test(arguments: [
        ("UPDATE audit_log SET at = at + 1 WHERE sequence = 7", 7),
        ("UPDATE audit_log SET action = 2 WHERE sequence = 7", 7),
        ("UPDATE audit_log SET result = 3 - result WHERE sequence = 7", 7),
        ("UPDATE audit_log SET fields = zeroblob(0) WHERE sequence = 7", 7),
        ("UPDATE audit_log SET action = 9999 WHERE sequence = 7", 7), ("DELETE FROM audit_log WHERE sequence = 7", 7),
        ("DELETE FROM audit_log WHERE sequence > 15", 16), ("DELETE FROM audit_log", 1),
        ("UPDATE audit_log SET sequence = sequence + 1 WHERE sequence = 20", 20),
        ("UPDATE audit_head SET chained = zeroblob(32)", 21),
    ])
    func everyTamperingIsFound(sql: String, at place: Int64) throws {
        let installation = try Installation()
        let log = try Self.filled(installation, 20)
        try installation.ledger.write { try $0.execute(sql: sql) }
        let check = try log.verify()
        #expect(!check.isSound)
        #expect(check.brokenAt == place)
    }

    /// Whoever cuts the end and mends the head is found by a head that was published before.
    @Test func aCutEndIsFoundByAnAnchor() throws {
        let installation = try Installation()
        let log = try Self.filled(installation, 20)
        let published = try log.head().hash
        let fifteenth = try log.entries()[14].hash
        try installation.ledger.write { database in
            try database.execute(sql: "DELETE FROM audit_log WHERE sequence > 15")
            try database.execute(
                sql: "UPDATE audit_head SET sequence = 15, chained = ?", arguments: [fifteenth.bytes.stored])
        }
        #expect(try log.verify().isSound)
        #expect(try !log.verify(anchor: published).isSound)
    }
}
