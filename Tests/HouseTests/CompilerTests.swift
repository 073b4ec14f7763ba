import Foundation
import Testing

/// What must not compile, and what must also compile for a browser. The compiler is asked in a folder of its own, with
/// the real sources, and with a stand-in for NIOCore whose `ByteBuffer` speaks as the real one does.
struct CompilerTests {
    /// A snippet beside `Sources/Wire/Content.swift`; `control` differs by what makes it lawful.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var snippet: String
        var control: String
        var testDescription: String { name }
    }

    static let silence: [Case] = [
        Case(
            name: "encode",
            snippet: "import Foundation\nfunc f(_ x: Content) throws { _ = try JSONEncoder().encode(x) }",
            control: "import Foundation\nfunc f(_ x: ByteBuffer) throws { _ = try JSONEncoder().encode(x) }"),
        Case(
            name: "encode as a member", snippet: "struct Row: Codable { var words: Content }",
            control: "struct Row: Codable { var words: ByteBuffer }"),
        Case(
            name: "describe", snippet: "func f(_ x: Content) -> String { x.description }",
            control: "func f(_ x: ByteBuffer) -> String { x.description }"),
        Case(
            name: "pass as describable",
            snippet: "func log(_ x: some CustomStringConvertible) {}\nfunc f(_ x: Content) { log(x) }",
            control: "func log(_ x: some CustomStringConvertible) {}\nfunc f(_ x: ByteBuffer) { log(x) }"),
        Case(
            name: "make text of", snippet: "func f(_ x: Content) -> String? { String(x) }",
            control: "func f(_ x: ByteBuffer) -> String? { String(x.readableBytes) }"),
        Case(
            name: "compare", snippet: "func f(_ x: Content) -> Bool { x == x }",
            control: "func f(_ x: ByteBuffer) -> Bool { x == x }"),
        Case(
            name: "key by", snippet: "func f(_ x: Content) -> [Content: Int] { [x: 1] }",
            control: "func f(_ x: ByteBuffer) -> [ByteBuffer: Int] { [x: 1] }"),
        Case(
            name: "throw", snippet: "func f(_ x: Content) throws { throw x }",
            control: "struct Code: Error {}\nfunc f(_ x: Content) throws { throw Code() }"),
    ]

    @Test(arguments: silence) func contentDoesNotCompileIntoWords(_ example: Case) throws {
        let bench = try Bench()
        let content = House.root.appending(path: "Sources/Wire/Content.swift").path()
        let lawful = try bench.check(example.control, with: [content])
        #expect(lawful.code == 0, "the control must compile: \(lawful.text)")
        let refused = try bench.check(example.snippet, with: [content])
        #expect(refused.code != 0, "\(example.name): it compiles")
    }

    @Test func logEventsTakeNoText() throws {
        let bench = try Bench()
        let vocabulary = House.files(under: "Sources/Vocabulary", ending: ".swift")
            .map { House.root.appending(path: $0).path() }
        let control = "func f(_ log: any EventLog, _ text: String) { log.record(.journalFull) }"
        let lawful = try bench.check(control, with: vocabulary)
        #expect(lawful.code == 0, "the control must compile: \(lawful.text)")
        for call in [
            "log.record(text)", "log.record(.journalFull(text))", "log.record(.connectionRefused(error: text))",
        ] {
            let refused = try bench.check("func f(_ log: any EventLog, _ text: String) { \(call) }", with: vocabulary)
            #expect(refused.code != 0, "\(call) compiles")
        }
    }

    @Test(.enabled(if: Bench.canEmbed, "this toolchain cannot compile Embedded Swift for wasm32"))
    func vocabularyAndMeteringCompileForTheBrowser() throws {
        let bench = try Bench()
        for module in ["Vocabulary", "Metering"] {
            let sources = House.files(under: "Sources/\(module)", ending: ".swift")
                .filter { !$0.contains("/Book/Generated") }.map { House.root.appending(path: $0).path() }
            let answer = try bench.embed(module, sources)
            #expect(answer.code == 0, "\(module) does not compile as Embedded Swift (`RULES.md` 42):\n\(answer.text)")
        }
    }
}

/// A folder to compile in.
private final class Bench {
    let folder: String

    init() throws {
        let place = URL.temporaryDirectory.appending(path: "tacet-compile-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        folder = place.path(percentEncoded: false)
        try write(
            "NIOCore.swift",
            """
            public struct ByteBuffer: Sendable, Codable, Hashable, CustomStringConvertible {
                public init() {}
                public var readableBytes: Int { 0 }
                public var description: String { "words" }
            }
            """)
        let answer = try Tool.run(
            "swiftc",
            [
                "-emit-module", "-module-name", "NIOCore", "-o", "\(folder)/NIOCore.swiftmodule",
                "\(folder)/NIOCore.swift",
            ])
        guard answer.code == 0 else { throw House.Failed(what: answer.text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func check(_ snippet: String, with sources: [String]) throws -> Tool.Answer {
        try write("Snippet.swift", "import NIOCore\n\(snippet)\n")
        return try Tool.run(
            "swiftc",
            ["-typecheck", "-swift-version", "6", "-parse-as-library", "-I", folder] + sources
                + ["\(folder)/Snippet.swift"])
    }

    func embed(_ module: String, _ sources: [String]) throws -> Tool.Answer {
        try Tool.run(
            "swiftc",
            Self.embedded + [
                "-I", folder, "-module-name", module, "-emit-module", "-emit-module-path",
                "\(folder)/\(module).swiftmodule",
                "-c", "-o", "\(folder)/\(module).o",
            ] + sources)
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    /// The same strict settings as the package's.
    static let embedded = [
        "-target", "wasm32-unknown-none-wasm", "-enable-experimental-feature", "Embedded", "-wmo", "-O",
        "-parse-as-library", "-swift-version", "6", "-enable-upcoming-feature", "ExistentialAny",
        "-enable-upcoming-feature", "MemberImportVisibility", "-enable-upcoming-feature", "InternalImportsByDefault",
        "-enable-upcoming-feature", "NonisolatedNonsendingByDefault", "-enable-upcoming-feature",
        "InferIsolatedConformances", "-strict-memory-safety", "-warnings-as-errors",
    ]

    static let canEmbed: Bool = {
        guard let bench = try? Bench(), (try? bench.write("Probe.swift", "public func probe() -> Int { 1 }")) != nil,
            let answer = try? bench.embed("Probe", ["\(bench.folder)/Probe.swift"])
        else { return false }
        return answer.code == 0
    }()
}
