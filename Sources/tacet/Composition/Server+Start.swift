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

extension Server {
    static func start(_ plan: ServerPlan, swap: SwapCheck) async throws(Failure) -> Server {
        let settings = plan.settings
        let keys = try ProviderKeys.store(settings.providers, environment: plan.environment)
        let accounts = try TokenKeeper.keys(settings.providers, environment: plan.environment)
        let token = try settings.metricsToken.flatMap { source throws(Failure) in
            try ProviderKeys.load(source, environment: plan.environment)
        }
        let parts = try await ServerParts.prepare(plan)
        let book = try Routes.book(data: parts.installation.directory.path)
        let deployments = Routes.deployments(settings, sandboxPort: parts.sandbox.port, book: book)
        let table = try Routes.table(settings, deployments: deployments, book: book)
        try learn(table, in: parts.installation)
        let egress = EgressList(
            Routes.recipients(settings, sandboxPort: parts.sandbox.port, tokens: accounts.map(\.2)))
        let vault = parts.installation.vault(settings.vault, environment: plan.environment)
        try eraseAgain(parts.installation.rights(vault, settings.policy))
        try vault.openIfUsed()
        let credentials = ReloadableCredentials(keys, vault: vault)
        let tokens = TokenKeeper(
            credentials: credentials, egress: egress, log: parts.log, roots: settings.upstreamRoots)
        await tokens.replace(accounts)
        let readiness = Readiness()
        var doors = RelayDoors(
            keys: parts.snapshot, purse: parts.purse, credentials: credentials, egress: egress, log: parts.log,
            hasher: parts.installation.keys.hasher, origins: parts.origins, receipt: parts.receiptDoor())
        doors.isReady = { readiness.isReached }
        doors.decisions = parts.decisions
        doors.usedKeys = try usedKeys(parts.installation.ledger)
        doors.learner = parts.learning.learner
        let routing = try Routes.snapshot(settings, table: table, book: book)
        let relay = try relaySettings(plan, epoch: parts.lock.epoch)
        let gateway: Gateway
        do throws(GatewayFault) {
            gateway = try await Gateway.start(
                relay,
                routing: routing,
                journalDirectory: parts.installation.directory.journalPath,
                doors: doors)
        } catch {
            throw Failure(text: text(error, settings))
        }
        let board = ProviderBoard()
        let reloader = Reloader(
            plan: plan, table: table, sandboxPort: parts.sandbox.port, installation: parts.installation,
            gateway: gateway,
            egress: egress, credentials: credentials, vault: vault, tokens: tokens,
            snapshot: parts.snapshot)
        let pages = PublicPages(
            settings: { reloader.settings }, register: { egress.recipients }, ledger: parts.installation.ledger)
        var desk = desk(parts, vault, settings.policy)
        desk.gate = OperatorGate(named: settings.operators)
        let reader = StatusReader(
            plan: plan, gateway: gateway, installation: parts.installation, board: board, reloader: reloader,
            jobs: parts.housekeeping.jobs)
        let routes = RoutingReader(reloader: reloader, gateway: gateway, board: board)
        let visitors = try ConsoleParts(
            plan, parts, rights: desk.rights, egress: egress, vault: vault, routing: routes, status: reader,
            apiPort: gateway.port)
        let announcer = Announcer(
            people: visitors.desk.people, audit: AuditLog(parts.installation.ledger),
            address: settings.accounts.address.isEmpty ? settings.console.shownURL : settings.accounts.address)
        desk.tell = { announcement, organisations throws(StorageFault) in
            try announcer.tell(announcement, organisations, at: .now)
        }
        var publisher = pages.publisher
        publisher.announce = { page, from in _ = try? announcer.tell(.page(page, from: from), nil, at: .now) }
        desk.reload = { [publisher] in
            let reply = await reloader.reload()
            // What the settings changed in the pages is a new version of them.
            try? publisher.publish(at: .now)
            return reply
        }
        let console = try await console(
            settings, visitors.desk, token: token,
            isDraining: { !readiness.isReached || gateway.status().isDraining }, pages: pages.all)
        let control: ControlServer
        do {
            control = try await ControlServer.start(
                at: ControlPath(parts.installation.directory), perform: { [desk] in await desk.perform($0, by: $1) })
        } catch {
            throw Failure(text: "The control socket in \(plan.data) could not be opened.")
        }
        readiness.reach()
        let alerts = try AlertDesk(
            settings, parts.installation, environment: plan.environment, egress: egress
        ) { parts.snapshot.rules }
        let rights = desk.rights
        let background = [
            Task { await tokens.run() }, Task { await parts.drainer.run() }, Task { await parts.snapshot.run() },
            Task { await parts.purse.run() }, Task { await parts.decisions.run() },
            Task { await parts.learning.run() },
            Task { await parts.housekeeping.run() },
            Task { await alerts.run() }, Task { await visitors.desk.people.outbox.run() },
            Task { [publisher] in
                while !Task.isCancelled {
                    let jobs = parts.housekeeping.jobs
                    await jobs.run(.providers) { await board.ask(reloader.settings.providers, with: reloader.probe) }
                    parts.log.expire()
                    vault.noteUse(at: .now)
                    visitors.desk.people.expire()
                    jobs.run(.rights) { _ = try rights.work(at: .now) }
                    jobs.run(.pages) { try publisher.publish(at: .now) }
                    try? await Task.sleep(for: ProviderBoard.interval)
                }
            },
        ]
        parts.log.record(
            .started(apiPort: UInt16(clamping: gateway.port), consolePort: UInt16(clamping: console.port)))
        StartPages.release()
        return Server(
            plan: plan, swap: swap, parts: parts, reloader: reloader, gateway: gateway, console: console,
            setUpSecret: visitors.setUpSecret, control: control, background: background)
    }

