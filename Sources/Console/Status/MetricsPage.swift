import Vocabulary

/// The Prometheus text format. Labels are closed sets (`RULES.md` 18): no key, model or name that a client chose.
enum MetricsPage {
    static func text(_ status: ConsoleStatus) -> String {
        var page = ""
        func family(_ name: String, _ kind: String, _ help: String, _ samples: [(String, Int64)]) {
            page += "# HELP tacet_\(name) \(help)\n# TYPE tacet_\(name) \(kind)\n"
            for (labels, value) in samples { page += "tacet_\(name)\(labels) \(value)\n" }
        }
        let traffic = status.traffic
        family(
            "requests_total", "counter", "Answers since start, by class of status.",
            [
                ("{class=\"success\"}", Int64(traffic.successes)),
                ("{class=\"client_error\"}", Int64(traffic.clientErrors)),
                ("{class=\"server_error\"}", Int64(traffic.serverErrors)),
            ])
        family("requests_in_flight", "gauge", "Requests under way.", [("", Int64(traffic.inFlight))])
        family("connections_open", "gauge", "Client connections.", [("", Int64(traffic.openConnections))])
        family(
            "connections_refused_total", "counter", "Client connections closed when accepted, as too many.",
            [("", Int64(traffic.refusedConnections))])
        family("body_bytes", "gauge", "Bytes of bodies held in memory.", [("", Int64(traffic.bodyBytes))])
        family("body_bytes_limit", "gauge", "Bytes of bodies that may be.", [("", Int64(traffic.bodyBytesLimit))])
        family(
            "cache_requests_total", "counter", "Requests whose answer may be kept, by what the cache had.",
            [
                ("{outcome=\"hit\"}", Int64(traffic.cache.hits)), ("{outcome=\"shared\"}", Int64(traffic.cache.shared)),
                ("{outcome=\"miss\"}", Int64(traffic.cache.misses)),
                ("{outcome=\"similar\"}", Int64(traffic.cache.similar)),
            ])
        family(
            "cache_similar_samples_total", "counter", "Hits by meaning held against an answer of their own.",
            [
                ("{verdict=\"same\"}", Int64(traffic.cache.sampled - traffic.cache.wrong)),
                ("{verdict=\"other\"}", Int64(traffic.cache.wrong)),
            ])
        family("cache_answers", "gauge", "Answers kept in memory.", [("", Int64(traffic.cache.answers))])
        family("cache_bytes", "gauge", "Bytes of kept answers.", [("", Int64(traffic.cache.bytes))])
        if let violations = traffic.streamViolations {
            family(
                "stream_violations_total", "counter", "Streams that broke a rule of their dialect.",
                [("", Int64(violations))])
        }
        let totals = status.totals
        family(
            "receipts_total", "counter", "Receipts in the ledger, by outcome.",
            [("{outcome=\"failed\"}", totals.failed), ("{outcome=\"answered\"}", totals.receipts - totals.failed)])
        family(
            "tokens_total", "counter", "Tokens of all receipts.",
            [("{direction=\"input\"}", totals.inputTokens), ("{direction=\"output\"}", totals.outputTokens)])
        family(
            "provider_cost_nano_usd_total", "counter", "What providers take for all receipts, in nano-USD.",
            [("", totals.providerCost.value)])
        family("charge_nano_usd_total", "counter", "What wallets pay, in nano-USD.", [("", totals.charge.value)])
        family("batches_total", "counter", "Signed batches of receipts.", [("", status.chain.batches)])
        family(
            "keys", "gauge", "Gateway keys, by state.",
            [("{state=\"live\"}", Int64(status.liveKeys)), ("{state=\"revoked\"}", Int64(status.revokedKeys))])
        let health = ProviderStatus.Health.allCases.map { kind in
            ("{health=\"\(kind.rawValue)\"}", Int64(status.providers.count { $0.health == kind }))
        }
        family("providers", "gauge", "Configured providers, by what they last said.", health)
        family(
            "providers_resting", "gauge", "Providers left alone for a moment because their calls fail.",
            [("", Int64(status.providers.count { $0.isResting }))])
        family("draining", "gauge", "1 while no new request is taken.", [("", status.isDraining ? 1 : 0)])
        return page
    }
}
