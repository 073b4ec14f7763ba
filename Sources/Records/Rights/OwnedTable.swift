import Vocabulary

/// A table of the ledger whose rows belong to organisations, and by what they do. The data map says which there are.
public struct OwnedTable: Equatable, Sendable {
    public enum Link: Equatable, Sendable {
        /// A column holds the organisation.
        case organisation
        /// A column holds one of its keys.
        case key
        /// The row is one of its members.
        case person
        /// The row is the organisation.
        case itself
        /// Columns hold an owner and its kind: the organisation, one of its keys or one of their members. Those of a provider
        /// and of the whole installation tell of nobody and stay.
        case owner
        /// The row is a receipt.
        case receipt
        /// The row moves an amount from or to one of its accounts.
        case transfer
        /// The row names such a transfer.
        case grant
    }

    public var name: String
    public var link: Link
    /// Columns that its owner may have, in order; empty: none.
    public var exported: [String]
    /// Columns of text that stand in an archive in place of `sealed`.
    public var opened: [String]
    /// Whether a purge takes its rows.
    public var isPurged: Bool
    /// Whether an archive brings rows back. Never those by which somebody is let in: an old archive would bring back who was
    /// removed since.
    public var isRestored: Bool

    /// The columns of an archive.
    public var archived: [String] { exported.flatMap { $0 == Self.sealed ? opened : [$0] } }
    static let sealed = "sealed"

    public init(
        name: String, link: Link, exported: [String], opened: [String] = [], isPurged: Bool, isRestored: Bool
    ) {
        self.name = name
        self.link = link
        self.exported = exported
        self.opened = opened
        self.isPurged = isPurged
        self.isRestored = isRestored
    }

    /// What its rows of organisation `?1` fulfil. Not for receipts, whose organisation stands in their record.
    var condition: String {
        let keys = "(SELECT id FROM gateway_keys WHERE organisation = ?1)"
        let members = "(SELECT member FROM gateway_keys WHERE organisation = ?1 AND member <> 0)"
        let accounts = "(SELECT number FROM ledger_accounts WHERE organisation = ?1)"
        return switch link {
        case .organisation: "organisation = ?1"
        case .key: "key IN \(keys)"
        case .person: "id IN (SELECT person FROM members WHERE organisation = ?1)"
        case .itself: "id = ?1"
        case .owner:
            """
            (owner_kind = \(BudgetOwner.Kind.key.rawValue) AND owner IN \(keys)
            OR owner_kind = \(BudgetOwner.Kind.member.rawValue) AND owner IN \(members)
            OR owner_kind = \(BudgetOwner.Kind.organisation.rawValue) AND owner = ?1)
            """
        case .receipt: "FALSE"
        case .transfer: "debit IN \(accounts) OR credit IN \(accounts)"
        case .grant: "transfer IN (SELECT id FROM ledger_transfers WHERE debit IN \(accounts) OR credit IN \(accounts))"
        }
    }
}