    /// Nobody who was purged comes back with an older copy of the ledger.
    private static func eraseAgain(_ rights: Rights) throws(Failure) {
        do throws(StorageFault) {
            for organisation in try rights.eraseAgain(at: .now) {
                Terminal.error(
                    "Organisation \(organisation.value) was purged before; this copy of the ledger had it, and it is purged "
                        + "again.\n")
            }
        } catch {
            throw Failure(text: FaultText.of(error))
        }
    }

    /// Receipts hold numbers; the ledger keeps the names behind them.
    static func learn(_ table: RoutingTable, in installation: Installation) throws(Failure) {
        do throws(StorageFault) {
            try CatalogueNames(installation.ledger).learn(
                models: table.catalogue().map { ($0.id, String(decoding: $0.name, as: UTF8.self)) },
                deployments: table.deployments.map { ($0.id, String(decoding: $0.name, as: UTF8.self)) })
        } catch {
            throw Failure(text: FaultText.of(error))
        }
    }

    private static func usedKeys(_ ledger: Ledger) throws(Failure) -> [UsedIdempotencyKey] {
        do throws(StorageFault) {
            return try IdempotencyStore(ledger).used(at: .now)
        } catch {
            throw Failure(text: FaultText.of(error))
        }
    }

    private static func relaySettings(_ plan: ServerPlan, epoch: UInt32) throws(Failure) -> RelaySettings {
        let settings = plan.settings
        var limits = RelayLimits()
        limits.body = settings.limits.body
        limits.headerTime = settings.limits.headerTime
        limits.idle = settings.limits.idle
        limits.writeStall = settings.limits.writeStall
        limits.upstreamConnect = settings.limits.upstreamConnect
        limits.upstreamFirstByte = settings.limits.upstreamFirstByte
        limits.upstreamSilence = settings.limits.upstreamSilence
        limits.upstreamTotal = settings.limits.upstreamTotal
        limits.retryPercent = settings.limits.retryPercent
        limits.connections = settings.limits.connections
        limits.connectionsPerAddress = settings.limits.connectionsPerAddress
        limits.queueTime = settings.limits.queueTime
        if let budget = settings.cache.budget, budget > Machine.bodyBudget / 2 {
            throw Failure(
                text:
                    "cache.budget is \(budget) bytes; allowed: at most half of the \(Machine.bodyBudget) bytes that bodies "
                    + "may take here, a quarter of the memory there is.", code: 2)
        }
        var relay = RelaySettings(
            host: settings.api.host, port: settings.api.port,
            tls: settings.api.tls.map { TLSFiles(certificate: $0.certificate, key: $0.key) }, limits: limits,
            eventLoops: settings.eventLoops ?? Machine.cores, profile: settings.policy.profile,
            served: NodeEpoch(node: settings.node, epoch: epoch), bodyBudget: Machine.bodyBudget,
            answerBudget: settings.cache.budget, trustRoots: settings.upstreamRoots,
            verifiesStreams: plan.verifiesStreams)
        relay.pageOrigins = settings.consoleOrigins.map { Array($0.utf8) }
        return relay
    }

