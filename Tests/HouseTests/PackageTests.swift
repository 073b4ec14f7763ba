import Foundation
import Testing

/// AU-33: a package that nobody looked at is not built in.
@Suite struct PackageTests {
    /// What each is for; those below are brought by others.
    private static let known: Set<String> = [
        // Declared: sockets, HTTP/2, TLS, cryptography, SQLite, the console and its templates, command line, YAML, logs.
        "swift-nio", "swift-nio-http2", "swift-nio-ssl", "swift-crypto", "grdb.swift", "hummingbird", "swift-mustache",
        "swift-argument-parser", "yams", "swift-log", "swift-service-lifecycle", "swift-http-types",
        // Brought by NIO, Hummingbird and swift-crypto.
        "async-http-client", "swift-algorithms", "swift-asn1", "swift-async-algorithms", "swift-atomics",
        "swift-certificates", "swift-collections", "swift-configuration", "swift-distributed-tracing", "swift-metrics",
        "swift-nio-extras", "swift-nio-transport-services", "swift-numerics", "swift-service-context",
        "swift-http-structured-headers", "swift-system",
    ]

    private struct Resolved: Decodable {
        struct Pin: Decodable {
            struct State: Decodable { var version: String? }

            var identity: String
            var state: State
        }

        var pins: [Pin]
    }

    @Test func everyPackageWasLookedAt() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Package.resolved"))
        let pins = try JSONDecoder().decode(Resolved.self, from: data).pins
        #expect(pins.count > 10)
        for pin in pins {
            #expect(Self.known.contains(pin.identity), "\(pin.identity) is not on the list")
            #expect(pin.state.version != nil, "\(pin.identity) is not at a released version")
        }
        let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        let declared = manifest.matches(of: /\.package\(url: "[^"]*\/([^"\/]+)"/).map {
            String($0.output.1).lowercased()
        }
        #expect(declared.count > 8)
        for name in declared { #expect(pins.contains { $0.identity == name }, "\(name) is declared and not resolved") }
    }
}
