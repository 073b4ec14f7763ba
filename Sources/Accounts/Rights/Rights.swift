public import Policy
public import Records
public import Secrets
public import Vocabulary

/// What an organisation may do about its data, and the jobs that follow: consent, restriction, objection, deletion.
///
/// The decisions are `AccountLife`'s; here they are stored, recorded in the audit log, and carried out.
public struct Rights: Sendable {
    public let store: RightsStore
    public let terms: DeletionTerms
    private let vault: VaultStore
    private let audit: AuditLog
    private let identity: InstallationIdentity
    /// Called when stored secrets went, so that copies in memory go too.
    private let secretsGone: @Sendable () -> Void

    public init(
        _ ledger: Ledger, terms: DeletionTerms, identity: InstallationIdentity,
        secretsGone: @escaping @Sendable () -> Void
    ) {
        store = RightsStore(ledger)
        vault = VaultStore(ledger)
        audit = AuditLog(ledger)
        self.terms = terms
        self.identity = identity
        self.secretsGone = secretsGone
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
            for action in AccountLife(row).due(at: now, terms) {
                if let proof = try perform(action, &row, at: now) { proofs.append(proof) }
            }
        }
        return proofs
    }

    private func perform(
        _ action: AccountLife.Action, _ row: inout AccountLifeRow, at now: Moment
    ) throws(StorageFault) -> [UInt8]? {
        var life = AccountLife(row)
        var proof: [UInt8]?
        switch action {
        case .destroySecrets:
            try audit.append(.secretsDestroy, by: .job, organisation: row.organisation, at: now)
            row.destroyed += try vault.shred(row.organisation).fingerprints.flatMap { $0 }
            secretsGone()
        case .purge:
            let head = try audit.append(.purge, by: .job, organisation: row.organisation, at: now)
            var count = try store.purge(row.organisation)
            count.fingerprints += stride(from: 0, to: row.destroyed.count, by: 16).map {
                Array(row.destroyed[$0..<min($0 + 16, row.destroyed.count)])
            }
            secretsGone()
            proof = try signed(count, row, head.hash, at: now)
        case .close: try audit.append(.close, by: .job, organisation: row.organisation, at: now)
        }
        life.done(action, at: now)
        let requested = row.deletedAt
        row = life.row(of: row.organisation, destroyed: row.destroyed)
        row.deletedAt = row.deletedAt ?? requested
        if let proof { try store.keep(proof, of: row.organisation, at: now) }
        try store.save(row)
        return proof
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
