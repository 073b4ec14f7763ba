import NIOCore
import NIOPosix
import NIOSSL
import Planning
import Secrets
import Synchronization
import Vocabulary

/// The data plane: a listener, its event loops and their pools (DESIGN §3, §4).
public final class Gateway: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loops: LoopContexts
    private let listener: Listener
    private let synchronising: RepeatedTask
    private let isDraining = Atomic<Bool>(false)

    /// The port it listens on.
    public let port: Int

    private init(
        group: MultiThreadedEventLoopGroup, loops: LoopContexts, listener: Listener, synchronising: RepeatedTask
    ) {
        self.group = group
        self.loops = loops
        self.listener = listener
        self.synchronising = synchronising
        port = listener.port
    }

    /// Opens a journal in `journalDirectory`, which must exist, and listens.
    public static func start(
        _ settings: RelaySettings, routing: RoutingSnapshot, journalDirectory: String, doors: RelayDoors
    ) async throws(GatewayFault) -> Gateway {
        let tls = try settings.tls.map { files throws(GatewayFault) in try TLS.server(files) }
        let upstreamTLS = UpstreamTLS(trustRoots: settings.trustRoots)
        try upstreamTLS.prepare(for: routing.table)
        let journal: Journal
        do throws(JournalFault) {
            journal = try Journal(directory: journalDirectory, served: settings.served, log: doors.log)
        } catch {
            throw GatewayFault.noJournal(errno: error.code)
        }
        let kept = min(settings.answerBudget ?? settings.bodyBudget / 8, settings.bodyBudget / 2)
        var system = SystemRandomNumberGenerator()
        var secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &system) }
        let shared = Shared(
            settings: settings, doors: doors, journal: journal,
            budget: ByteBudget(limit: settings.bodyBudget - kept), upstreamTLS: upstreamTLS, counters: Counters(),
            answers: AnswerStore(
                bytes: kept, lifetime: routing.cache.lifetime, secret: SecretBytes(taking: &secret),
                usedKeys: doors.usedKeys))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.eventLoops)
        let loops = await LoopContexts(group: group, shared: shared, routing: routing)
        let listener: Listener
        do throws(GatewayFault) {
            listener = try await Listener.start(group: group, loops: loops, settings: settings, tls: tls)
        } catch {
            await loops.stop()
            await journal.stop()
            try? await group.shutdownGracefully()
            throw error
        }
        let synchronising = group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            journal.synchroniseSoon()
        }
        return Gateway(group: group, loops: loops, listener: listener, synchronising: synchronising)
    }

    /// Takes new routes and prices. Requests in flight end under those they began with.
    public func reload(_ routing: RoutingSnapshot) async {
        // Roots that were good at the start and no longer are fail the calls that need them.
        try? loops.shared.upstreamTLS.prepare(for: routing.table)
        await loops.each { $0.install(routing) }
        loops.shared.answers.setLifetime(routing.cache.lifetime)
        loops.shared.doors.log.record(.configurationReloaded)
    }

    /// Stops accepting, lets requests end until the deadline, cuts the rest, and stops.
    /// - Returns: how many requests had to be cut.
    public func drain(deadlineMilliseconds: Int64) async -> Int {
        isDraining.store(true, ordering: .relaxed)
        loops.shared.doors.log.record(.draining(inFlight: Int64(status().inFlight)))
        await loops.each { $0.beginDraining() }
        await listener.stopAccepting()
        let end = Clock.instant().after(milliseconds: deadlineMilliseconds)
        while status().inFlight > 0, Clock.instant() < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
        let cut = status().inFlight
        await loops.each { $0.cutEverything() }
        loops.shared.doors.log.record(.stopped(cutRequests: Int64(cut)))
        await stop()
        return cut
    }

    /// Runs `body` on every event loop, for tests that look at a loop's own state.
    func eachLoop(_ body: @escaping @Sendable (LoopContext) -> Void) async { await loops.each(body) }

    private func stop() async {
        synchronising.cancel()
        await loops.stop()
        // What the last answers still have in their sockets goes out before the loops end.
        try? await Task.sleep(for: .milliseconds(50))
        await loops.shared.journal.stop()
        try? await group.shutdownGracefully()
    }

    /// How calls to each deployment went lately, in the table's order: the worst that any event loop has seen.
    public func deployments() async -> [DeploymentStatus] {
        let found = DeploymentBoard()
        await loops.each { loop in found.add(loop.deploymentStatus()) }
        return found.lines
    }

    public func status() -> RelayStatus {
        let counters = loops.shared.counters
        let filling = loops.shared.answers.filling
        return RelayStatus(
            openConnections: counters.connections.load(ordering: .relaxed),
            refusedConnections: counters.refusedConnections.load(ordering: .relaxed),
            inFlight: counters.inFlight.load(ordering: .relaxed),
            requests: counters.requests.load(ordering: .relaxed),
            successes: counters.successes.load(ordering: .relaxed),
            clientErrors: counters.clientErrors.load(ordering: .relaxed),
            serverErrors: counters.serverErrors.load(ordering: .relaxed),
            streamViolations: counters.streamViolations.load(ordering: .relaxed),
            cache: CacheStatus(
                hits: counters.cacheHits.load(ordering: .relaxed),
                shared: counters.cacheShared.load(ordering: .relaxed),
                misses: counters.cacheMisses.load(ordering: .relaxed),
                similar: counters.cacheSimilar.load(ordering: .relaxed),
                sampled: counters.similarSampled.load(ordering: .relaxed),
                wrong: counters.similarWrong.load(ordering: .relaxed), answers: filling.answers, bytes: filling.bytes),
            bodyBytes: loops.shared.budget.inUse, bodyBytesLimit: loops.shared.budget.limit,
            isDraining: isDraining.load(ordering: .relaxed))
    }
}

/// Why the gateway did not start. Closed: no foreign text (`RULES.md` 11).
public enum GatewayFault: Error, Equatable {
    /// The address is taken or not ours; `errno`, 0 when the host does not resolve.
    case cannotListen(errno: Int32)
    /// Certificate or key cannot be read, or do not belong together.
    case badCertificate
    case badTrustRoots
    /// The first journal segment cannot be made; `errno`.
    case noJournal(errno: Int32)
}
