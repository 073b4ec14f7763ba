// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is held to.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let strictC: [CSetting] = [.treatAllWarnings(as: .error)]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "tacet",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "tacet", targets: ["tacet"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    ],
    targets: [
        // Byte searches that Swift's Glibc module does not show or cannot vectorise.
        .target(name: "CBytes", path: "Libraries/CBytes", cSettings: strictC),
        // Files inside the binary, by C23 #embed.
        .target(name: "CResources", path: "Libraries/CResources", exclude: ["tokenizers"], cSettings: strictC),
        // gzip and ZIP members of the audit's folders.
        .systemLibrary(name: "CZlib", path: "Libraries/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Mail and webhooks of alerts, by the system's libcurl, which is loaded when the first one is sent.
        .target(name: "CCurl", path: "Libraries/CCurl", cSettings: strictC),
        // bcrypt, by the system's libcrypt.
        .target(
            name: "CCrypt", path: "Libraries/CCrypt", cSettings: strictC, linkerSettings: [.linkedLibrary("crypt")]),
        // prctl, which is variadic.
        .target(name: "CProcess", path: "Libraries/CProcess", cSettings: strictC),

        .target(name: "Vocabulary", swiftSettings: strict),
        .target(name: "Metering", dependencies: ["Vocabulary"], swiftSettings: strict),
        .target(name: "Policy", dependencies: ["Vocabulary"], exclude: ["Languages"], swiftSettings: strict),
        .target(name: "AuditEngine", dependencies: ["Vocabulary", "Metering"], swiftSettings: strict),
        .target(
            name: "Secrets",
            dependencies: [
                "Vocabulary", "CCrypt", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(name: "Wire", dependencies: ["Vocabulary", "CBytes", nioCore], swiftSettings: strict),
        .target(
            name: "Planning", dependencies: ["Vocabulary", "Metering", "Wire", nioCore], swiftSettings: strict),
        .target(
            name: "Relay",
            dependencies: [
                "Vocabulary", "Metering", "Wire", "Planning", "Secrets", "CBytes", "CResources", nioCore, nioPosix,
                nioSSL,
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ],
            swiftSettings: strict),
        .target(
            name: "Sandbox",
            dependencies: [
                hummingbird, nioCore, logging, .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "Records",
            dependencies: [
                "Vocabulary", "Secrets", "CBytes", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(name: "Accounts", dependencies: ["Vocabulary", "Records", "Secrets", "Policy"], swiftSettings: strict),
        .target(
            name: "Console",
            dependencies: [
                "Vocabulary", "Policy", "Secrets", "Records", "Accounts", "CResources", hummingbird, nioCore, nioSSL,
                logging,
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Templates", "Scripts"] + ["en", "de", "fr", "es", "zh", "ja"].map { "Languages/\($0).txt" },
            swiftSettings: strict),
        .executableTarget(
            name: "tacet",
            dependencies: [
                "Vocabulary", "Metering", "Secrets", "Wire", "Planning", "Relay", "Sandbox", "Records", "Accounts",
                "Console", "AuditEngine", "Policy", "CResources", "CProcess", "CCurl", "CZlib", nioCore, nioPosix,
                nioSSL,
                logging,
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // What purse, ledger and roll-ups cost: make bench-money.
        .executableTarget(
            name: "MoneyBench", dependencies: ["Vocabulary", "Records"], path: "Benchmarks/money",
            exclude: ["run.py", "year.py"],
            swiftSettings: strict),

        // What a decision costs in process: make bench-decisions.
        .executableTarget(
            name: "DecisionBench", dependencies: ["Vocabulary", "Planning", "Secrets", nioCore],
            path: "Benchmarks/decisions", exclude: ["evaluate.py"], swiftSettings: strict),

        // Counts allocations in test executables.
        .target(name: "CAllocations", path: "Tests/CAllocations", cSettings: strictC),
        .testTarget(name: "HouseTests", swiftSettings: strict),
        .testTarget(name: "VocabularyTests", dependencies: ["Vocabulary"], swiftSettings: strict),
        .testTarget(name: "MeteringTests", dependencies: ["Metering", "Vocabulary"], swiftSettings: strict),
        .testTarget(
            name: "SecretsTests",
            dependencies: [
                "Secrets", "Vocabulary", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WireTests", dependencies: ["CBytes", "Wire", "Vocabulary", "CResources", nioCore],
            swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["Wire", "Vocabulary", nioCore], path: "Tests/Fuzz",
            exclude: ["Crashes"], swiftSettings: strict),
        .testTarget(
            name: "AuditEngineTests", dependencies: ["AuditEngine", "Metering", "Vocabulary"], swiftSettings: strict),
        .testTarget(
            name: "PlanningTests", dependencies: ["Planning", "Metering", "Wire", "Secrets", "Vocabulary", nioCore],
            swiftSettings: strict),
        .testTarget(
            name: "RelayTests",
            dependencies: [
                "CBytes", "Relay", "Wire", "Planning", "Metering", "Vocabulary", "Secrets", "CAllocations", nioCore,
                nioPosix,
                nioEmbedded,
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PolicyTests",
            dependencies: ["Policy", "Records", "Vocabulary", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "RecordsTests",
            dependencies: [
                "Records", "Secrets", "Vocabulary", "CAllocations", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AccountsTests",
            dependencies: [
                "Accounts", "Records", "Secrets", "Policy", "Vocabulary", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Console", "Accounts", "Records", "Secrets", "Policy", "Vocabulary",
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "tacetTests",
            dependencies: [
                "tacet", "Vocabulary", "Planning", "Policy", "Secrets", "Sandbox", "Console",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
