import GRDB
public import Vocabulary

/// Organisations, who belongs to them, and who is invited.
public struct MemberStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    public func organisation(_ id: OrganisationID) throws(StorageFault) -> OrganisationRow? {
        try ledger.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM organisations WHERE id = ?", arguments: [id.value.stored]
            ).map { row in
                OrganisationRow(
                    id: id, sealed: row.optionalBytes("sealed"),
                    createdAt: Moment(microseconds: row["created_at"]))
            }
        }
    }

    /// Every organisation that people belong to.
    public func organisations() throws(StorageFault) -> [OrganisationID] {
        try ledger.read { database in
            try Int64.fetchAll(database, sql: "SELECT id FROM organisations ORDER BY id").map {
                OrganisationID(UInt64(bitPattern: $0))
            }
        }
    }

    /// Every organisation with the number of its members, oldest first.
    public func roster() throws(StorageFault) -> [(organisation: OrganisationRow, members: Int)] {
        try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT organisations.*, (SELECT count(*) FROM members WHERE organisation = organisations.id) AS members
                    FROM organisations ORDER BY created_at, id
                    """
            ).map { row in
                let organisation = OrganisationRow(
                    id: OrganisationID(row.unsigned("id")), sealed: row.optionalBytes("sealed"),
                    createdAt: Moment(microseconds: row["created_at"]))
                return (organisation, row["members"])
            }
        }
    }

    public func rename(_ organisation: OrganisationID, sealed: [UInt8]?) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE organisations SET sealed = ? WHERE id = ?",
                arguments: [sealed?.stored, organisation.value.stored])
        }
    }

    public func memberships(of person: UInt64) throws(StorageFault) -> [MemberRow] {
        try ledger.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM members WHERE person = ? ORDER BY joined_at, id",
                arguments: [person.stored]
            ).map(Self.member)
        }
    }

    /// Members with the people they are, oldest first.
    public func members(
        of organisation: OrganisationID
    ) throws(StorageFault) -> [(member: MemberRow, person: PersonRow)] {
        try ledger.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM members WHERE organisation = ? ORDER BY joined_at, id",
                arguments: [organisation.value.stored]
            ).compactMap { row in
                let member = try Self.member(row)
                let person = try Row.fetchOne(
                    database, sql: "SELECT * FROM people WHERE id = ?", arguments: [member.person.stored])
                return person.map { (member, PersonStore.row($0)) }
            }
        }
    }

    /// What came of a change of a membership.
    public enum Change: Sendable, Equatable {
        case done
        case unknown
        /// An organisation keeps one owner.
        case lastOwner
    }

    public func setRole(
        _ role: Role, of member: MemberID, in organisation: OrganisationID
    ) throws(StorageFault) -> Change {
        try change(member, organisation, keepsOwner: role == .owner) { database in
            try database.execute(
                sql: "UPDATE members SET role = ? WHERE id = ?",
                arguments: [Int64(role.rawValue), member.value.stored])
        }
    }

    /// Ends a membership and the sessions that show the organisation; who belongs to no other goes altogether.
    public func remove(_ member: MemberID, from organisation: OrganisationID) throws(StorageFault) -> Change {
        let done = try change(member, organisation, keepsOwner: false) { database in
            let person = try Int64.fetchOne(
                database, sql: "SELECT person FROM members WHERE id = ?", arguments: [member.value.stored])
            try database.execute(
                sql: """
                    DELETE FROM sessions WHERE organisation = ?1
                    AND person = (SELECT person FROM members WHERE id = ?2)
                    """, arguments: [organisation.value.stored, member.value.stored])
            try database.execute(sql: "DELETE FROM members WHERE id = ?", arguments: [member.value.stored])
            try database.execute(
                sql: "DELETE FROM people WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM members WHERE person = ?1)",
                arguments: [person])
        }
        try ledger.truncateLog()
        return done
    }

    private func change(
        _ member: MemberID, _ organisation: OrganisationID, keepsOwner: Bool, _ body: (Database) throws -> Void
    ) throws(StorageFault) -> Change {
        try ledger.write { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM members WHERE organisation = ?",
                arguments: [organisation.value.stored]
            ).map(Self.member)
            guard let found = rows.first(where: { $0.id == member }) else { return .unknown }
            if found.role == .owner, !keepsOwner, rows.count(where: { $0.role == .owner }) == 1 { return .lastOwner }
            try body(database)
            return .done
        }
    }

    // MARK: Invitations

    /// Adds an invitation in place of an earlier one to the same address.
    public func insert(_ row: InvitationRow) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO invitations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    row.id.stored, row.organisation.value.stored, Int64(row.role.rawValue), row.digest.stored,
                    row.mailbox.stored, row.sealed.stored, row.createdAt.microseconds, row.expiresAt.microseconds,
                ])
        }
    }

    public func invitations(to organisation: OrganisationID) throws(StorageFault) -> [InvitationRow] {
        try ledger.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM invitations WHERE organisation = ? ORDER BY created_at, id",
                arguments: [organisation.value.stored]
            ).map(Self.invitation)
        }
    }

    /// By the digest of its link.
    public func invitation(digest: [UInt8]) throws(StorageFault) -> InvitationRow? {
        try ledger.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM invitations WHERE digest = ?", arguments: [digest.stored]
            ).map(Self.invitation)
        }
    }

    /// `false` when there is none of this number.
    public func withdraw(_ id: UInt64, in organisation: OrganisationID) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM invitations WHERE id = ? AND organisation = ?",
                arguments: [id.stored, organisation.value.stored])
            return database.changesCount == 1
        }
    }

    /// Spends an invitation: the person becomes a member, once.
    /// - Returns: `false` when it was spent or withdrawn, or the person is a member already.
    public func accept(_ invitation: InvitationRow, as member: MemberRow) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(sql: "DELETE FROM invitations WHERE id = ?", arguments: [invitation.id.stored])
            guard database.changesCount == 1 else { return false }
            return try Self.insert(member, in: database)
        }
    }

    /// Deletes invitations whose time is over.
    public func expire(at now: Moment) throws(StorageFault) {
        try ledger.write {
            try $0.execute(sql: "DELETE FROM invitations WHERE expires_at <= ?", arguments: [now.microseconds])
        }
    }

    @discardableResult
    static func insert(_ member: MemberRow, in database: Database) throws -> Bool {
        try database.execute(
            sql: "INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?, ?)",
            arguments: [
                member.id.value.stored, member.organisation.value.stored, member.person.stored,
                Int64(member.role.rawValue), member.joinedAt.microseconds,
            ])
        return database.changesCount == 1
    }

    static func insert(_ organisation: OrganisationRow, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO organisations VALUES (?, ?, ?)",
            arguments: [
                organisation.id.value.stored, organisation.sealed?.stored, organisation.createdAt.microseconds,
            ])
    }

    /// People who belong to this organisation alone.
    public func belonging(onlyTo organisation: OrganisationID) throws(StorageFault) -> [UInt64] {
        try ledger.read { database in
            try Int64.fetchAll(database, sql: Self.only, arguments: [organisation.value.stored])
                .map { UInt64(bitPattern: $0) }
        }
    }

    private static let only = """
        SELECT person FROM members WHERE organisation = ?1
        AND person NOT IN (SELECT person FROM members WHERE organisation <> ?1)
        """

    /// Takes everything of an organisation, and those people who belong to no other.
    static func forget(_ organisation: OrganisationID, in database: Database) throws {
        let number = organisation.value.stored
        for sql in [
            "DELETE FROM people WHERE id IN (\(only))",
            "DELETE FROM sessions WHERE organisation = ?1", "DELETE FROM organisations WHERE id = ?1",
        ] { try database.execute(sql: sql, arguments: [number]) }
    }

    private static func member(_ row: Row) throws -> MemberRow {
        guard let role = Role(rawValue: UInt8(truncatingIfNeeded: row["role"] as Int64)) else {
            throw StorageFault.damaged
        }
        return MemberRow(
            id: MemberID(row.unsigned("id")), organisation: OrganisationID(row.unsigned("organisation")),
            person: row.unsigned("person"), role: role, joinedAt: Moment(microseconds: row["joined_at"]))
    }

    private static func invitation(_ row: Row) throws -> InvitationRow {
        guard let role = Role(rawValue: UInt8(truncatingIfNeeded: row["role"] as Int64)) else {
            throw StorageFault.damaged
        }
        return InvitationRow(
            id: row.unsigned("id"), organisation: OrganisationID(row.unsigned("organisation")), role: role,
            digest: row.bytes("digest"), mailbox: row.bytes("mailbox"), sealed: row.bytes("sealed"),
            createdAt: Moment(microseconds: row["created_at"]), expiresAt: Moment(microseconds: row["expires_at"]))
    }
}
