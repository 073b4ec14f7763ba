import Metering
import Planning
import Testing
import Vocabulary

@Suite struct RoutingTableTests {
    static let book = try! PriceBook(
        Array(
            """
            tacet-prices 1 20261121
            source s https://example.test page
            price openai gpt-5 0 s in=1250000 out=10000000
            price openai gpt-5-mini 0 s in=250000 out=2000000
            price openai shared 0 s in=1 out=1
            price anthropic claude-sonnet-5 0-20260901 s in=2000000 out=10000000
            price anthropic claude-sonnet-5 20260901 s in=3000000 out=15000000
            price anthropic shared 0 s in=2 out=2
            price anthropic expired 0-20200101 s in=2 out=2
            price openrouter openai/gpt-5 0 s in=1300000 out=11000000
            price openrouter meta/llama-4 0 s in=100000 out=200000
            alias openai gpt-5-latest gpt-5

            """.utf8
        ).span)

    static func deployment(
        _ name: String, _ pricing: Deployment.Pricing? = nil, isSandbox: Bool = false, models: [String] = []
    ) -> Deployment {
        Deployment(
            id: DeploymentID(stableNumber(of: name.utf8)), name: Array(name.utf8), dialect: .openAI,
            host: Array("api.example.test".utf8), port: 443, isTLS: true, basePath: Array("/v1".utf8),
            pricing: pricing ?? .book(provider: Array(name.utf8)), hasKey: true, isSandbox: isSandbox,
            models: models.map { Array($0.utf8) })
    }

    static let openAI = deployment("openai")
    static let anthropic = deployment("anthropic")
    static let local = deployment("local", .free)
    static let sandbox = deployment("sandbox", .free, isSandbox: true, models: ["echo", "slow"])

    static func table(
        _ deployments: [Deployment], aliases: [(String, [String])] = [], unknown: UnknownPrice = .refuse
    ) throws(RoutingFault) -> RoutingTable {
        try RoutingTable(
            deployments: deployments,
            aliases: aliases.map {
                (name: Array($0.0.utf8), targets: AliasTarget.inOrder($0.1.map { Array($0.utf8) }))
            }, book: book,
            unknownPrice: unknown)
    }

    /// 2026-11-21.
    static let now = Moment(microseconds: 20_778 * 86_400_000_000)

