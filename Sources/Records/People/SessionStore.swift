import GRDB
public import Vocabulary

/// Sessions: the row decides, so ending one ends it at the next request.
public struct SessionStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    public func insert(_ row: SessionRow) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    row.digest.stored, row.person.stored, row.organisation.value.stored,
                    Int64(row.carrier.rawValue), row.createdAt.microseconds, row.seenAt.microseconds,
                    row.confirmedAt.microseconds,
                ])
        }
    }

    public func session(_ digest: [UInt8]) throws(StorageFault) -> SessionRow? {
        try ledger.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM sessions WHERE digest = ?", arguments: [digest.stored])
                .map(Self.row)
        }
    }

    /// A person's sessions, last seen first.
    public func sessions(of person: UInt64) throws(StorageFault) -> [SessionRow] {
        try ledger.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM sessions WHERE person = ? ORDER BY seen_at DESC, digest",
                arguments: [person.stored]
            ).map(Self.row)
        }
    }

    /// Writes what may change: the organisation shown, and the times.
    public func update(_ row: SessionRow) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE sessions SET organisation = ?, seen_at = ?, confirmed_at = ? WHERE digest = ?",
                arguments: [
                    row.organisation.value.stored, row.seenAt.microseconds, row.confirmedAt.microseconds,
                    row.digest.stored,
                ])
        }
    }

    /// `false` when the person has no such session.
    public func end(_ digest: [UInt8], of person: UInt64) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM sessions WHERE digest = ? AND person = ?",
                arguments: [digest.stored, person.stored])
            return database.changesCount == 1
        }
    }

    /// Ends every session of a person but one.
    /// - Returns: how many.
    @discardableResult
    public func endAll(of person: UInt64, but kept: [UInt8] = []) throws(StorageFault) -> Int {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM sessions WHERE person = ? AND digest <> ?", arguments: [person.stored, kept.stored])
            return database.changesCount
        }
    }

    /// Ends every session that shows an organisation.
    public func endAll(of organisation: OrganisationID) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM sessions WHERE organisation = ?", arguments: [organisation.value.stored])
        }
    }

    /// Deletes sessions created before one moment or not seen since another.
    public func expire(createdBefore created: Moment, seenBefore seen: Moment) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM sessions WHERE created_at < ? OR seen_at < ?",
                arguments: [created.microseconds, seen.microseconds])
        }
    }

    private static func row(_ row: Row) throws -> SessionRow {
        guard let carrier = SessionRow.Carrier(rawValue: UInt8(truncatingIfNeeded: row["carrier"] as Int64)) else {
            throw StorageFault.damaged
        }
        return SessionRow(
            digest: row.bytes("digest"), person: row.unsigned("person"),
            organisation: OrganisationID(row.unsigned("organisation")), carrier: carrier,
            createdAt: Moment(microseconds: row["created_at"]), seenAt: Moment(microseconds: row["seen_at"]),
            confirmedAt: Moment(microseconds: row["confirmed_at"]))
    }
}
