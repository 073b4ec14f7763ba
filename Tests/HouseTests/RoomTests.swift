import Testing

/// DESIGN §2: who may know whom. Read from the manifest and from every import line, because SwiftPM does not check the
/// imports of all targets (and an undeclared import of a sibling compiles on the second build).
struct RoomTests {
    /// Rooms by height: an arrow points from a higher room to a lower one (rule 5).
    static let heights: [String: Int] = [
        "CBytes": 0, "CResources": 0, "Vocabulary": 0, "Metering": 1, "Secrets": 1, "Wire": 1, "Policy": 1,
        "Planning": 2, "Records": 2, "Sandbox": 2, "Accounts": 3, "Relay": 3, "Billing": 4, "PrivateAI": 4,
        "AuditEngine": 2, "Console": 5, "tacet": 6,
    ]

    struct Forbidden: Sendable {
        var rooms: [String]
        var modules: [String]
        var why: String
    }

    static let recordWing = ["Records", "Accounts", "Billing", "Policy", "Console"]
    static let contentWing = ["Wire", "Planning", "Relay"]
    static let pure = ["Vocabulary", "Metering", "Wire", "Planning", "Policy", "AuditEngine"]

    static let forbidden: [Forbidden] = [
        Forbidden(
            rooms: recordWing, modules: contentWing,
            why: "the record wing has the disk and never sees a word (rule 2)"),
        Forbidden(
            rooms: contentWing, modules: recordWing + ["GRDB", "GRDBSQLite", "SQLite3", "CSQLite"],
            why: "the content wing has no disk; they meet in Vocabulary's doors (rule 2)"),
        Forbidden(
            rooms: pure,
            modules: [
                "NIOPosix", "NIO", "NIOSSL", "NIOHTTP1", "NIOHTTP2", "NIOTLS", "NIOEmbedded", "NIOFileSystem",
                "NIOConcurrencyHelpers", "Glibc", "Darwin", "Musl", "Dispatch", "Foundation", "FoundationEssentials",
                "SystemPackage", "Hummingbird",
            ],
            why: "it does no I/O and reads no clock: time, randomness and prices are handed in (rule 1)"),
        Forbidden(
            rooms: contentWing,
            modules: [
                "Foundation", "FoundationEssentials", "FoundationNetworking", "Logging", "Metrics", "Tracing",
                "NIOFileSystem", "_NIOFileSystem", "SystemPackage", "NIOFoundationCompat",
            ],
            why: "the rooms that hold words call nothing that reaches a disk, a log or a metric (`RULES.md` 10)"),
        Forbidden(
            rooms: ["Relay"], modules: ["Policy"],
            why:
                "the profile is a value of Vocabulary; the register and the pages are no matter of traffic (`RULES.md` 37)"
        ),
        Forbidden(
            rooms: ["Sandbox"], modules: contentWing + recordWing + ["Vocabulary", "Secrets"],
            why: "the sandbox stands for somebody else's provider and knows nothing of the house"),
    ]

    /// All that each pure room may import: what is not on the list needs a reason and a line here.
    static let allowed: [String: Set<String>] = [
        "Vocabulary": [], "Metering": ["Vocabulary"], "Wire": ["Vocabulary", "CBytes", "NIOCore"],
        "Planning": ["Vocabulary", "Metering", "Wire", "NIOCore"], "Policy": ["Vocabulary"],
        "AuditEngine": ["Vocabulary", "Metering"],
    ]

    @Test func imports() {
        #expect(House.sources.count > 40, "the sources were not found")
        for source in House.sources {
            for module in source.imports {
                for rule in Self.forbidden where rule.rooms.contains(source.room) && rule.modules.contains(module) {
                    Issue.record("\(source.path) imports \(module), but \(rule.why)")
                }
                if let own = Self.heights[source.room], let other = Self.heights[module], other >= own {
                    Issue.record("\(source.path) imports \(module), but arrows point down (rule 5)")
                }
                if let list = Self.allowed[source.room], !list.contains(module) {
                    Issue.record(
                        "\(source.path) imports \(module); \(source.room) may import \(list.sorted()) (rule 1)")
                }
            }
        }
    }

