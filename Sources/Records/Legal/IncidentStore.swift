import GRDB
public import Vocabulary

/// A known incident: kinds, times and how many organisations; no words (AN-20).
public struct Incident: Equatable, Sendable {
    /// Raw values are stored: append, never renumber.
    public enum Kind: UInt8, CaseIterable, Sendable {
        case unavailable = 1
        case disclosed = 2
        case lost = 3
        case altered = 4

        public var name: StaticString {
            switch self {
            case .unavailable: "unavailable"
            case .disclosed: "disclosed"
            case .lost: "lost"
            case .altered: "altered"
            }
        }
    }

    /// What it concerns: bits of a stored number.
    public enum Concern: UInt8, CaseIterable, Sendable {
        case gatewayKeys = 1
        case providerKeys = 2
        case receipts = 4
        case accounts = 8

        public var name: StaticString {
            switch self {
            case .gatewayKeys: "gateway_keys"
            case .providerKeys: "provider_keys"
            case .receipts: "receipts"
            case .accounts: "accounts"
            }
        }
    }

    public var id: Int64
    public var kind: Kind
    public var concerns: [Concern]
    public var beganAt: Moment
    /// `nil`: it goes on.
    public var endedAt: Moment?
    public var announcedAt: Moment
    /// How many organisations used the gateway in that time.
    public var affected: Int
}

/// The register of incidents, which the security page shows.
public struct IncidentStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Newest first.
    public func list() throws(StorageFault) -> [Incident] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM incidents ORDER BY began_at DESC, id DESC").map { row in
                let bits = UInt8(truncatingIfNeeded: row["concerns"] as Int64)
                guard let kind = Incident.Kind(rawValue: UInt8(truncatingIfNeeded: row["kind"] as Int64)) else {
                    throw StorageFault.damaged
                }
                return Incident(
                    id: row["id"], kind: kind, concerns: Incident.Concern.allCases.filter { bits & $0.rawValue != 0 },
                    beganAt: Moment(microseconds: row["began_at"]),
                    endedAt: (row["ended_at"] as Int64?).map { Moment(microseconds: $0) },
                    announcedAt: Moment(microseconds: row["announced_at"]),
                    affected: Int(row["affected"] as Int64))
            }
        }
    }

    /// Announces an incident; those affected are told from the hours in which it went on.
    public func announce(
        _ kind: Incident.Kind, _ concerns: [Incident.Concern], from: Moment, until: Moment?, at now: Moment
    ) throws(StorageFault) -> [OrganisationID] {
        try ledger.write { database in
            let affected = try Int64.fetchAll(
                database,
                sql: "SELECT DISTINCT organisation FROM usage_hours WHERE at >= ? AND at < ? ORDER BY organisation",
                arguments: [UsageGrain.hour.begin(of: from), (until ?? now).microseconds])
            try database.execute(
                sql: "INSERT INTO incidents VALUES (NULL, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    Int64(kind.rawValue), Int64(concerns.reduce(0) { $0 | $1.rawValue }), from.microseconds,
                    until?.microseconds, now.microseconds, Int64(affected.count),
                ])
            return affected.map { OrganisationID(UInt64(bitPattern: $0)) }
        }
    }

    /// Ends what goes on; `false` when there is no such incident.
    public func end(_ id: Int64, at end: Moment) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE incidents SET ended_at = ? WHERE id = ? AND ended_at IS NULL AND began_at <= ?",
                arguments: [end.microseconds, id, end.microseconds])
            return database.changesCount == 1
        }
    }
}
