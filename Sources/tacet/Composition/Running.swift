import Glibc
import Logging
import Relay
import UnixSignals
import Vocabulary

/// The life of a server process: start, signals, end.
enum Running {
    private static let drainDeadline: Int64 = 30_000
    private static let demoKey = "demo"

    /// Returns only by ending the process.
    static func serve(_ plan: ServerPlan) async throws(Failure) {
        // Libraries of others may log text; here they cannot (`RULES.md` 11).
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        let swap = SwapCheck.now()
        try plan.checkSwap(swap)
        // Before anything listens: a signal during start must not end the process half-way.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let server = try await Server.start(plan, swap: swap)
        let key: String? = plan.isDemo ? try server.freshKey(named: demoKey) : nil
        tell(plan, server, key)
        await follow(signals, plan, server)
    }

    private static func follow(_ signals: UnixSignalsSequence, _ plan: ServerPlan, _ server: Server) async {
        var isStopping = false
        for await signal in signals {
            if signal == .sighup {
                let reply = await server.reload()
                if let failure = reply.failure { Terminal.error("tacet reload refused\n\(failure)\n") }
                continue
            }
            if isStopping {
                Terminal.error("tacet stopped at once\n")
                exit(1)
            }
            isStopping = true
            if isatty(STDERR_FILENO) == 1 { Terminal.error("\n  Draining; press again to stop at once.\n") }
            Task {
                if plan.isDemo { server.revoke(keyNamed: demoKey) }
                let cut = await server.stop(deadlineMilliseconds: drainDeadline)
                Terminal.error("tacet stopped cut=\(cut)\n")
                exit(0)
            }
        }
    }

    private static func tell(_ plan: ServerPlan, _ server: Server, _ key: String?) {
        var api = plan.settings.api
        var console = plan.settings.console
        api.port = server.apiPort
        console.port = server.consolePort
        guard Terminal.isInteractive || plan.isDemo else {
            Terminal.error("tacet started api=\(api.address) console=\(console.address)\n")
            for note in server.notes { Terminal.error("tacet note: \(note)\n") }
            if let secret = server.setUpSecret {
                Terminal.error("tacet set-up: make the first account, once, at \(console.shownURL)/set-up/\(secret)\n")
            }
            return
        }
        let block = StartBlock(
            api: api.shownURL, console: console.shownURL, data: plan.data, profile: plan.settings.profile,
            providers: plan.settings.providers, notes: server.notes, demoKey: key,
            setUpSecret: server.setUpSecret)
        Terminal.out(block.text)
    }
}
