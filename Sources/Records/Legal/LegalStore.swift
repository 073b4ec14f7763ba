import GRDB
public import Vocabulary

/// A version of a legal page as it was published.
public struct PublishedEdition: Equatable, Sendable {
    /// From 1.
    public var number: Int64
    /// Days since 1970 from which it holds.
    public var effective: Int64
    public var publishedAt: Moment
    /// SHA-256 of its English text.
    public var digest: [UInt8]

    public init(number: Int64, effective: Int64, publishedAt: Moment, digest: [UInt8]) {
        self.number = number
        self.effective = effective
        self.publishedAt = publishedAt
        self.digest = digest
    }
}

/// Who agreed to which version of a page, and when.
public struct Acceptance: Equatable, Sendable {
    public var organisation: OrganisationID
    public var member: MemberID
    public var page: Int64
    public var number: Int64
    public var at: Moment

    public init(organisation: OrganisationID, member: MemberID, page: Int64, number: Int64, at: Moment) {
        self.organisation = organisation
        self.member = member
        self.page = page
        self.number = number
        self.at = at
    }
}

/// The published versions of legal pages and the record of who agreed to them. Pages are numbered by their room.
public struct LegalStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Every version of a page, oldest first.
    public func editions(of page: Int64) throws(StorageFault) -> [PublishedEdition] {
        try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT number, effective, published_at, digest FROM legal_editions WHERE page = ? AND language = 0
                    ORDER BY number
                    """, arguments: [page]
            ).map { row in
                PublishedEdition(
                    number: row["number"], effective: row["effective"],
                    publishedAt: Moment(microseconds: row["published_at"]), digest: row.bytes("digest"))
            }
        }
    }

    /// The text of a version in one language; `nil` when there is none.
    public func text(of page: Int64, _ number: Int64, in language: Language) throws(StorageFault) -> [UInt8]? {
        try ledger.read { database in
            try Row.fetchOne(
                database, sql: "SELECT published FROM legal_editions WHERE page = ? AND number = ? AND language = ?",
                arguments: [page, number, Int64(language.rawValue)]
            )?.bytes("published")
        }
    }

    /// Keeps a version in all its languages, in one transaction.
    public func publish(
        _ edition: PublishedEdition, of page: Int64, _ texts: [Language: [UInt8]]
    ) throws(StorageFault) {
        try ledger.write { database in
            for (language, text) in texts {
                try database.execute(
                    sql: "INSERT INTO legal_editions VALUES (?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        page, edition.number, Int64(language.rawValue), edition.effective,
                        edition.publishedAt.microseconds, edition.digest.stored, text.stored,
                    ])
            }
        }
    }

    /// Records that somebody agreed; the first time counts.
    public func accept(_ acceptance: Acceptance) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "INSERT INTO legal_acceptances VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [
                    acceptance.organisation.value.stored, acceptance.member.value.stored, acceptance.page,
                    acceptance.number, acceptance.at.microseconds,
                ])
        }
    }

    /// Oldest first.
    /// - Parameter organisation: one alone; `nil` for all.
    public func acceptances(of organisation: OrganisationID? = nil) throws(StorageFault) -> [Acceptance] {
        try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM legal_acceptances WHERE ?1 IS NULL OR organisation = ?1
                    ORDER BY at, organisation, member, page
                    """, arguments: [organisation?.value.stored]
            ).map { row in
                Acceptance(
                    organisation: OrganisationID(row.unsigned("organisation")),
                    member: MemberID(row.unsigned("member")), page: row["page"], number: row["number"],
                    at: Moment(microseconds: row["at"]))
            }
        }
    }
}
