import GRDB
public import Vocabulary

/// Alerts, each cause once, and how far each was delivered.
public struct AlertStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    public enum Channel: Sendable {
        case mail
        case webhook

        fileprivate var column: String { self == .mail ? "mailed_at" : "posted_at" }
        fileprivate var attempts: String { self == .mail ? "mail_attempts" : "post_attempts" }
        fileprivate var next: String { self == .mail ? "next_mail" : "next_post" }
    }

    public struct Stored: Hashable, Sendable {
        public var id: Int64
        public var alert: Alert
        public var mailedAt: Moment?
        public var postedAt: Moment?
    }

    /// - Returns: how many were new.
    @discardableResult
    public func add(_ alerts: [Alert]) throws(StorageFault) -> Int {
        if alerts.isEmpty { return 0 }
        return try ledger.write { database in
            var count = 0
            for alert in alerts {
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO alerts (cause, kind, at, owner_kind, owner, period, level, amount,
                        limit_amount, mail_attempts, next_mail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
                        """,
                    arguments: [
                        alert.cause, Int64(alert.kind.rawValue), alert.at.microseconds,
                        Int64(alert.owner.kind.rawValue), alert.owner.id.stored, Int64(alert.period.rawValue),
                        alert.level, alert.amount, alert.limit,
                    ])
                count += database.changesCount
            }
            return count
        }
    }

    /// Newest first.
    public func list(limit: Int) throws(StorageFault) -> [Stored] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM alerts ORDER BY id DESC LIMIT ?", arguments: [limit])
                .map(Self.stored)
        }
    }

    /// What a channel has not delivered and may try now, oldest first.
    public func due(_ channel: Channel, at now: Moment) throws(StorageFault) -> [Stored] {
        try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM alerts WHERE \(channel.column) IS NULL AND \(channel.next) <= ? AND \(channel.attempts) < ?
                    ORDER BY id LIMIT 20
                    """, arguments: [now.microseconds, Self.attempts]
            ).map(Self.stored)
        }
    }

    /// About two days, the waits doubled up to six hours.
    static let attempts = 16

    public func delivered(_ id: Int64, _ channel: Channel, at now: Moment) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE alerts SET \(channel.column) = ? WHERE id = ?", arguments: [now.microseconds, id])
        }
    }

    /// The channel tries it again later; the other is not kept waiting.
    public func failed(_ id: Int64, _ channel: Channel, at now: Moment) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: """
                    UPDATE alerts SET \(channel.attempts) = \(channel.attempts) + 1,
                    \(channel.next) = ? + min(21600, 30 * (1 << min(\(channel.attempts), 12))) * 1000000 WHERE id = ?
                    """, arguments: [now.microseconds, id])
        }
    }

    private static func stored(_ row: Row) throws -> Stored {
        func byte(_ column: String) -> UInt8 { UInt8(truncatingIfNeeded: row[column] as Int64) }
        guard let kind = Alert.Kind(rawValue: byte("kind")),
            let owner = BudgetOwner.Kind(rawValue: byte("owner_kind")),
            let period = BudgetPeriod(rawValue: byte("period"))
        else { throw StorageFault.damaged }
        return Stored(
            id: row["id"],
            alert: Alert(
                cause: row["cause"], kind: kind, at: Moment(microseconds: row["at"]),
                owner: BudgetOwner(owner, row.unsigned("owner")), period: period, level: row["level"],
                amount: row["amount"], limit: row["limit_amount"]),
            mailedAt: (row["mailed_at"] as Int64?).map { Moment(microseconds: $0) },
            postedAt: (row["posted_at"] as Int64?).map { Moment(microseconds: $0) })
    }
}
