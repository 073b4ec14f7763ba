import Vocabulary

/// A table of the ledger whose rows belong to organisations, and by what they do. The data map says which there are.
public struct OwnedTable: Equatable, Sendable {
    public enum Link: Equatable, Sendable {
        /// A column holds the organisation.
        case organisation
        /// A column holds one of its keys.
        case key
        /// Columns hold an owner and its kind: the organisation, one of its keys or one of their members. Those of a provider
        /// and of the whole installation tell of nobody and stay.
        case owner
        /// The row is a receipt.
        case receipt
    }

    public var name: String
    public var link: Link
    /// Columns that its owner may have, in order; empty: none.
    public var exported: [String]
    /// Whether a purge takes its rows.
    public var isPurged: Bool

    public init(name: String, link: Link, exported: [String], isPurged: Bool) {
        self.name = name
        self.link = link
        self.exported = exported
        self.isPurged = isPurged
    }

    /// What its rows of organisation `?1` fulfil. Not for receipts, whose organisation stands in their record.
    var condition: String {
        let keys = "(SELECT id FROM gateway_keys WHERE organisation = ?1)"
        let members = "(SELECT member FROM gateway_keys WHERE organisation = ?1 AND member <> 0)"
        return switch link {
        case .organisation: "organisation = ?1"
        case .key: "key IN \(keys)"
        case .owner:
            """
            (owner_kind = \(BudgetOwner.Kind.key.rawValue) AND owner IN \(keys)
            OR owner_kind = \(BudgetOwner.Kind.member.rawValue) AND owner IN \(members)
            OR owner_kind = \(BudgetOwner.Kind.organisation.rawValue) AND owner = ?1)
            """
        case .receipt: "FALSE"
        }
    }
}
