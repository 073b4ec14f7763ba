import Vocabulary

/// The written form of log events: numbers, ids and fixed words.
enum LogLine {
    static func write(_ event: LogEvent, at moment: Moment, to json: inout JSONWriter) {
        line(moment, event.level, name(event), &json) { json in
            switch event {
            case .request(
                let id, let endpoint, let status, let error, let completion, let key, let deployment, let total):
                json.id("id", id)
                json.text("endpoint", endpoint.template)
                json.number("status", status)
                json.text("error", error.name)
                json.text("completion", completion.name)
                json.id("key", key)
                json.number("deployment", deployment.value)
                json.number("total_us", total)
            case .connectionRefused(let error): json.text("error", error.name)
            case .upstreamFailed(let deployment, let error):
                json.number("deployment", deployment.value)
                json.text("error", error.name)
            case .streamViolation(let id, let dialect, let rule, let isOurs, let deployment):
                json.id("id", id)
                json.text("dialect", dialect.name)
                json.text("rule", rule.name)
                json.text("origin", isOurs ? "written" : "passed")
                json.number("deployment", deployment.value)
            case .started(let apiPort, let consolePort):
                json.number("api_port", apiPort)
                json.number("console_port", consolePort)
            case .draining(let inFlight): json.number("in_flight", inFlight)
            case .stopped(let cut): json.number("cut_requests", cut)
            case .journalDamaged(let segment): json.number("segment", segment)
            case .recovered(let requests): json.number("requests", requests)
            case .configurationReloaded, .journalFull, .drainFailed, .keySnapshotStale, .creditUnconfirmed: break
            }
        }
    }

    static func write(dropped count: Int64, at moment: Moment, to json: inout JSONWriter) {
        line(moment, .warning, "log_dropped", &json) { $0.number("events", count) }
    }

    private static func line(
        _ moment: Moment, _ level: LogEvent.Level, _ name: StaticString, _ json: inout JSONWriter,
        _ body: (inout JSONWriter) -> Void
    ) {
        json.object { json in
            json.time("at", moment)
            json.text("level", word(level))
            json.text("event", name)
            body(&json)
        }
        json.breakLine()
    }

    private static func word(_ level: LogEvent.Level) -> StaticString {
        switch level {
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }

    private static func name(_ event: LogEvent) -> StaticString {
        switch event {
        case .request: "request"
        case .connectionRefused: "connection_refused"
        case .upstreamFailed: "upstream_failed"
        case .streamViolation: "stream_violation"
        case .started: "started"
        case .draining: "draining"
        case .stopped: "stopped"
        case .configurationReloaded: "configuration_reloaded"
        case .journalFull: "journal_full"
        case .journalDamaged: "journal_damaged"
        case .recovered: "recovered"
        case .drainFailed: "drain_failed"
        case .keySnapshotStale: "key_snapshot_stale"
        case .creditUnconfirmed: "credit_unconfirmed"
        }
    }
}
