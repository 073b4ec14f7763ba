import Foundation

/// The repository these tests read: sources, tests and documents.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func read(_ path: String) -> String {
        let data = FileManager.default.contents(atPath: root.appending(path: path).path()) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    /// Swift files and templates of a folder, by their path from the root.
    static func sources(under folder: String) -> [(path: String, text: String)] {
        let base = root.appending(path: folder).path()
        let found = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return found.filter { name in
            [".swift", ".mustache", ".css", ".html", ".js"].contains { name.hasSuffix($0) }
        }.sorted().map { ("\(folder)/\($0)", read("\(folder)/\($0)")) }
    }

    /// A line without its comment.
    static func code(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in line.range(of: "//").map { String(line[..<$0.lowerBound]) } ?? String(line) }
            .joined(separator: "\n")
    }
}

/// A folder that goes when the value does.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("tacet-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
