import GRDB
import Vocabulary

/// People and what they prove themselves with.
public struct PersonStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Whether nobody has an account yet.
    public func isEmpty() throws(StorageFault) -> Bool {
        try ledger.read { try Bool.fetchOne($0, sql: "SELECT NOT EXISTS (SELECT 1 FROM people)") ?? true }
    }

    public func person(id: UInt64) throws(StorageFault) -> PersonRow? {
        try ledger.read { try Self.one($0, "SELECT * FROM people WHERE id = ?", [id.stored]) }
    }

    /// By the digest of an address.
    public func person(mailbox: [UInt8]) throws(StorageFault) -> PersonRow? {
        try ledger.read { try Self.one($0, "SELECT * FROM people WHERE mailbox = ?", [mailbox.stored]) }
    }

    /// Adds a person with its membership, and the organisation if that is new, in one transaction.
    /// - Parameter onlyFirst: refuse when there is anybody already.
    /// - Returns: `false` when the address is taken, or somebody was first.
    public func insert(
        _ person: PersonRow, _ member: MemberRow?, _ organisation: OrganisationRow?, onlyFirst: Bool = false
    ) throws(StorageFault) -> Bool {
        try ledger.write { database in
            let obstacle = onlyFirst ? "SELECT EXISTS (SELECT 1 FROM people)" : "SELECT 0"
            if try Bool.fetchOne(database, sql: obstacle) == true { return false }
            try database.execute(
                sql: "INSERT OR IGNORE INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    person.id.stored, person.mailbox.stored, person.sealed.stored, person.verifier?.stored,
                    person.totp?.stored, person.totpStep, Int64(person.language), person.createdAt.microseconds,
                ])
            guard database.changesCount == 1 else { return false }
            if let organisation { try MemberStore.insert(organisation, in: database) }
            if let member { try MemberStore.insert(member, in: database) }
            return true
        }
    }

    /// Writes everything of a person but id and time; `false` when the new address is another's.
    public func update(_ person: PersonRow) throws(StorageFault) -> Bool {
        let done = try ledger.write { database in
            try database.execute(
                sql: """
                    UPDATE OR IGNORE people SET mailbox = ?, sealed = ?, verifier = ?, totp = ?, totp_step = ?,
                    language = ? WHERE id = ?
                    """,
                arguments: [
                    person.mailbox.stored, person.sealed.stored, person.verifier?.stored, person.totp?.stored,
                    person.totpStep, Int64(person.language), person.id.stored,
                ])
            return database.changesCount == 1
        }
        try ledger.truncateLog()
        return done
    }

    /// Takes a step of the authenticator for used; `false` when it, or a later one, was used already.
    public func acceptStep(_ step: Int64, of person: UInt64) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE people SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1",
                arguments: [step, person.stored])
            return database.changesCount == 1
        }
    }

    /// Replaces all recovery codes by their digests.
    public func setRecoveryCodes(_ digests: [[UInt8]], of person: UInt64) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(sql: "DELETE FROM recovery_codes WHERE person = ?", arguments: [person.stored])
            for digest in digests {
                try database.execute(
                    sql: "INSERT INTO recovery_codes VALUES (?, ?)", arguments: [person.stored, digest.stored])
            }
        }
    }

    /// Spends a recovery code; `false` when there is no such one left.
    public func useRecoveryCode(_ digest: [UInt8], of person: UInt64) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM recovery_codes WHERE person = ? AND digest = ?",
                arguments: [person.stored, digest.stored])
            return database.changesCount == 1
        }
    }

    public func recoveryCodes(of person: UInt64) throws(StorageFault) -> Int {
        try ledger.read {
            try Int.fetchOne(
                $0, sql: "SELECT count(*) FROM recovery_codes WHERE person = ?", arguments: [person.stored]) ?? 0
        }
    }

    private static func one(_ database: Database, _ sql: String, _ arguments: StatementArguments) throws -> PersonRow? {
        try Row.fetchOne(database, sql: sql, arguments: arguments).map(row)
    }

    static func row(_ row: Row) -> PersonRow {
        PersonRow(
            id: row.unsigned("id"), mailbox: row.bytes("mailbox"), sealed: row.bytes("sealed"),
            verifier: row.optionalBytes("verifier"), totp: row.optionalBytes("totp"), totpStep: row["totp_step"],
            language: UInt8(truncatingIfNeeded: row["language"] as Int64),
            createdAt: Moment(microseconds: row["created_at"]))
    }
}