    /// The decision in words: `provider>model reason` by candidate, or the refusal.
    static func words(
        _ table: RoutingTable, _ model: String, sandboxOnly: Bool = false, at moment: Moment = now
    ) -> String {
        func text(_ names: [[UInt8]]) -> String {
            names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",")
        }
        switch table.plan(Array(model.utf8), sandboxOnly: sandboxOnly, at: moment) {
        case .plan(let plan):
            return plan.candidates.enumerated().map { index, candidate in
                "\(text([table.deployments[candidate.deployment].name]))>\(text([candidate.upstreamModel])) "
                    + "\(plan.reason(for: index, isFirst: index == 0).name)\(candidate.isCatalogued ? "" : " uncatalogued")"
            }.joined(separator: "; ")
        case .unknownModel(let near): return "unknown \(text(near))"
        case .unpriced(let near): return "unpriced \(text(near))"
        case .invalidName: return "invalid"
        case .sandboxOnly: return "sandbox only"
        }
    }

    @Test(arguments: [
        ("openai/gpt-5", "openai>gpt-5 named"), ("gpt-5", "openai>gpt-5 catalogue"),
        ("gpt-5-latest", "openai>gpt-5-latest catalogue"), ("shared", "openai>shared catalogue"),
        ("anthropic/shared", "anthropic>shared named"), ("claude-sonnet-5", "anthropic>claude-sonnet-5 catalogue"),
        ("fast", "openai>gpt-5-mini alias; local>qwen3 fallback"),
        ("gpt-5-mini", "openai>gpt-5-mini catalogue"), ("a/b", "anthropic>claude-sonnet-5 alias"),
        ("local/qwen3", "local>qwen3 named"), ("local/any/thing", "local>any/thing named uncatalogued"),
        ("openai/gpt-5-2026-01-31", "openai>gpt-5-2026-01-31 named uncatalogued"),
        ("openai/gpt-5-mni", "unpriced openai/gpt-5-mini"), ("gpt-5-mni", "unknown gpt-5-mini"),
        ("GPT-5-MINI", "unknown gpt-5-mini"), ("claude", "unknown claude-sonnet-5"), ("zzzz", "unknown "),
        ("anthropic/expired", "unpriced "), ("echo", "sandbox>echo catalogue"), ("sandbox/echo", "sandbox>echo named"),
        ("sandbox/other", "sandbox>other named uncatalogued"),
        ("openai/", "unknown openai/gpt-5,openai/shared,openai/gpt-5-mini,openai/gpt-5-latest"),
        ("/gpt-5", "unknown gpt-5"),
        ("", "invalid"), ("gpt 5", "invalid"), ("gpt-5\n", "invalid"), ("gpt\u{e9}", "invalid"),
        (String(repeating: "a", count: 97), "invalid"), ("local/" + String(repeating: "a", count: 97), "invalid"),
    ])
    func plans(model: String, expected: String) throws {
        let table = try Self.table(
            [Self.openAI, Self.anthropic, Self.local, Self.sandbox],
            aliases: [("fast", ["openai/gpt-5-mini", "local/qwen3"]), ("a/b", ["anthropic/claude-sonnet-5"])])
        #expect(Self.words(table, model) == expected)
    }

    @Test func oneProviderTakesBareNames() throws {
        let refusing = try Self.table([Self.openAI, Self.sandbox])
        #expect(Self.words(refusing, "new-model") == "unpriced ")
        let ceiling = UnknownPrice.ceiling(input: PicoUSD(5), output: PicoUSD(7))
        let bounded = try Self.table([Self.openAI, Self.sandbox], unknown: ceiling)
        #expect(Self.words(bounded, "new-model") == "openai>new-model catalogue uncatalogued")
        #expect(Self.words(bounded, "openai/new-model") == "openai>new-model named uncatalogued")
        guard case .plan(let plan) = bounded.plan(Array("new-model".utf8), sandboxOnly: false, at: Self.now) else {
            Issue.record("no plan")
            return
        }
        #expect(plan.requested == .other)
        #expect(plan.candidates[0].model == ModelID(stableNumber(of: "openai/new-model".utf8)))
        #expect(plan.candidates[0].price[.cacheWrite1h] == PicoUSD(5))
        #expect(plan.candidates[0].price[.reasoning] == PicoUSD(7))
        let two = try Self.table([Self.openAI, Self.anthropic], unknown: .free)
        #expect(Self.words(two, "new-model") == "unknown ")
    }

    @Test func slashesOfAnotherProvidersModels() throws {
        let router = Self.deployment("openrouter")
        let alone = try Self.table([router])
        #expect(Self.words(alone, "openai/gpt-5") == "openrouter>openai/gpt-5 catalogue")
        let both = try Self.table([router, Self.openAI])
        #expect(Self.words(both, "openai/gpt-5") == "openai>gpt-5 named")
        #expect(Self.words(both, "openrouter/openai/gpt-5") == "openrouter>openai/gpt-5 named")
        #expect(Self.words(both, "meta/llama-4") == "openrouter>meta/llama-4 catalogue")
    }

    @Test func testKeysReachTheSandboxOnly() throws {
        let table = try Self.table(
            [Self.openAI, Self.sandbox],
            aliases: [("mixed", ["openai/gpt-5", "sandbox/echo"]), ("fast", ["openai/gpt-5"])])
        for name in ["gpt-5", "openai/gpt-5", "fast", "new-model"] {
            #expect(Self.words(table, name, sandboxOnly: true) == "sandbox only")
        }
        #expect(Self.words(table, "mixed", sandboxOnly: true) == "sandbox>echo alias")
        #expect(Self.words(table, "echo", sandboxOnly: true) == "sandbox>echo catalogue")
        #expect(Self.words(table, "sandbox/new", sandboxOnly: true) == "sandbox>new named uncatalogued")
        #expect(Self.words(table, "sandbox/echo") == "sandbox>echo named")
    }

    @Test func pricesOfTheDay() throws {
        let table = try Self.table([Self.anthropic], aliases: [("best", ["anthropic/claude-sonnet-5"])])
        func input(_ name: String, day: Int64) -> PicoUSD? {
            let moment = Moment(microseconds: day * 86_400_000_000)
            guard case .plan(let plan) = table.plan(Array(name.utf8), sandboxOnly: false, at: moment) else {
                return nil
            }
            return plan.candidates[0].price[.input]
        }
        for name in ["best", "claude-sonnet-5", "anthropic/claude-sonnet-5", "anthropic/claude-sonnet-5-20260801"] {
            #expect(input(name, day: 20_696) == PicoUSD(2_000_000))
            #expect(input(name, day: 20_697) == PicoUSD(3_000_000))
        }
    }

    @Test func numbersAreThoseOfTheNames() throws {
        let table = try Self.table([Self.openAI], aliases: [("fast", ["openai/gpt-5"])])
        for (name, served) in [("fast", "openai/gpt-5"), ("gpt-5", "openai/gpt-5"), ("openai/gpt-5", "openai/gpt-5")] {
            guard case .plan(let plan) = table.plan(Array(name.utf8), sandboxOnly: false, at: Self.now) else {
                Issue.record("no plan")
                continue
            }
            #expect(plan.requested == ModelID(stableNumber(of: name.utf8)))
            #expect(plan.candidates[0].model == ModelID(stableNumber(of: served.utf8)))
        }
    }

    @Test func cataloguesWhatItPlans() throws {
        let table = try Self.table(
            [Self.openAI, Self.local, Self.sandbox], aliases: [("fast", ["local/qwen3", "openai/gpt-5"])])
        let names = table.catalogue().map { String(decoding: $0.name, as: UTF8.self) }
        #expect(
            names == [
                "fast", "openai/gpt-5", "openai/gpt-5-mini", "openai/shared", "openai/gpt-5-latest", "sandbox/echo",
                "sandbox/slow", "local/qwen3",
            ])
        for entry in table.catalogue() {
            guard case .plan(let plan) = table.plan(entry.name, sandboxOnly: entry.isSandbox, at: Self.now) else {
                Issue.record("catalogued, but no plan")
                continue
            }
            #expect(plan.requested == entry.id)
            #expect(plan.candidates[0].deployment == entry.deployment)
            #expect(plan.candidates[0].isCatalogued)
        }
    }

    @Test func refusesTables() {
        typealias Aliases = [(String, [String])]
        let cases: [([Deployment], Aliases, RoutingFault)] = [
            ([Self.openAI, Self.openAI], [], .duplicateDeployment(index: 1)),
            ([Self.deployment("a/b")], [], .invalidDeploymentName(index: 0)),
            ([Self.deployment("")], [], .invalidDeploymentName(index: 0)),
            ([Self.openAI], [("x", ["openai/gpt-5"]), ("x", ["openai/gpt-5"])], .duplicateAlias(alias: 1)),
            ([Self.openAI], [("x", [])], .emptyAlias(alias: 0)),
            ([Self.openAI], [("x y", ["openai/gpt-5"])], .invalidAliasName(alias: 0)),
            ([Self.openAI], [("openai/x", ["openai/gpt-5"])], .invalidAliasName(alias: 0)),
            ([Self.openAI], [("x", ["openai/gpt-5", "other/gpt-5"])], .unknownProvider(alias: 0, target: 1)),
            ([Self.openAI], [("x", ["gpt-5"])], .unknownProvider(alias: 0, target: 0)),
            ([Self.openAI], [("x", ["openai/"])], .unknownProvider(alias: 0, target: 0)),
            ([Self.openAI], [("x", ["y"]), ("y", ["x"])], .nestedAlias(alias: 0, target: 0)),
            ([Self.openAI], [("x", ["x"])], .nestedAlias(alias: 0, target: 0)),
            ([Self.openAI], [("x", ["openai/new"])], .unpricedTarget(alias: 0, target: 0)),
        ]
        for (deployments, aliases, fault) in cases {
            #expect(throws: fault) { _ = try Self.table(deployments, aliases: aliases) }
        }
    }
}
