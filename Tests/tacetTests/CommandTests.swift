import ArgumentParser
import Testing
import Vocabulary

@testable import tacet

struct CommandTests {
    /// Every command below one, with the words that call it.
    private func commands(
        below type: any ParsableCommand.Type, path: [String]
    ) -> [(path: String, type: any ParsableCommand.Type)] {
        [(path.joined(separator: " "), type)]
            + type.configuration.subcommands.flatMap { next in
                commands(below: next, path: path + [next._commandName])
            }
    }

    @Test func everyCommandTeachesByExample() {
        let all = commands(below: Tacet.self, path: ["tacet"])
        #expect(all.count > 24)
        for (path, type) in all {
            let help = Tacet.helpMessage(for: type, columns: 100)
            #expect(help.contains("OVERVIEW: "), "\(path)")
            #expect(help.split(separator: "USAGE:")[0].contains(path), "\(path) has no example of itself")
            #expect(path == "tacet" || help.contains("Example:"), "\(path)")
        }
    }

    @Test(arguments: [
        ["nope"], ["keys", "create"], ["keys", "create", "--name", "a", "--budget", "1e3"],
        ["keys", "create", "--name", "a", "--budget", "-1"], ["keys", "create", "--name", "a", "--rpm", "0"],
        ["keys", "revoke"], ["receipts", "list", "--limit", "0"], ["receipts", "list", "--since", "yesterday"],
        ["receipts", "show"], ["receipts", "verify", "--key", "00"], ["prices", "show"], ["serve", "--nope"],
    ])
    func usageMistakesAreRefused(arguments: [String]) {
        do {
            _ = try Tacet.parseAsRoot(arguments)
            Issue.record("accepted: \(arguments)")
        } catch {
            #expect(Tacet.exitCode(for: error) == .validationFailure)
            #expect(!Tacet.fullMessage(for: error).isEmpty)
        }
    }

    @Test func aKeyIsAskedForExactly() throws {
        let arguments = ["keys", "create", "--name", "a b", "--budget", "0.10", "--rpm", "5", "--test", "--json"]
        let command = try #require(try Tacet.parseAsRoot(arguments) as? KeysCommand.Create)
        #expect(command.name == "a b")
        #expect(command.budget?.amount.value == 100_000_000)
        #expect(command.rpm == 5)
        #expect(command.test)
        #expect(command.output.json)
    }

    @Test(arguments: ["24h", "2026-11-21", "2026-11-21T14:00:00Z"])
    func timesAreTaken(text: String) { #expect(TimeOption(argument: text) != nil) }

    @Test func aDayBeginsAtMidnightUTC() {
        #expect(TimeOption(argument: "1970-01-02")?.microseconds == 86_400_000_000)
    }

    @Test func aTableAlignsItsColumns() {
        var table = TextTable("A", "BB", "C")
        table.add("long", "–", "")
        #expect(table.text == "A     BB  C\nlong  –\n")
    }
}
