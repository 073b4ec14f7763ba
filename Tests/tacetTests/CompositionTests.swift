import Foundation
import Policy
import Secrets
import Testing
import Vocabulary

@testable import Planning
@testable import tacet

struct CompositionTests {
    @Test func whereTheDataIs() throws {
        typealias Place = DataLocation
        let home = ["HOME": "/home/a"]
        #expect(try Place.path(option: nil, settings: nil, environment: home) == "/home/a/.local/share/tacet")
        let xdg = ["HOME": "/home/a", "XDG_DATA_HOME": "/x"]
        #expect(try Place.path(option: nil, settings: nil, environment: xdg) == "/x/tacet")
        #expect(try Place.path(option: nil, settings: nil, environment: xdg, isDemo: true) == "/x/tacet-demo")
        #expect(try Place.path(option: nil, settings: "./d/", environment: xdg) == "./d")
        #expect(try Place.path(option: "o", settings: "d", environment: xdg, isDemo: true) == "o")
        // XDG's rule: a relative path is as good as none.
        #expect(
            try Place.path(option: nil, settings: nil, environment: ["HOME": "/h", "XDG_DATA_HOME": "x"])
                == "/h/.local/share/tacet")
        #expect(throws: Failure.self) { try Place.path(option: nil, settings: nil, environment: [:]) }
    }

    private static let swaps = "Filename\tType\tSize\tUsed\tPriority\n"

    @Test func swapThatReachesADiskIsSeen() {
        func check(_ lines: String, ids: [String: String] = [:], limits: [String] = []) -> SwapCheck {
            SwapCheck(swaps: Self.swaps + lines, deviceID: { ids[$0] }, limits: limits)
        }
        #expect(!check("").isUsable)
        #expect(check("/dev/sda2 partition 1 0 -2\n").isUsable)
        #expect(check("/swapfile file 1 0 -2\n").unencrypted == ["/swapfile"])
        #expect(!check("/dev/zram0 partition 1 0 100\n").isUsable)
        #expect(!check("/dev/dm-1 partition 1 0 -2\n", ids: ["/dev/dm-1": "CRYPT-PLAIN-swap\n"]).isUsable)
        #expect(check("/dev/dm-1 partition 1 0 -2\n", ids: ["/dev/dm-1": "LVM-abc"]).isUsable)
        #expect(!check("/dev/sda2 partition 1 0 -2\n", limits: ["max\n", "0\n"]).isUsable)
        #expect(check("/dev/sda2 partition 1 0 -2\n", limits: ["max\n", "1048576\n"]).isUsable)
    }

    private func plan(_ settings: Settings, isDemo: Bool = false) -> ServerPlan {
        ServerPlan(
            settings: settings, file: SettingsFile(path: nil), environment: [:], data: "/d", isDemo: isDemo)
    }

    @Test func theStrictProfileRefusesUnencryptedSwap() throws {
        let usable = SwapCheck(swaps: Self.swaps + "/dev/sda2 partition 1 0 -2\n", deviceID: { _ in nil }, limits: [])
        var settings = Settings()
        let refusal = #expect(throws: Failure.self) { try plan(settings).checkSwap(usable) }
        #expect(refusal?.text.contains("swap: allowed") == true)
        #expect(refusal?.text.contains("/dev/sda2") == true)
        #expect(refusal?.text.contains("AU-12: What passes is worked on in memory only") == true)
        try plan(settings, isDemo: true).checkSwap(usable)
        settings.allowsSwap = true
        try plan(settings).checkSwap(usable)
        #expect(plan(settings).notes(swap: usable).contains { $0.contains("by exception") })
        settings.allowsSwap = false
        settings.policy = DeploymentPolicy(.aura)
        try plan(settings).checkSwap(usable)
    }

    @Test func nothingIsLeftOutWithoutAWord() throws {
        let none = SwapCheck(swaps: "", deviceID: { _ in nil }, limits: [])
        let behind = try settings("listen: { api: { address: 0.0.0.0:8400, tls: in_front } }")
        let notes = plan(behind).notes(swap: none)
        #expect(notes.contains { $0.contains("0.0.0.0:8400") && $0.contains("without TLS") })
        #expect(plan(Settings()).notes(swap: none).isEmpty)
    }

    @Test func onlyConfiguredHostsMayBeCalled() throws {
        let book = try Routes.book()
        let read = try settings(
            "providers: { openai: { key: env:K }, local: { base_url: http://127.0.0.1:11434/v1, key: none, price: free }, google: { dialect: gemini, base_url: https://generativelanguage.googleapis.com, key: env:K } }",
            ["K": "x"])
        let deployments = Routes.deployments(read, sandboxPort: 4711, book: book)
        let tokens = try BaseAddress("https://oauth2.example/token")
        let egress = EgressList(Routes.recipients(read, sandboxPort: 4711, tokens: [tokens]))
        #expect(
            deployments.map { String(decoding: $0.name, as: UTF8.self) } == ["openai", "local", "google", "sandbox"])
        #expect(egress.allows(host: "api.openai.com", port: 443, dataClass: .relay))
        #expect(egress.allows(host: "127.0.0.1", port: 11434, dataClass: .relay))
        #expect(egress.allows(host: "127.0.0.1", port: 4711, dataClass: .relay))
        #expect(!egress.allows(host: "api.openai.com", port: 80, dataClass: .relay))
        #expect(!egress.allows(host: "127.0.0.1", port: 22, dataClass: .relay))
        #expect(!egress.allows(host: "evil.api.openai.com", port: 443, dataClass: .relay))
        #expect(egress.allows(host: "generativelanguage.googleapis.com", port: 443, dataClass: .relay))
        #expect(egress.allows(host: "oauth2.example", port: 443, .token))
        #expect(!egress.allows(host: "api.mistral.ai", port: 443, dataClass: .relay))
        #expect(egress.allows(host: "api.openai.com", port: 443, .health))
        #expect(!egress.allows(host: "127.0.0.1", port: 4711, .health))
        egress.replace(RecipientRegister([]))
        #expect(!egress.allows(host: "api.openai.com", port: 443, dataClass: .relay))
    }

    @Test func aRenamedProviderKeepsItsPrices() throws {
        let book = try Routes.book()
        let read = try settings(
            "providers: { work: { base_url: https://api.openai.com/v1, key: env:K } }\nmodels: { fast: [work/gpt-5-mini] }",
            ["K": "x"])
        let deployments = Routes.deployments(read, sandboxPort: 1, book: book)
        #expect(deployments[0].pricing == .book(provider: Array("openai".utf8)))
        let table = try Routes.table(read, deployments: deployments, book: book)
        guard case .plan = table.plan(Array("fast".utf8), sandboxOnly: false, at: .now) else {
            Issue.record("fast has no plan")
            return
        }
    }

    @Test func anUnpricedAliasIsRefusedWithItsName() throws {
        let book = try Routes.book()
        let read = try settings(
            "providers: { openai: { key: env:K } }\nmodels: { fast: [openai/no-such-model] }", ["K": "x"])
        let deployments = Routes.deployments(read, sandboxPort: 1, book: book)
        let refusal = #expect(throws: Failure.self) { try Routes.table(read, deployments: deployments, book: book) }
        #expect(refusal?.text.contains("models.fast") == true)
        #expect(refusal?.text.contains("openai/no-such-model") == true)
        #expect(refusal?.code == 2)
    }

    @Test(arguments: ["", " ", "a b", "a\nb", "ключ"])
    func whatIsNoKeyIsRefused(value: String) {
        #expect(throws: Failure.self) { try ProviderKeys.load(.environment("K"), environment: ["K": value]) }
    }

    @Test func aKeyLosesItsLineEnd() throws {
        let key = try #require(try ProviderKeys.load(.environment("K"), environment: ["K": "sk-1\r\n"]))
        #expect(key.withBytes { $0.count } == 4)
        let none = try ProviderKeys.load(.none, environment: [:])
        #expect(none == nil)
    }

    @Test func theDemoPrintsOneLineThatCanBePasted() {
        let line = StartBlock.curl(api: "http://127.0.0.1:8400", key: "tct_live_x")
        #expect(!line.contains("\n"))
        #expect(line.hasPrefix("curl http://127.0.0.1:8400/v1/chat/completions -H 'authorization: Bearer tct_live_x'"))
    }
}
