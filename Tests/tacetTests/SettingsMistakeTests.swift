import Testing

@testable import tacet

/// Each kind of mistake: where, what was read, what is allowed.
struct SettingsMistakeTests {
    static let table: [(yaml: String, place: String, says: [String])] = [
        ("profil: strict", "1:1", ["`profil`", "did you mean `profile`?", "`listen`"]),
        ("zzzzzz: 1", "1:1", ["`zzzzzz` is not known", "allowed: `listen`"]),
        ("profile: strikt", "1:10", ["`strikt`", "did you mean `strict`?", "`outlay`"]),
        ("profile: [strict]", "1:10", ["a list", "`strict`"]),
        ("profile:", "1:9", ["nothing"]),
        ("- a", "1:1", ["the file is a list", "a section"]),
        ("just text", "1:1", ["the file is `just text`"]),
        ("limits: 5", "1:9", ["limits is `5`", "a section"]),
        ("limits: { body: 32XB }", "1:17", ["`32XB`", "32MiB"]),
        ("limits: { body: 1B }", "1:17", ["`1B`", "from 1024B"]),
        ("limits: { idle: 10 }", "1:17", ["`10`", "with its unit", "10s for seconds"]),
        ("limits: { idle: 0s }", "1:17", ["`0s`", "from 1ms"]),
        ("limits: { retries: 10 }", "1:20", ["`10`", "such as 10%"]),
        ("limits: { retries: 101% }", "1:20", ["`101%`", "from 0% to 100%"]),
        ("limits: { connections: 0 }", "1:24", ["`0`", "from 1"]),
        ("models: { m: [[]] }", "1:15", ["an empty list"]),
        ("models: { m: [[{ weight: 2 }]] }", "1:16", ["lacks `to`"]),
        ("models: { m: [[{ to: sandbox/echo, weight: 0 }]] }", "1:44", ["`0`", "from 1 to 1000"]),
        ("limits: { idel: 10s }", "1:11", ["`idel`", "`idle`?"]),
        ("listen: { api: 127.0.0.1 }", "1:16", ["`127.0.0.1`", "127.0.0.1:8400"]),
        ("listen: { api: 127.0.0.1:99999 }", "1:16", ["99999"]),
        ("listen: { api: \"a b:1\" }", "1:16", ["`a b:1`"]),
        ("listen: { console: 127.0.0.1:8400 }", "1:9", ["twice"]),
        (
            "listen: { api: { address: 127.0.0.1:1, tls: { certificate: c.pem } } }", "1:60",
            ["`c.pem`", "does not exist"]
        ),
        (
            "listen: { api: { address: 127.0.0.1:1, tls: { key: there.pem } } }", "1:45",
            ["both `certificate` and `key`"]
        ),
        ("event_loops: many", "1:14", ["`many`", "whole number"]),
        ("swap: yes", "1:7", ["`yes`", "`allowed`"]),
        ("pricing: { unknown: maybe }", "1:21", ["`maybe`", "`refuse`", "ceiling"]),
        ("pricing: { unknown: { ceiling: { input: 1 } } }", "1:21", ["both `input` and `output`"]),
        (
            "pricing: { unknown: { ceiling: { input: 0.0000001, output: 1 } } }", "1:41",
            ["`0.0000001`", "six decimals"]
        ),
        ("providers: { Open: { base_url: https://a.example, key: none } }", "1:14", ["`Open`", "a-z"]),
        ("providers: { sandbox: { base_url: https://a.example, key: none } }", "1:14", ["brings itself"]),
        ("providers: { a: { key: none } }", "1:14", ["lacks `base_url`"]),
        ("providers: { a: { base_url: https://a.example } }", "1:14", ["lacks `key`"]),
        (
            "providers: { a: { base_url: https://a.example, key: none, dialect: opnai } }", "1:68",
            ["`opnai`", "`openai`?"]
        ),
        ("providers: { a: { base_url: https://a.example, key: none, price: 3 } }", "1:66", ["`3`", "`free`"]),
        ("providers: { a: { base_url: https://a.example, key: none, keys: 3 } }", "1:59", ["`keys`", "`key`?"]),
        ("providers: { a: { base_url: a.example, key: none } }", "1:29", ["no scheme"]),
        ("providers: { a: { base_url: ftp://a.example, key: none } }", "1:29", ["no scheme"]),
        ("providers: { a: { base_url: \"https://u:secret@a.example\", key: none } }", "1:29", ["user or password"]),
        ("providers: { a: { base_url: https://a.example/v1?key=secret, key: none } }", "1:29", ["query"]),
        ("providers: { a: { base_url: https://, key: none } }", "1:29", ["no valid host"]),
        ("providers: { a: { base_url: \"https://a.example/../x\", key: none } }", "1:29", ["characters"]),
        (
            "providers: { a: { base_url: http://10.0.0.1/v1, key: env:THERE } }", "1:29",
            ["another machine", "https://"]
        ),
        ("providers: { a: { base_url: https://a.example, key: env:NOPE } }", "1:53", ["`env:NOPE`", "no NOPE"]),
        ("providers: { a: { base_url: https://a.example, key: env:EMPTY } }", "1:53", ["an empty EMPTY"]),
        ("providers: { a: { base_url: https://a.example, key: \"env:A B\" } }", "1:53", ["no variable's name"]),
        (
            "providers: { a: { base_url: https://a.example, key: file:/none } }", "1:53",
            ["`file:/none`", "does not exist"]
        ),
        (
            "providers: { a: { base_url: https://a.example, key: sk-secret } }", "1:53",
            ["the key itself", "`env:NAME`"]
        ),
        ("providers: { openai: {} }", "1:14", ["no OPENAI_API_KEY"]),
        ("models: { fast: [opnai/x] }", "1:18", ["`opnai`", "not configured", "`sandbox`"]),
        ("models: { fast: [sandbocks/echo] }", "1:18", ["did you mean `sandbox`?"]),
        ("models: { fast: [echo] }", "1:18", ["`echo`", "`provider/model`"]),
        ("models: { fast: [] }", "1:17", ["a list such as"]),
        ("models: { \"a/b\": [sandbox/echo] }", "1:11", ["`a/b`"]),
        ("upstream_roots: /none", "1:17", ["`/none`", "does not exist"]),
        ("metrics: { token: none }", "1:19", ["the key itself"]),
        ("a: 1\nb:\n\tc: 2", "3:1", ["tab", "spaces"]),
        ("limits: { idle: 1s }\nlimits: { idle: 2s }", "2:1", ["`limits` stands here twice"]),
        ("limits: {", "2:1", ["is not YAML"]), ("models: { fast: [a, b", "1:17", ["is not YAML"]),
        ("data: a\n---\ndata: b", "2:1", ["is not YAML"]),
        ("data: &x a\nprofile: *y", "2:10", ["is not YAML"]),
    ]

