import GRDB
public import Vocabulary

/// How often a page of the console was opened on a day from one other site. Nothing of who.
public struct SiteVisits: Hashable, Sendable {
    /// The template of a path of ours, such as `/invitation/{secret}`; `other` for what was too little to tell.
    public var path: String
    /// A host's name; empty without one, `other` for what was too little to tell.
    public var referrer: String
    /// 5 or more in the store.
    public var visits: Int64

    public init(path: String, referrer: String, visits: Int64) {
        self.path = path
        self.referrer = referrer
        self.visits = visits
    }
}

/// Counts of days that are over.
public struct VisitStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    static let schema = """
        CREATE TABLE site_visits (
          at INTEGER NOT NULL,
          path TEXT NOT NULL CHECK (length(path) BETWEEN 1 AND 96),
          referrer TEXT NOT NULL CHECK (length(referrer) <= 96),
          visits INTEGER NOT NULL CHECK (visits >= 5),
          PRIMARY KEY (at, path, referrer)
        ) STRICT, WITHOUT ROWID;
        """

    /// - Parameter day: where it begins, in UTC.
    public func add(_ rows: [SiteVisits], of day: Moment) throws(StorageFault) {
        try ledger.write { database in
            for row in rows {
                try database.execute(
                    sql: """
                        INSERT INTO site_visits VALUES (?, ?, ?, ?)
                        ON CONFLICT DO UPDATE SET visits = visits + excluded.visits
                        """, arguments: [day.microseconds, row.path, row.referrer, row.visits])
            }
        }
    }

    /// The sums since a moment, the greatest first.
    public func read(since: Moment) throws(StorageFault) -> [SiteVisits] {
        try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT path, referrer, sum(visits) AS visits FROM site_visits WHERE at >= ?
                    GROUP BY path, referrer ORDER BY 3 DESC, 1, 2
                    """, arguments: [since.microseconds]
            ).map { SiteVisits(path: $0["path"], referrer: $0["referrer"], visits: $0["visits"]) }
        }
    }
}
