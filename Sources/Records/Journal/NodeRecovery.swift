import GRDB
public import Secrets
public import Vocabulary

/// Settles what dead nodes left: their journals are drained to the end, then their leases return (`RULES.md` 30). A node is
/// dead when its lock is free; whoever finds it so holds the lock until all is done.
public struct NodeRecovery: Sendable {
    private let ledger: Ledger
    private let directory: DataDirectory
    private let installation: InstallationIdentity
    private let profile: ProfileID
    private let events: any EventLog
    private let now: @Sendable () -> Moment

    public init(
        ledger: Ledger, directory: DataDirectory, installation: InstallationIdentity, profile: ProfileID,
        events: any EventLog, now: @escaping @Sendable () -> Moment
    ) {
        self.ledger = ledger
        self.directory = directory
        self.installation = installation
        self.profile = profile
        self.events = events
        self.now = now
    }

    /// - Returns: the nodes that were dead and had something left.
    @discardableResult
    public func run() async throws(StorageFault) -> [UInt32] {
        var recovered: [UInt32] = []
        for other in try directory.known() where other.node != directory.node && !other.isServed {
            guard try hasLeft(other), let lock = try? other.lockForServer() else { continue }
            let served = NodeEpoch(node: other.node, epoch: lock.epoch)
            let identity: NodeIdentity
            do throws(KeyFileFault) {
                identity = try NodeIdentity(directory: other.nodePath, node: other.node, installation: installation)
            } catch {
                throw .damaged
            }
            let drainer = try Drainer(
                ledger: ledger, directory: other, served: served, identity: identity, profile: profile, events: events,
                now: now)
            try await drainer.recover()
            try LeaseDesk(ledger: ledger, served: served).release(at: now())
            withExtendedLifetime(lock) {}
            recovered.append(other.node)
        }
        return recovered
    }

    /// A node that stopped in good order left nothing, and its lock stays untouched.
    private func hasLeft(_ other: DataDirectory) throws(StorageFault) -> Bool {
        if try !JournalSegment.list(in: other.journalPath).isEmpty { return true }
        return try ledger.read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM serving_nodes WHERE node = ?)",
                arguments: [Int64(other.node)]) ?? false
        }
    }
}

extension LeasedPurse {
    /// Before this node leases anything: what an earlier start of it left returns. Its journal must be drained.
    public static func releaseEarlier(
        ledger: Ledger, served: NodeEpoch, at now: Moment
    ) throws(StorageFault) {
        try LeaseDesk(ledger: ledger, served: served).release(at: now)
    }
}
