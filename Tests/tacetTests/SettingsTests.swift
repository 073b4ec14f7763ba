import Testing
import Vocabulary

@testable import tacet

/// What the reader is given instead of the machine: some variables, and files that exist by name.
func surroundings(_ environment: [String: String] = [:], files: Set<String> = []) -> SettingsReader.Surroundings {
    SettingsReader.Surroundings(
        environment: environment, unreadable: { files.contains($0) ? nil : "does not exist" })
}

func settings(
    _ yaml: String, _ environment: [String: String] = [:], files: Set<String> = []
) throws -> Settings {
    var tree = try SettingNode.read(yaml: yaml, file: "t.yaml")
    tree.overlay(environment)
    return try SettingsReader.read(tree, surroundings(environment, files: files))
}

func mistakes(_ yaml: String, _ environment: [String: String] = [:], files: Set<String> = []) -> [String] {
    do {
        _ = try settings(yaml, environment, files: files)
        return []
    } catch let mistakes as Mistakes {
        return mistakes.all.map(\.description)
    } catch {
        return ["\(error)"]
    }
}

struct SettingsTests {
    @Test func theExampleParsesAndSaysTheDefaults() throws {
        let read = try settings(SettingsExample.text, ["OPENAI_API_KEY": "x"])
        var expected = Settings()
        expected.data = "./tacet-data"
        expected.providers = [
            Settings.Provider(
                name: "openai", dialect: .openAI, base: try BaseAddress("https://api.openai.com/v1"),
                key: .environment("OPENAI_API_KEY"), isFree: false, kind: "openai"),
            Settings.Provider(
                name: "local", dialect: .openAI, base: try BaseAddress("http://127.0.0.1:11434/v1"), key: .none,
                isFree: true),
        ]
        expected.models = [
            Settings.Alias(
                name: "fast",
                targets: [
                    .init(provider: "openai", model: "gpt-5-mini", rank: 0),
                    .init(provider: "local", model: "qwen3", rank: 1),
                ])
        ]
        #expect(read == expected)
    }

    @Test func aListInTheListSharesItsPlace() throws {
        let read = try settings(
            """
            providers: { a: { base_url: https://a.example/v1, key: none }, b: { base_url: https://b.example/v1, key: none } }
            models:
              shared: [[a/x, b/y], sandbox/echo]
              split: [[{ to: a/x, weight: 3 }, b/y]]
            """)
        let targets = read.models.map { $0.targets.map { "\($0.provider) \($0.rank) \($0.weight)" } }
        #expect(targets == [["a 0 0", "b 0 0", "sandbox 1 0"], ["a 0 3", "b 0 1"]])
    }

    @Test func anEmptyFileIsTheEnvironmentAlone() throws {
        #expect(try settings("") == Settings())
        #expect(try settings("# nothing\n") == Settings())
        let read = try settings("", ["OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "y"])
        #expect(read.providers.map(\.name) == ["openai", "anthropic"])
        #expect(read.providers.map(\.dialect) == [.openAI, .anthropic])
        #expect(try settings("", ["OPENAI_API_KEY": ""]).providers.isEmpty)
    }

    @Test func everyOtherSetting() throws {
        let read = try settings(
            """
            listen:
              api: { address: "[::1]:9000", tls: { certificate: c.pem, key: k.pem } }
              console: localhost:9001
            profile: aura
            swap: allowed
            upstream_roots: ca.pem
            event_loops: 3
            pricing: { unknown: { ceiling: { input: 2.5, output: 10 } } }
            metrics: { token: env:TOKEN }
            limits: { body: 1MiB, header_time: 1s, idle: 2s, upstream_connect: 3ms, upstream_first_byte: 4m, upstream_silence: 5s, upstream_total: 1h }
            """, ["TOKEN": "t"], files: ["c.pem", "k.pem", "ca.pem"])
        #expect(read.api == Settings.Listener(host: "::1", port: 9000, tls: .init(certificate: "c.pem", key: "k.pem")))
        #expect(read.api.url == "https://[::1]:9000")
        #expect(read.console == Settings.Listener(host: "localhost", port: 9001))
        #expect(read.profile == .aura)
        #expect(read.allowsSwap)
        #expect(read.upstreamRoots == "ca.pem")
        #expect(read.eventLoops == 3)
        #expect(read.unknownPrice == .ceiling(input: PicoUSD(2_500_000), output: PicoUSD(10_000_000)))
        #expect(read.metricsToken == .environment("TOKEN"))
        #expect(
            read.limits
                == Settings.Limits(
                    body: 1 << 20, headerTime: 1000, idle: 2000, upstreamConnect: 3, upstreamFirstByte: 240_000,
                    upstreamSilence: 5000, upstreamTotal: 3_600_000))
    }

    @Test func pathsCountFromTheFile() throws {
        var tree = try SettingNode.read(yaml: "data: ./d\nupstream_roots: ca.pem", file: "/etc/tacet/t.yaml")
        let read = try SettingsReader.read(tree, surroundings(files: ["/etc/tacet/ca.pem"]))
        #expect(read.data == "/etc/tacet/d")
        #expect(read.upstreamRoots == "/etc/tacet/ca.pem")
        tree.overlay(["TACET__DATA": "here"])
        #expect(try SettingsReader.read(tree, surroundings(files: ["/etc/tacet/ca.pem"])).data == "here")
        #expect(try settings("data: ~/d", ["HOME": "/home/a"]).data == "/home/a/d")
    }

    @Test func variablesOverrideTheFile() throws {
        let read = try settings(
            "limits: { body: 1MiB, idle: 5s }\nproviders: { my-own: { base_url: https://a.example/v1, key: none } }",
            [
                "TACET__LIMITS__BODY": "2MiB", "TACET__LIMITS__HEADER_TIME": "3s", "TACET__LISTEN__API": "127.0.0.1:1",
                "TACET__PROVIDERS__MY_OWN__BASE_URL": "https://b.example",
                "TACET__MODELS__FAST": "my-own/a, sandbox/echo",
                "TACET_CONFIG": "ignored", "TACET__PROVIDERS__NEW__KEY": "none",
                "TACET__PROVIDERS__NEW__BASE_URL": "http://127.0.0.1:1/v1",
            ])
        #expect(read.limits.body == 2 << 20)
        #expect(read.limits.headerTime == 3000)
        #expect(read.limits.idle == 5000)
        #expect(read.api.port == 1)
        #expect(read.providers.map(\.name) == ["my-own", "new"])
        #expect(read.providers[0].base.host == "b.example")
        #expect(read.models[0].targets.map(\.provider) == ["my-own", "sandbox"])
    }

    @Test func aVariableTurnsAnAddressIntoASection() throws {
        let read = try settings(
            "listen: { api: 127.0.0.1:9000 }",
            ["TACET__LISTEN__API__TLS__CERTIFICATE": "c", "TACET__LISTEN__API__TLS__KEY": "k"], files: ["c", "k"])
        #expect(read.api == Settings.Listener(host: "127.0.0.1", port: 9000, tls: .init(certificate: "c", key: "k")))
        #expect(mistakes("", ["TACET__LIMTS__BODY": "1MiB"]).first?.hasPrefix("TACET__LIMTS__BODY: `limts`") == true)
    }
}
