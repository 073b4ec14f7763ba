public import Policy
public import Records
public import Secrets
public import Vocabulary

/// What an organisation may do about its data, and the jobs that follow: consent, restriction, objection, deletion.
///
/// The decisions are `AccountLife`'s; here they are stored, recorded in the audit log, and carried out.
public struct Rights: Sendable {
    public let store: RightsStore
    private let policy: DeploymentPolicy
    private let knobs: TightenedKnobs
    private let ledger: Ledger
    private let vault: VaultStore
    private let audit: AuditLog
    private let identity: InstallationIdentity
    private let accountKeys: AccountKeys
    private let erasures: ErasureLog
    /// Called when stored secrets went, so that copies in memory go too.
    private let secretsGone: @Sendable () -> Void

    public init(
        _ ledger: Ledger, policy: DeploymentPolicy, identity: InstallationIdentity, accountKeys: AccountKeys,
        erasures: ErasureLog, secretsGone: @escaping @Sendable () -> Void
    ) {
        store = RightsStore(ledger)
        vault = VaultStore(ledger)
        audit = AuditLog(ledger)
        self.policy = policy
        self.ledger = ledger
        knobs = TightenedKnobs(ledger)
        self.identity = identity
        self.accountKeys = accountKeys
        self.erasures = erasures
        self.secretsGone = secretsGone
    }

    /// What an organisation has tightened holds for its deletion too.
    public func terms(of organisation: OrganisationID) throws(StorageFault) -> DeletionTerms {
        DeletionTerms(policy.tightened(by: try knobs.all()[organisation] ?? [:]))
    }

    public func policy(of organisation: OrganisationID) throws(StorageFault) -> DeploymentPolicy {
        policy.tightened(by: try knobs.all()[organisation] ?? [:])
    }

    public var agreements: Agreements { Agreements(ledger, policy) }

    /// Sets a knob tighter for one organisation; the fault says why it cannot be had.
    public func tighten(
        _ knob: String, _ value: String, of organisation: OrganisationID
    ) throws(StorageFault) -> DeploymentPolicy.Fault? {
        var policy = try policy(of: organisation)
        do throws(DeploymentPolicy.Fault) {
            try policy.set(knob, value, byOrganisation: true)
        } catch {
            return error
        }
        try knobs.set(knob, value, of: organisation)
        return nil
    }

    /// Counts for improvement; `nil` where the deployment has none. Who objects, is restricted, gave no consent, is being
    /// deleted or set the knob off is in none of them.
    public func aggregates(since: Moment, until: Moment) throws(StorageFault) -> [UsageStore.Aggregate]? {
        guard policy.value(of: "improve_from_aggregates") == "on" else { return nil }
        var without = Set(try store.lives().filter { !AccountLife($0).mayBeAggregated }.map(\.organisation))
        for (organisation, knobs) in try knobs.all() where knobs["improve_from_aggregates"] == "off" {
            without.insert(organisation)
        }
        return try UsageStore(ledger).aggregates(since: since, until: until, without: without)
    }

    /// All that is kept of an organisation (AU-30).
    public func export(_ organisation: OrganisationID, at now: Moment) throws(ArchiveFault) -> [UInt8] {
        try archive(of: organisation).make(organisation, signedBy: identity, at: now)
    }

    /// Takes an archive of this installation back; nothing is changed when any of it is refused.
    public func restore(
        _ bytes: [UInt8], to organisation: OrganisationID
    ) throws(ArchiveFault) -> AccountArchive.Restored {
        try archive(of: organisation).restore(bytes, to: organisation, signedBy: identity.publicKey)
    }

    private func archive(of organisation: OrganisationID) -> AccountArchive {
        let keys = accountKeys
        return AccountArchive(ledger, DataMap.ownedTables, meanings: DataMap.meanings) {
            table, row, cell throws(StorageFault) in try keys.archived(table, row: row, cell, of: organisation)
        }
    }

    /// Those of every organisation that ever used a right.
    public func lives() throws(StorageFault) -> [OrganisationID: AccountLife] {
        Dictionary(
            try store.lives().map { ($0.organisation, AccountLife($0)) }, uniquingKeysWith: { first, _ in first })
    }

    public func life(of organisation: OrganisationID) throws(StorageFault) -> AccountLife {
        try row(of: organisation).map(AccountLife.init) ?? AccountLife()
    }

    /// Applies what was asked for; `nil` when it is done, else why not. What is due at once is done by `work`.
    public func apply(
        _ event: AccountLife.Event, to organisation: OrganisationID, at now: Moment
    ) throws(StorageFault) -> AccountLife.Refusal? {
        var row = try row(of: organisation)
        var life = row.map(AccountLife.init) ?? AccountLife()
        let terms = try terms(of: organisation)
        do throws(AccountLife.Refusal) {
            try life.apply(event, at: now, terms)
        } catch {
            return error
        }
        row = life.row(of: organisation, destroyed: row?.destroyed ?? [])
        if let row { try store.save(row) }
        return nil
    }

