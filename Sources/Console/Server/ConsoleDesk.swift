public import Accounts
public import Records
public import Vocabulary

/// What the pages work with: people, the ledger's stores, and the few things that only the running server can do.
public struct ConsoleDesk: Sendable {
    public var people: People
    public var keys: Keys
    public var rights: Rights
    let receipts: ReceiptStore
    let usage: UsageStore
    let spending: SpendingStore
    let alerts: AlertStore
    let audit: AuditLog
    let book: LedgerBook
    let names: CatalogueNames
    /// `https://console.example`; empty where the operator named none.
    public var publicAddress: String
    public var version: String
    /// Where clients send requests.
    public var api: @Sendable () -> String
    /// Origins whose pages the API lets read its answers: the console's own names.
    public var pageOrigins: [String]
    /// The provider keys at rest; opened when it is first asked for.
    public var vault: @Sendable () throws -> Vault
    public var routing: @Sendable () async -> RoutingStatus
    public var status: @Sendable () async -> ConsoleStatus
    /// Called after a key, a budget or a standing changed, so that the gate knows at once.
    public var keysChanged: @Sendable () -> Void
    /// Brings the journal's newest receipts into the ledger.
    public var drain: @Sendable () async -> Void
    public var now: @Sendable () -> Moment
    /// Where visits are counted; `nil` where they are not.
    let visits: VisitCounter?

    public init(
        _ ledger: Ledger, people: People, keys: Keys, rights: Rights, publicAddress: String, version: String,
        api: @escaping @Sendable () -> String, pageOrigins: [String], vault: @escaping @Sendable () throws -> Vault,
        routing: @escaping @Sendable () async -> RoutingStatus, status: @escaping @Sendable () async -> ConsoleStatus,
        keysChanged: @escaping @Sendable () -> Void,
        drain: @escaping @Sendable () async -> Void, now: @escaping @Sendable () -> Moment,
        visits: VisitCounter? = nil
    ) {
        self.people = people
        self.keys = keys
        self.rights = rights
        receipts = ReceiptStore(ledger)
        usage = UsageStore(ledger)
        spending = SpendingStore(ledger)
        alerts = AlertStore(ledger)
        audit = AuditLog(ledger)
        book = LedgerBook(ledger)
        names = CatalogueNames(ledger)
        self.publicAddress = publicAddress
        self.version = version
        self.api = api
        self.pageOrigins = pageOrigins
        self.vault = vault
        self.routing = routing
        self.status = status
        self.keysChanged = keysChanged
        self.drain = drain
        self.now = now
        self.visits = visits
    }
}
