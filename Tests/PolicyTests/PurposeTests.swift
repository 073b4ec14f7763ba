import Foundation
import Policy
import Testing

/// What the sources may do with what is kept, and whom they may call.
@Suite struct PurposeTests {
    /// AX-12, AU-21: receipts are read to be verified, shown, exported, summed, counted against budgets, held against a request
    /// sent again under one Idempotency-Key, and erased. Whoever reads them for something else says so here, and in the data
    /// map.
    static let readers: Set<String> = [
        "Sources/Records/Receipts/ReceiptStore.swift", "Sources/Records/Receipts/ReceiptTotals.swift",
        "Sources/Records/Receipts/ReceiptSearch.swift",
        "Sources/Records/Receipts/ReceiptRow.swift", "Sources/Records/Journal/BatchWriter.swift",
        "Sources/Records/Journal/OpenRequest.swift", "Sources/Records/Rights/Purge.swift",
        "Sources/Records/Journal/ReceiptRows.swift", "Sources/Records/Journal/IdempotencyStore.swift",
        "Sources/Records/Limits/SpendingStore.swift", "Sources/Records/Limits/LeaseDesk.swift",
        "Sources/Records/Usage/UsageStore.swift",
    ]

    @Test func receiptsAreReadForNamedPurposesOnly() {
        let pattern = #"(FROM|JOIN)\s+(receipts|open_requests|batch_keys|spending)\b"#
        var found: Set<String> = []
        for (path, text) in Repository.sources(under: "Sources") {
            if text.range(of: pattern, options: .regularExpression) != nil { found.insert(path) }
        }
        #expect(!found.isEmpty)
        #expect(found.subtracting(Self.readers).isEmpty, "these read receipts for a purpose that is not named")
    }

    /// AI-12, OL-1: the data plane calls configured providers, `tacet provider` asks whether they answer, a service
    /// account's key is exchanged for tokens, and the command line talks to its server over a local socket. Nothing calls
    /// home.
    static let callers: Set<String> = [
        "Sources/Relay/Upstream/UpstreamPool.swift", "Sources/tacet/Composition/ProviderProbe.swift",
        "Sources/tacet/Composition/TokenFetch.swift", "Sources/tacet/Control/ControlSocket.swift",
        "Sources/tacet/Alerts/AlertSender.swift",
        // `tacet canary` calls the gateway that it is told to search.
        "Sources/tacet/Canary/CanaryConnection.swift",
    ]

    @Test func nothingElseOpensAConnection() {
        let pattern =
            #"\b(ClientBootstrap|NIOTSConnectionBootstrap|DatagramBootstrap|HTTPClient|URLSession|AsyncHTTPClient|curl_easy_init|tacet_curl_mail|tacet_curl_post)\b|\bunsafe connect\(|Glibc\.connect\("#
        var found: Set<String> = []
        for (path, text) in Repository.sources(under: "Sources") {
            if Repository.code(text).range(of: pattern, options: .regularExpression) != nil { found.insert(path) }
        }
        #expect(!found.isEmpty)
        #expect(found.subtracting(Self.callers).isEmpty, "these open connections and are no named caller")
        #expect("x = ClientBootstrap(group: g)".range(of: pattern, options: .regularExpression) != nil)
    }

    /// AU-24: whoever opens a connection asks the register first, or is called by one who did. The command line's own socket
    /// and `tacet canary`, which is told whom to call, leave the machine for nobody else.
    static let askers: [String: String] = [
        "Sources/Relay/Upstream/UpstreamPool.swift": "Sources/Relay/Upstream/UpstreamPool.swift",
        "Sources/tacet/Composition/ProviderProbe.swift": "Sources/tacet/Composition/ProviderProbe.swift",
        "Sources/tacet/Composition/TokenFetch.swift": "Sources/tacet/Composition/TokenKeeper.swift",
        "Sources/tacet/Alerts/AlertSender.swift":
            "Sources/tacet/Alerts/AlertDesk.swift Sources/tacet/Alerts/LetterSender.swift",
    ]

    @Test func everyCallerAsksTheRegister() {
        #expect(
            Self.callers.subtracting(Self.askers.keys) == [
                "Sources/tacet/Control/ControlSocket.swift", "Sources/tacet/Canary/CanaryConnection.swift",
            ])
        for asker in Self.askers.values.flatMap({ $0.split(separator: " ") }) {
            let code = Repository.code(Repository.read(String(asker)))
            #expect(code.contains("egress.allows(") || code.contains("register.allows("), "\(asker)")
        }
        for (path, text) in Repository.sources(under: "Sources/tacet")
        where Repository.code(text).contains("AlertSender.") {
            #expect(
                Self.askers["Sources/tacet/Alerts/AlertSender.swift"]?.contains(path) == true, "\(path) sends unasked")
        }
    }

    /// AU-22, OL-10, OL-15: one place sets the one cookie, scripts are our own files, nothing is stored in the browser but
    /// the theme, and no page names another host.
    @Test func onePlaceSetsTheCookieAndNothingLoadsFromElsewhere() {
        let files = Repository.sources(under: "Sources/Console")
        #expect(files.count > 5)
        for (path, text) in files {
            let code = Repository.code(text).lowercased().replacing("base64url", with: "")
            for word in ["<img", "<iframe", "@import", "url(", "sessionstorage", "document.cookie"] {
                #expect(!code.contains(word), "\(path): \(word)")
            }
            if code.contains(".setcookie") || code.contains("set-cookie") {
                #expect(path.hasSuffix("Server/PageResponder.swift"), "\(path) sets a cookie")
            }
            if code.contains("localstorage") { #expect(path.contains("/Scripts/"), "\(path)") }
            #expect(
                code.components(separatedBy: "<script").dropFirst().allSatisfy { $0.hasPrefix(" src=\"/") },
                "\(path): a script that is no file of ours")
        }
        let stored = files.filter { $0.path.contains("/Scripts/") }
        for (path, text) in stored {
            let uses = text.components(separatedBy: "localStorage.").dropFirst()
            #expect(
                uses.allSatisfy { $0.hasPrefix("getItem(\"theme\")") || $0.hasPrefix("setItem(\"theme\"") }, "\(path)")
        }
        let page = files.filter { $0.path.hasSuffix(".mustache") || $0.path.hasSuffix(".css") }
        #expect(!page.isEmpty)
        for (path, text) in page {
            #expect(!text.contains("https://") && !text.contains("http://"), "\(path) names another host")
        }
    }
}
