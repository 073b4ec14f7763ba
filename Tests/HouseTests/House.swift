import Foundation

/// The repository as the house tests read it: sources, import lines and the manifest's edges.
enum House {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// One Swift file of a room.
    struct Source: Sendable {
        var room: String
        /// From the repository's root.
        var path: String
        var text: String

        /// Code alone: comments and the insides of string literals are blanked, lines stay where they are.
        var code: String
        var imports: [String] { Code.imports(code) }
    }

    static let sources: [Source] = files(under: "Sources", ending: ".swift").map { path in
        let room = path.split(separator: "/")[1]
        let text = read(path)
        // Every rule reads it: stripped once.
        return Source(room: String(room), path: path, text: text, code: Code.stripped(text))
    }

    static var rooms: [String] { Set(sources.map(\.room)).sorted() }

    static func sources(of rooms: some Collection<String>) -> [Source] { sources.filter { rooms.contains($0.room) } }

    static func read(_ path: String) -> String {
        let data = FileManager.default.contents(atPath: root.appending(path: path).path()) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    /// Paths from the root, sorted; build products and hidden folders left out.
    static func files(under folder: String, ending: String) -> [String] {
        let base = root.appending(path: folder).path()
        let found = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(ending) && !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
            .map { "\(folder)/\($0)" }.sorted()
    }

    // MARK: The manifest

    struct Manifest: Decodable {
        var targets: [Target]

        struct Target: Decodable {
            var name: String
            var type: String
            var dependencies: [Dependency]
        }

        /// `{"byName": ["Wire", null]}`, `{"product": ["NIOCore", "swift-nio", …]}` or `{"target": […]}`.
        struct Dependency: Decodable {
            var name: String

            init(from decoder: any Decoder) throws {
                let kinds = try decoder.singleValueContainer().decode([String: [Part?]].self)
                name = kinds.values.first?.first??.text ?? ""
            }
        }

        struct Part: Decodable {
            var text: String?
            init(from decoder: any Decoder) throws {
                text = try? decoder.singleValueContainer().decode(String.self)
            }
        }
    }

    /// Asks SwiftPM in a scratch path of its own: the usual one is locked while tests run.
    static func manifest() throws -> Manifest {
        let scratch = URL.temporaryDirectory.appending(path: "tacet-house-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let answer = try Tool.run(
            "swift", ["package", "--package-path", root.path(), "--scratch-path", scratch.path(), "dump-package"])
        guard answer.code == 0 else { throw Failed(what: answer.text) }
        let start = answer.output.firstIndex(of: UInt8(ascii: "{")) ?? answer.output.startIndex
        return try JSONDecoder().decode(Manifest.self, from: answer.output[start...])
    }

    struct Failed: Error, CustomStringConvertible {
        var what: String
        var description: String { what }
    }
}

/// A program of the toolchain.
enum Tool {
    struct Answer {
        var code: Int32
        var output: Data
        var errors: String
        var text: String { String(decoding: output, as: UTF8.self) + errors }
    }

    static func run(_ name: String, _ arguments: [String]) throws -> Answer {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let errors = URL.temporaryDirectory.appending(path: "tacet-house-\(UUID().uuidString)")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Answer(
            code: process.terminationStatus, output: data,
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}