    private static func desk(
        _ parts: ServerParts, _ vault: VaultDoor, _ policy: DeploymentPolicy
    ) -> Desk {
        var desk = parts.installation.desk(vault, policy)
        desk.keysChanged = { try? parts.snapshot.refresh() }
        desk.writeDecisions = { () throws(StorageFault) in try parts.decisions.synchronise() }
        desk.learning = parts.learning
        desk.tellOutcome = { id, isGood in
            guard parts.decisions.outcome(of: id, nil, isGood: isGood) else { return false }
            parts.learning.learner.take(id, isGood: isGood)
            return true
        }
        desk.drain = { try? await parts.drainer.drainNow() }
        return desk
    }

    private static func console(
        _ settings: Settings, _ desk: ConsoleDesk, token: SecretBytes?,
        isDraining: @escaping @Sendable () -> Bool, pages: [PublicPage]
    ) async throws(Failure) -> ConsoleServer {
        let listener = settings.console
        let secret = token?.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        do throws(ConsoleFault) {
            return try await ConsoleServer.start(
                ConsoleSettings(
                    host: listener.host, port: listener.port,
                    tls: listener.tls.map { (certificate: $0.certificate, key: $0.key) }, metricsToken: secret),
                desk: desk, pages: pages, isDraining: isDraining)
        } catch {
            switch error {
            case .portTaken: throw taken(listener, "console")
            case .certificateUnusable: throw badCertificate("console")
            case .cannotListen: throw Failure(text: "The console cannot listen on \(listener.address).")
            }
        }
    }

    private static func text(_ fault: GatewayFault, _ settings: Settings) -> String {
        switch fault {
        case .cannotListen(let code) where code == 98: taken(settings.api, "api").text
        case .cannotListen(let code):
            "The API cannot listen on \(settings.api.address) (errno \(code)). Change listen.api, or "
                + "TACET__LISTEN__API=127.0.0.1:8400."
        case .badCertificate: badCertificate("api").text
        case .badTrustRoots: "The file of upstream_roots holds no PEM certificates."
        case .noJournal(let code):
            code == 28
                ? "The disk of the data directory is full: there is no room for the journal."
                : "The journal cannot be made in the data directory (errno \(code))."
        }
    }

    private static func taken(_ listener: Settings.Listener, _ name: String) -> Failure {
        Failure(
            text: """
                Port \(listener.port) on \(listener.host) is taken. Stop what uses it, or take another one:
                listen.\(name) in tacet.yaml, or TACET__LISTEN__\(name.uppercased())=127.0.0.1:\(listener.port + 100)
                """)
    }

    private static func badCertificate(_ name: String) -> Failure {
        Failure(text: "Certificate or key of listen.\(name).tls cannot be read as PEM, or do not belong together.")
    }
}