    @Test(arguments: table.indices)
    func eachMistakeIsToldWithItsPlace(index: Int) throws {
        let (yaml, place, says) = Self.table[index]
        let told = mistakes(yaml, ["THERE": "x", "EMPTY": ""], files: ["there.pem"])
        let first = try #require(told.first, "nothing was told about \(yaml)")
        #expect(first.hasPrefix("t.yaml:\(place): "), "\(first)")
        for word in says { #expect(first.contains(word), "\(first)") }
        #expect(told.count == 1, "\(told)")
        for line in told { #expect(!line.contains("secret"), "a secret was shown: \(line)") }
    }

    @Test func allMistakesAreToldAtOnceInOrder() {
        let told = mistakes("limits: { idle: 1 }\nprofile: x\nswap: y\n")
        #expect(told.map { String($0.prefix(9)) } == ["t.yaml:1:", "t.yaml:2:", "t.yaml:3:"])
    }

    @Test func aKeyInTheEnvironmentIsNotShownEither() {
        let told = mistakes(
            "", ["TACET__PROVIDERS__A__KEY": "sk-secret", "TACET__PROVIDERS__A__BASE_URL": "https://a.example"])
        #expect(told.count == 1)
        #expect(told[0].hasPrefix("TACET__PROVIDERS__A__KEY: "))
        #expect(!told[0].contains("secret"))
    }

    @Test func aLoopbackHostMayHaveAKeyWithoutTLS() {
        for host in ["127.0.0.1", "127.9.9.9", "localhost", "[::1]"] {
            #expect(mistakes("providers: { a: { base_url: \"http://\(host):1/v1\", key: env:K } }", ["K": "x"]).isEmpty)
        }
        for host in ["127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "127.0.0.300"] {
            #expect(
                mistakes("providers: { a: { base_url: \"http://\(host):1/v1\", key: env:K } }", ["K": "x"]).count == 1)
        }
    }

    @Test func aFileThatCannotBeReadIsAMistake() {
        for path in ["/does/not/exist.yaml", "/"] {
            #expect(throws: Mistakes.self) { try SettingsFile(path: path).read(environment: [:]) }
            #expect(throws: Mistakes.self) { try SettingsFile(path: path).data(environment: [:]) }
        }
    }

    @Test func aKeyCommandMindsOnlyWhereTheDataIs() throws {
        #expect(try SettingsFile(path: nil).data(environment: ["TACET__DATA": "/d", "TACET__PROFILE": "none"]) == "/d")
    }
}
