import Foundation
import Secrets
import Testing
import Vocabulary

@testable import Accounts

/// A file of digests, searched where it lies.
@Suite struct LeakedPasswordsTests {
    private func file(_ lines: [String], end: String) throws -> (TemporaryFolder, String) {
        let folder = try TemporaryFolder()
        let path = folder.path + "/leaked"
        try Data((lines.joined(separator: end) + end).utf8).write(to: URL(fileURLWithPath: path))
        return (folder, path)
    }

    /// Every one of a list is found and none beside it, however long the lines are.
    @Test(arguments: [1, 2, 3, 7, 100, 1000], ["\n", "\r\n"]) func leakedPasswordsAreFound(
        _ count: Int, _ end: String
    ) throws {
        let words = (0..<count).map { "leaked \($0)" }
        let lines = words.enumerated().map { index, word in
            let digest = String(decoding: leakDigest(of: word), as: UTF8.self)
            return (index % 3 == 0 ? digest.lowercased() : digest) + (index % 2 == 0 ? ":\(index * 7919)" : "")
        }.sorted { $0.uppercased() < $1.uppercased() }
        let (folder, path) = try file(lines, end: end)
        let leaked = try #require(LeakedPasswords(path: path))
        for word in words { #expect(leaked.contains(word) == true, "\(word) of \(count)") }
        for index in 0..<200 { #expect(leaked.contains("other \(index)") == false) }
        withExtendedLifetime(folder) {}
    }

    @Test func theLastLineNeedsNoEnd() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/leaked"
        try Data(leakDigest(of: "one")).write(to: URL(fileURLWithPath: path))
        #expect(LeakedPasswords(path: path) == nil, "a digest alone may be anything")
        try Data(leakDigest(of: "one") + Array(":1".utf8)).write(to: URL(fileURLWithPath: path))
        #expect(LeakedPasswords(path: path)?.contains("one") == true)
    }

    @Test(arguments: ["", "\n", "password\nletmein\n", String(repeating: "x", count: 5000)])
    func whatHoldsNoDigestsIsNoSuchFile(_ text: String) throws {
        let (folder, path) = try file([text], end: "")
        #expect(LeakedPasswords(path: path) == nil)
        #expect(LeakedPasswords(path: folder.path + "/nothing") == nil)
    }

    @Test func aFileThatIsGoneRefusesEveryPassword() async throws {
        let (folder, path) = try file(
            [String(decoding: leakDigest(of: "correct mule battery staple"), as: UTF8.self)], end: "\n")
        let leaked = try #require(LeakedPasswords(path: path))
        let home = try PeopleTests.Home(AccountTerms(fields: .named, leaked: leaked))
        let account = try await home.setUp()
        await #expect(throws: PeopleRefusal.badPassword(.leaked)) {
            try await home.people.setPassword("correct mule battery staple", of: account)
        }
        try await home.people.setPassword("another mule battery staple", of: account)
        try FileManager.default.removeItem(atPath: path)
        await #expect(throws: PeopleRefusal.failed) {
            try await home.people.setPassword("yet another mule and staple", of: account)
        }
        withExtendedLifetime(folder) {}
    }
}
