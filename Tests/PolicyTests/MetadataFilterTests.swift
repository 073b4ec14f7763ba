import Foundation
import Testing

@testable import Policy

@Suite struct MetadataFilterTests {
    private static let filter = MetadataFilter(fields: [
        "team": .label(characters: 64), "stage": .choice(["live", "test"]), "weight": .number, "billed": .flag,
        "parts[].name": .label(characters: 32), "nested.label": .label(characters: 128), "seal": .opaque,
    ])
    private static let good =
        #"{"team":"blue","stage":"live","weight":-1.5e3,"billed":true,"parts":[{"name":"a"},{"name":"b"}],"nested":{"label":"x"},"seal":"sk-0123456789abcdef0123"}"#

    private static func check(_ text: String) -> MetadataFilter.Violation? { filter.check(Array(text.utf8)) }

    @Test func whatIsDeclaredPasses() {
        #expect(Self.check(Self.good) == nil)
        #expect(Self.check("{}") == nil)
        #expect(Self.check(#"{"team":"Support für Außendienst"}"#) == nil)
        #expect(Self.check(#"{"team":"inv-2026-001","nested":{"label":"pi_3MtwBwLkdIwHu7ix28a3tqPC"}}"#) == nil)
    }

    @Test(arguments: [
        (#"{"teams":"blue"}"#, "teams", MetadataFilter.Violation.Reason.unknownField),
        (#"{"nested":{"deep":{"prompt":"x"}}}"#, "nested.deep", .unknownField),
        (#"{"nested":{"prompt":"x"}}"#, "nested.prompt", .contentField),
        (#"{"messages":[]}"#, "messages", .contentField), (#"{"userPrompt":1}"#, "userPrompt", .contentField),
        (#"{"x-api-key":1}"#, "x-api-key", .contentField), (#"{"apiKey":1}"#, "apiKey", .contentField),
        (#"{"parts":[{"name":"a"},{"content":"b"}]}"#, "parts[1].content", .contentField),
        (#"{"pa\u0072ts":[{"name":"sk-0123456789abcdefghij"}]}"#, "parts[0].name", .secretLike),
        (#"{"team":"a b c d e f g"}"#, "team", .tooManyWords), (#"{"team":"第四季度的营销计划草案已经准备好"}"#, "team", .tooManyWords),
        (#"{"team":7}"#, "team", .wrongKind), (#"{"team":null}"#, "team", .wrongKind),
        (#"{"team":{"a":1}}"#, "team.a", .unknownField), (#"{"weight":"1"}"#, "weight", .wrongKind),
        (#"{"team":"a\nb"}"#, "team", .controlCharacter), (#"{"stage":"later"}"#, "stage", .notAllowed),
        (#"{"parts":["name"]}"#, "parts[0]", .wrongKind), (#"{"team":"a","team":"b"}"#, "", .notJSON),
        (#"{"team":"a"} x"#, "", .notJSON), ("", "", .notJSON), (#"{"team":"\ud800"}"#, "", .notJSON),
    ])
    func everythingElseIsRefusedByItsPath(document: String, path: String, reason: MetadataFilter.Violation.Reason) {
        #expect(Self.check(document) == MetadataFilter.Violation(path: path, reason: reason))
    }

    /// Each form as its issuer writes it, with random characters.
    @Test func aKeyOfEveryKnownIssuerIsSeen() {
        var random = SystemRandomNumberGenerator()
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        func text(_ count: Int) -> String {
            String((0..<count).map { _ in letters.randomElement(using: &random) ?? "a" })
        }
        for (prefix, rest) in SecretShape.prefixes {
            let key = prefix + "7" + text(rest)
            for written in [key, "key \(key)", "key=\(key);", "\"\(key)\"", "https://host/\(key)"] {
                #expect(
                    MetadataFilter.reason(against: written, characters: 256) == .secretLike, "\(written)")
            }
        }
        let others = [
            "sk-ant-api03-" + text(93) + "AA", "sk-proj-" + text(74) + "T3BlbkFJ" + text(74), text(40) + "aB3dE5fG7",
            "eyJ\(text(30)).eyJ\(text(60)).\(text(43))", "-----BEGIN EC PRIVATE KEY-----",
            (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined() + "01234567",
        ]
        for key in others { #expect(MetadataFilter.reason(against: key, characters: 512) == .secretLike, "\(key)") }
    }

    @Test func whatPeopleCallThingsIsNoSecret() {
        for name in [
            "sk-ai", "my-app", "Sales team, EMEA", "AC unit 7", "secret_santa", "ghp_", "gpt-5-mini",
            "key-rotation-job",
            "openai/gpt-5-mini-2026-01-01", "req_01k3v7c9m2x8z4y6w5t0r1s2q3", "a1b2c3d4", "Straße 12",
            "00000000-0000-4000-8000-000000000000",
        ] {
            #expect(MetadataFilter.reason(against: name, characters: 128) == nil, "\(name)")
        }
    }

    /// A sentence or a key, planted anywhere and under any name, never passes; no bytes make it fail otherwise.
    @Test func nothingPlantedPasses() {
        var random = SystemRandomNumberGenerator()
        let sentences = [
            "please summarise the attached contract for our board meeting",
            "ich hätte gern eine Zusammenfassung von diesem Brief",
            "write a haiku about the sea and the moon tonight", "把这封邮件翻译成英文并发给客户好吗谢谢", "この契約書を要約してください",
            "sk-ant-api03-0123456789", "AKIAIOSFODNN7EXAMPLE", "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        ]
        let names = [
            "team", "nested", "parts", "label", "name", "prompt", "meta", "x", "", "Ω", "weight", "stage", "billed",
        ]
        func planted(_ depth: Int) -> String {
            let text = sentences.randomElement(using: &random) ?? ""
            let name = names.randomElement(using: &random) ?? ""
            switch depth < 4 ? Int.random(in: 0..<5, using: &random) : 4 {
            case 0: return #"{"\#(name)":\#(planted(depth + 1))}"#
            case 1: return #"[\#(planted(depth + 1))]"#
            case 2: return #"{"team":"ok","\#(text)":1}"#
            case 3: return #"{"parts":[{"name":"a"},\#(planted(depth + 1))]}"#
            default: return "\"\(text)\""
            }
        }
        for _ in 0..<5000 {
            let document = #"{"billed":true,"\#(names.randomElement(using: &random) ?? "")":\#(planted(0))}"#
            #expect(Self.check(document) != nil, "\(document)")
        }
        let good = Array(Self.good.utf8)
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: at)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
                }
            }
            // What passes is JSON of the declared fields, as a decoder of its own reads it.
            if Self.filter.check(bytes) == nil {
                let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
                #expect(
                    object.map {
                        Set($0.keys).isSubset(of: ["team", "stage", "weight", "billed", "parts", "nested", "seal"])
                    } ?? false)
            }
        }
        #expect(Self.check(String(repeating: "[", count: 100_000)) != nil)
        #expect(Self.check(String(repeating: "[", count: 60_000)) != nil)
    }

    @Test func aShapeDeclaresItsOwnFieldsOnly() throws {
        let bare = try #require(JSONTree(Array(#"{"listKeys":{}}"#.utf8)))
        #expect(MetadataFilter(shapeOf: bare).check(Array(#"{"listKeys":{}}"#.utf8)) == nil)
        #expect(MetadataFilter(shapeOf: bare).check(Array(#"{"listKeys":{"x":1}}"#.utf8))?.path == "listKeys.x")
        #expect(MetadataFilter(shapeOf: bare).check(Array(#"{"listKeys":"x"}"#.utf8))?.reason == .wrongKind)
        let tree = try #require(JSONTree(Array(#"{"createKey":{"name":"app","isTest":false,"rate":1}}"#.utf8)))
        let filter = MetadataFilter(shapeOf: tree, opaque: [])
        #expect(filter.check(Array(#"{"createKey":{"name":"app","isTest":true}}"#.utf8)) == nil)
        #expect(
            filter.check(Array(#"{"createKey":{"name":"app","comment":"x"}}"#.utf8))
                == MetadataFilter.Violation(path: "createKey.comment", reason: .contentField))
    }
}