    @Test func cryptographyIsCalledBySecretsAlone() {
        let modules = [
            "Crypto", "CryptoExtras", "_CryptoExtras", "CryptoKit", "CryptoBoringWrapper", "CCrypt", "JWTKit",
        ]
        for source in House.sources where source.room != "Secrets" {
            for module in source.imports where modules.contains(module) {
                Issue.record(
                    "\(source.path) imports \(module), but Secrets alone calls a cryptographic function (rule 2)")
            }
        }
    }

    @Test func everyRoomIsOnTheMap() {
        for room in House.rooms where Self.heights[room] == nil {
            Issue.record(
                "Sources/\(room) is not in DESIGN §2's house: give it a height here and a line in ARCHITECTURE.md")
        }
    }

    @Test(.timeLimit(.minutes(2))) func manifestEdges() throws {
        let manifest = try House.manifest()
        let rooms = manifest.targets.filter { $0.type != "test" }
        #expect(!rooms.isEmpty)
        let edges = Dictionary(uniqueKeysWithValues: rooms.map { ($0.name, Set($0.dependencies.map(\.name))) })
        for (room, direct) in edges {
            for rule in Self.forbidden where rule.rooms.contains(room) {
                for module in rule.modules where direct.contains(module) {
                    Issue.record("Package.swift: \(room) depends on \(module), but \(rule.why)")
                }
            }
            for module in direct {
                if let own = Self.heights[room], let other = Self.heights[module], other >= own {
                    Issue.record("Package.swift: \(room) depends on \(module), but arrows point down (rule 5)")
                }
            }
        }
        // Not even through others.
        for room in Self.recordWing where edges[room] != nil {
            for module in reach(room, edges).intersection(Self.contentWing) {
                Issue.record("Package.swift: \(room) reaches \(module) through its dependencies (rule 2)")
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func importsAreDeclared() throws {
        let manifest = try House.manifest()
        let targets = Set(manifest.targets.map(\.name))
        for target in manifest.targets {
            let folder = target.type == "test" ? "Tests" : "Sources"
            let declared = Set(target.dependencies.map(\.name))
            for path in House.files(under: "\(folder)/\(target.name)", ending: ".swift") {
                for module in Code.imports(Code.stripped(House.read(path)))
                where targets.contains(module) && module != target.name {
                    if !declared.contains(module) {
                        Issue.record("\(path) imports \(module), which \(target.name) does not declare (`RULES.md` 10)")
                    }
                }
            }
        }
    }

    @Test func theDoorsAreInVocabulary() {
        let names = [
            "protocol ReceiptSink", "protocol KeyDirectory", "protocol Purse", "protocol Egress",
            "protocol Credentials",
            "struct PolicyProfile", "enum ErrorCode", "enum LogEvent", "struct Receipt",
        ]
        for name in names {
            let places = House.sources.flatMap { Code.places("\\b\(name)\\b", in: $0) }
            #expect(
                places.count == 1 && places.allSatisfy { $0.hasPrefix("Sources/Vocabulary/") },
                "\(name) belongs in Vocabulary, once (`RULES.md` 37): \(places)")
        }
    }

    /// A rule that cannot fail holds nothing.
    @Test func theReaderSeesEveryFormOfImport() {
        let text = """
            import A
            public import B
            @testable import C
            internal import struct D.Thing
            @preconcurrency public import E
            // import Hidden
            let text = "import Hidden"
            /* import Hidden */ import F
            """
        #expect(Code.imports(Code.stripped(text)) == ["A", "B", "C", "D", "E", "F"])
    }

    private func reach(_ room: String, _ edges: [String: Set<String>]) -> Set<String> {
        var found: Set<String> = []
        var open = [room]
        while let next = open.popLast() {
            for module in edges[next] ?? [] where found.insert(module).inserted { open.append(module) }
        }
        return found
    }
}
