import Accounts
import Console
import Metering
import Planning
import Policy
import Records
import Relay
import Sandbox
import Secrets
import Synchronization
import Vocabulary

/// The running server: both wings joined at their doors (DESIGN §2). `start` builds it from the disk upwards; `stop`
/// takes it down from the network downwards, so that no receipt is left behind.
final class Server: Sendable {
    let apiPort: Int
    let consolePort: Int
    let notes: [String]
    /// Of the one-time link to the first account; `nil` once there is one.
    let setUpSecret: String?
    private let installation: Installation
    private let lock: ServerLock
    private let log: DailyLog
    private let snapshot: KeySnapshot
    private let drainer: Drainer
    private let purse: LeasedPurse
    private let sandbox: SandboxProvider
    private let reloader: Reloader
    private let gateway: Gateway
    private let console: ConsoleServer
    private let control: ControlServer
    private let background: [Task<Void, Never>]

    init(
        plan: ServerPlan, swap: SwapCheck, parts: ServerParts, reloader: Reloader, gateway: Gateway,
        console: ConsoleServer, setUpSecret: String?,
        control: ControlServer, background: [Task<Void, Never>]
    ) {
        apiPort = gateway.port
        consolePort = console.port
        notes = plan.notes(swap: swap)
        installation = parts.installation
        lock = parts.lock
        log = parts.log
        snapshot = parts.snapshot
        drainer = parts.drainer
        purse = parts.purse
        sandbox = parts.sandbox
        self.setUpSecret = setUpSecret
        self.reloader = reloader
        self.gateway = gateway
        self.console = console
        self.control = control
        self.background = background
    }

    /// A fresh key of a fixed name; an older one of that name ends.
    func freshKey(named name: String) throws(Failure) -> String {
        do throws(StorageFault) {
            _ = try installation.keys.revoke(name, at: .now)
            var (text, _) = try installation.keys.create(name: name, at: .now)
            defer { wipe(&text) }
            try snapshot.refresh()
            return String(decoding: text, as: UTF8.self)
        } catch {
            throw Failure(text: FaultText.of(error))
        }
    }

    /// Applies the changed file.
    func reload() async -> DeskReply { await reloader.reload() }

    func revoke(keyNamed name: String) { _ = try? installation.keys.revoke(name, at: .now) }

    /// Drains within the deadline and stops. Answers how many requests were cut.
    func stop(deadlineMilliseconds: Int64) async -> Int {
        await control.stop()
        let cut = await gateway.drain(deadlineMilliseconds: deadlineMilliseconds)
        // The drainer's last round takes what the gateway wrote last.
        for task in background { task.cancel() }
        for task in background { await task.value }
        // Leases return only once the ledger has every receipt.
        if (try? await drainer.drainNow()) != nil { purse.close() }
        await console.stop()
        await sandbox.stop()
        log.flush()
        withExtendedLifetime(lock) {}
        return cut
    }
}

/// What stands before anything listens.
struct ServerParts: Sendable {
    var installation: Installation
    var lock: ServerLock
    var log: DailyLog
    var purse: LeasedPurse
    var snapshot: KeySnapshot
    var drainer: Drainer
    var sandbox: SandboxProvider
    var housekeeping: Housekeeping
    var origins: OriginStore
    var decisions: DecisionDesk
    var learning: LearningDesk

    static func prepare(_ plan: ServerPlan) async throws(Failure) -> ServerParts {
        let installation = try Installation.open(plan.data, node: plan.settings.node)
        let directory = installation.directory
        let log = DailyLog(
            directory: directory.logsPath, retentionDays: plan.settings.policy.profile.logRetentionDays,
            now: { .now })
        let sandbox: SandboxProvider
        do {
            sandbox = try await SandboxProvider.start()
        } catch {
            throw Failure(text: "The sandbox could not listen on 127.0.0.1.")
        }
        do throws(StorageFault) {
            let lock = try directory.lockForServer()
            let served = NodeEpoch(node: directory.node, epoch: lock.epoch)
            let identity = try node(installation)
            let drainer = try Drainer(
                ledger: installation.ledger, directory: directory, served: served, identity: identity,
                profile: plan.settings.profile, events: log, now: { .now })
            // What a crash left open is settled before budgets are counted.
            try await drainer.recover()
            try LeasedPurse.releaseEarlier(ledger: installation.ledger, served: served, at: .now)
            let recovery = NodeRecovery(
                ledger: installation.ledger, directory: directory, installation: installation.identity,
                profile: plan.settings.profile, events: log, now: { .now })
            try await recovery.run()
            let purse = LeasedPurse(
                ledger: installation.ledger, served: served, events: log, waiting: plan.settings.limits.queue,
                now: { .now })
            let snapshot = try KeySnapshot(
                ledger: installation.ledger, purse: purse, declared: plan.settings.spending,
                policy: plan.settings.policy,
                events: log)
            purse.open()
            let origins = OriginStore(installation.ledger)
            return ServerParts(
                installation: installation, lock: lock, log: log, purse: purse, snapshot: snapshot, drainer: drainer,
                sandbox: sandbox,
                housekeeping: Housekeeping(
                    book: LedgerBook(installation.ledger),
                    retention: Retention(installation.ledger, plan.settings.policy),
                    origins: origins, recovery: recovery), origins: origins,
                decisions: try DecisionDesk(installation.ledger),
                learning: try LearningDesk(
                    OutcomeLearner(), OutcomeWeightsStore(installation.ledger, node: directory.node)
                ) { snapshot.learners })
        } catch {
            throw Failure(text: "\(plan.data): \(FaultText.of(error))")
        }
    }

    private static func node(_ installation: Installation) throws(StorageFault) -> NodeIdentity {
        do throws(KeyFileFault) {
            return try NodeIdentity(
                directory: installation.directory.nodePath, node: installation.directory.node,
                installation: installation.identity)
        } catch {
            throw error == .openToOthers ? .notWritable : .damaged
        }
    }

    /// The JSON of a receipt with its proof, for its own organisation only. What is still in the journal is drained first.
    func receiptDoor() -> @Sendable (RequestID, OrganisationID) async -> [UInt8]? {
        let receipts = installation.receipts
        let drainer = drainer
        return { @concurrent id, organisation in
            var found = (try? receipts.receipt(id)) ?? nil
            if found == nil {
                try? await drainer.drainNow()
                found = (try? receipts.receipt(id)) ?? nil
            }
            guard let found, found.receipt.organisation == organisation else { return nil }
            return found.json()
        }
    }
}
