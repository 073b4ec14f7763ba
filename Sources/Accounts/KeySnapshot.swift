public import Policy
public import Records
import Synchronization
public import Vocabulary

/// Every key by digest, immutable behind one swap, so that the request path touches no store (DESIGN §3).
///
/// Another process may create or revoke a key: `run` asks SQLite at most every 250 ms whether the file changed
/// (`RULES.md` 34), so a revocation holds within a second (`RULES.md` 35).
public final class KeySnapshot: KeyDirectory {
    static let interval = Duration.milliseconds(200)

    private let store: GatewayKeyStore
    private let ledger: Ledger
    private let spending: SpendingStore
    private let purse: LeasedPurse?
    private let declared: Mutex<SpendingRules>
    private let events: any EventLog
    private let policy: DeploymentPolicy
    private let age: Mutex<SnapshotAge>
    private let stale = Atomic<Bool>(false)
    private let current: Mutex<Snapshot>
    private let counter = Atomic<UInt64>(1)
    private let seen: Mutex<Seen>

    private final class Snapshot: Sendable {
        let grants: [KeyDigest: KeyGrant]
        let live: Set<KeyID>
        let learners: Set<OrganisationID>
        let rules: SpendingRules

        init(
            _ rows: [GatewayKeyRow], _ rules: SpendingRules, _ standings: [OrganisationID: KeyGrant.Standing],
            _ policies: (OrganisationID) -> DeploymentPolicy
        ) {
            var grants: [KeyDigest: KeyGrant] = [:]
            for row in rows {
                let policy = policies(row.organisation)
                let payer = Payer(key: row.id, member: row.member, organisation: row.organisation)
                grants[row.digest] = KeyGrant(
                    key: row.id, organisation: row.organisation, environment: row.environment,
                    isRevoked: row.revokedAt != nil, expiresAt: row.expiresAt, isBudgeted: rules.bound(payer),
                    standing: standings[row.organisation] ?? .active, member: row.member, scope: row.scope,
                    decisions: row.decisions, mayCompress: policy.compression, cacheSharing: policy.cacheSharing,
                    mayLearn: policy.learnsFromOutcomes, origins: policy.origins)
            }
            self.grants = grants
            learners = Set(grants.values.filter { $0.mayLearn && $0.standing == .active }.map(\.organisation))
            self.rules = rules
            // Streams of who may not go on are ended like those of a revoked key (`RULES.md` 35).
            live = Set(
                rows.filter { $0.revokedAt == nil && standings[$0.organisation] ?? .active == .active }.map(\.id))
        }
    }

    private struct Seen {
        var file: Int64?
        var keys: Int64?
        var failures = 0
    }

    /// - Parameters:
    ///   - purse: is told of all budgets and rates at each refresh.
    ///   - declared: those of the configuration.
    ///   - policy: the deployment's, which organisations may tighten.
    public init(
        ledger: Ledger, purse: LeasedPurse?, declared: SpendingRules = SpendingRules(),
        policy: DeploymentPolicy = DeploymentPolicy(.strict), events: any EventLog
    ) throws(StorageFault) {
        store = GatewayKeyStore(ledger)
        self.ledger = ledger
        spending = SpendingStore(ledger)
        self.purse = purse
        self.declared = Mutex(declared)
        self.events = events
        self.policy = policy
        age = Mutex(SnapshotAge(limit: .seconds(policy.profile.snapshotMaxAge), at: .now))
        current = Mutex(Snapshot([], declared, [:]) { _ in policy })
        seen = Mutex(Seen())
        try refresh()
    }

    public func grant(for digest: KeyDigest) -> KeyGrant? { snapshot.grants[digest] }

    public var version: UInt64 { counter.load(ordering: .acquiring) }

    public var isStale: Bool { stale.load(ordering: .relaxed) }

    public func isLive(_ key: KeyID) -> Bool { snapshot.live.contains(key) }

    /// Every budget and rate there is now.
    public var rules: SpendingRules { snapshot.rules }

    /// Organisations whose outcomes may move the router's weights.
    public var learners: Set<OrganisationID> { snapshot.learners }

    /// Reads the keys again if any changed. Does I/O: never from an event loop.
    public func refresh() throws(StorageFault) {
        try seen.withLock { seen throws(StorageFault) in try refresh(&seen) }
    }

    /// One at a time, so that an older reading never replaces a newer one.
    private func refresh(_ seen: inout Seen) throws(StorageFault) {
        // The numbers are read before the rows: a change in between is seen again, never missed.
        let file = try store.fileVersion()
        let keys = try store.version()
        if seen.keys != keys {
            let rows = try store.all()
            var rules = try spending.rules()
            rules.add(declared.withLock { $0 })
            purse?.setRules(rules)
            let tightened = try TightenedKnobs(ledger).all()
            let policy = policy
            let policies = tightened.mapValues { policy.tightened(by: $0) }
            let next = Snapshot(rows, rules, try standings()) { policies[$0] ?? policy }
            current.withLock { $0 = next }
            counter.add(1, ordering: .releasing)
            seen.keys = keys
        }
        seen.file = file
    }

    private func standings() throws(StorageFault) -> [OrganisationID: KeyGrant.Standing] {
        let lives = try RightsStore(ledger).lives()
        return Dictionary(
            lives.map { ($0.organisation, AccountLife($0).standing) }, uniquingKeysWith: { _, last in last })
    }

    /// Takes the budgets and rates of a new configuration.
    public func declare(_ rules: SpendingRules) throws(StorageFault) {
        declared.withLock { $0 = rules }
        try seen.withLock { seen throws(StorageFault) in
            seen.keys = nil
            try refresh(&seen)
        }
    }

    /// Looks for changes until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await poll()
            try? await Task.sleep(for: Self.interval)
        }
    }

    @concurrent private func poll() async {
        do throws(StorageFault) {
            try seen.withLock { seen throws(StorageFault) in
                if try store.fileVersion() != seen.file { try refresh(&seen) }
                seen.failures = 0
            }
            heard(at: .now)
        } catch {
            let failures = seen.withLock { seen in
                seen.failures += 1
                return seen.failures
            }
            if failures % 300 == 1 { events.record(.keySnapshotStale) }
            notHeard(at: .now)
        }
    }

    func heard(at now: ContinuousClock.Instant) {
        stale.store(age.withLock { $0.heard(at: now) }, ordering: .relaxed)
    }

    /// The store could not be asked; after the profile's time nobody is let in (`RULES.md` 35).
    func notHeard(at now: ContinuousClock.Instant) {
        stale.store(age.withLock { $0.isStale(at: now) }, ordering: .relaxed)
    }

    private var snapshot: Snapshot { current.withLock { $0 } }
}