    /// Carries out everything that is due. Called after each event and by the server's hourly job.
    /// - Returns: the proofs of what was purged.
    @discardableResult
    public func work(at now: Moment) throws(StorageFault) -> [[UInt8]] {
        var proofs: [[UInt8]] = []
        for row in try store.lives() {
            var row = row
            let terms = try terms(of: row.organisation)
            for action in AccountLife(row).due(at: now, terms) {
                if let proof = try perform(action, &row, at: now) { proofs.append(proof) }
            }
        }
        return proofs
    }

    /// Purges again what a copy of the ledger from before a purge has brought back. Called before anything is served.
    /// - Returns: whose it was.
    public func eraseAgain(at now: Moment) throws(StorageFault) -> [OrganisationID] {
        var again: [OrganisationID] = []
        for organisation in try erasures.organisations() {
            var row = try row(of: organisation) ?? AccountLife().row(of: organisation, destroyed: [])
            guard row.phase == .active || row.phase == .deleted else { continue }
            _ = try perform(.purge, &row, at: now)
            again.append(organisation)
        }
        return again
    }

    private func perform(
        _ action: AccountLife.Action, _ row: inout AccountLifeRow, at now: Moment
    ) throws(StorageFault) -> [UInt8]? {
        var life = AccountLife(row)
        var proof: [UInt8]?
        switch action {
        case .destroySecrets:
            try audit.append(.secretsDestroy, by: .job, organisation: row.organisation, at: now)
            row.destroyed += try shred(row.organisation).flatMap { $0 }
            try SessionStore(ledger).endAll(of: row.organisation)
            secretsGone()
        case .purge:
            let head = try audit.append(.purge, by: .job, organisation: row.organisation, at: now)
            try erasures.add(row.organisation)
            var destroyed = try shred(row.organisation)
            let people = try MemberStore(ledger).belonging(onlyTo: row.organisation)
            for owner in people.map(ErasableKeys.Owner.person) + [.organisation(row.organisation)] {
                destroyed += try destroy(owner)
            }
            var count = try store.purge(row.organisation, DataMap.ownedTables)
            count.fingerprints += destroyed
            count.fingerprints += stride(from: 0, to: row.destroyed.count, by: 16).map {
                Array(row.destroyed[$0..<min($0 + 16, row.destroyed.count)])
            }
            secretsGone()
            proof = try signed(count, row, head.hash, at: now)
        case .close:
            try audit.append(.close, by: .job, organisation: row.organisation, at: now)
            try erasures.remove(row.organisation)
        }
        life.done(action, at: now)
        let requested = row.deletedAt
        row = life.row(of: row.organisation, destroyed: row.destroyed)
        row.deletedAt = row.deletedAt ?? requested
        if let proof { try store.keep(proof, of: row.organisation, at: now) }
        try store.save(row)
        return proof
    }

    /// Destroys an organisation's data keys of the vault, the halves outside of the ledger first.
    /// - Returns: the fingerprints of the keys destroyed.
    private func shred(_ organisation: OrganisationID) throws(StorageFault) -> [[UInt8]] {
        for key in try vault.wrappedKeys() where key.organisation == organisation {
            _ = try destroy(.dataKey(key.id))
        }
        return try vault.shred(organisation).fingerprints
    }

    private func destroy(_ owner: ErasableKeys.Owner) throws(StorageFault) -> [[UInt8]] {
        do throws(KeyFileFault) {
            return try accountKeys.own.destroy(owner).map { [$0] } ?? []
        } catch {
            throw .failed
        }
    }

    private func signed(
        _ count: PurgeCount, _ row: AccountLifeRow, _ head: MerkleHash, at now: Moment
    ) throws(StorageFault) -> [UInt8] {
        do throws(KeyFileFault) {
            return try DeletionProof.make(
                count, organisation: row.organisation, requestedAt: row.deletedAt, purgedAt: now, auditHead: head,
                signedBy: identity)
        } catch {
            throw .failed
        }
    }

    private func row(of organisation: OrganisationID) throws(StorageFault) -> AccountLifeRow? {
        try store.lives().first { $0.organisation == organisation }
    }
}

extension AccountLife {
    init(_ row: AccountLifeRow) {
        self.init()
        hasConsent = row.hasConsent
        isRestricted = row.isRestricted
        objects = row.objects
        secretsAreGone = row.secretsAreGone
        switch row.phase {
        case .active: phase = .active
        case .deleted:
            let at = row.deletedAt ?? Moment(microseconds: 0)
            phase = .deleted(at: at, purgeAt: row.purgeAt ?? at)
        case .purged: phase = .purged(at: row.purgedAt ?? Moment(microseconds: 0))
        case .closed: phase = .closed
        }
    }

    func row(of organisation: OrganisationID, destroyed: [UInt8]) -> AccountLifeRow {
        var row = AccountLifeRow(
            organisation: organisation, phase: .active, hasConsent: hasConsent, isRestricted: isRestricted,
            objects: objects, secretsAreGone: secretsAreGone, deletedAt: nil, purgeAt: nil, purgedAt: nil,
            destroyed: destroyed)
        switch phase {
        case .active: break
        case .deleted(let at, let purgeAt):
            row.phase = .deleted
            row.deletedAt = at
            row.purgeAt = purgeAt
        case .purged(let at):
            row.phase = .purged
            row.purgedAt = at
        case .closed: row.phase = .closed
        }
        return row
    }
}
