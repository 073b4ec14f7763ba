import ArgumentParser
import Foundation
import Vocabulary

struct BudgetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budgets",
        abstract: "Bound what keys, members, organisations and providers spend, and how fast.",
        discussion: """
            An owner is organisation, installation, provider/NAME, member/NUMBER, key/NAME or key/ID.

            Example:
              tacet budgets set organisation --amount 500 --period month
              tacet budgets set key/my-app --amount 5 --period day --at downgrade --to fast
              tacet budgets limit organisation --rpm 600 --tpm 2000000
              tacet budgets list
            """,
        subcommands: [List.self, Set.self, Limit.self, Remove.self])

    static func show(_ lines: [[UInt8]], _ output: JSONOption) throws {
        let budgets = try JSONLine.all(BudgetLine.self, in: lines)
        output.show(lines) {
            guard !budgets.isEmpty else {
                return "No budgets yet. Set one: tacet budgets set organisation --amount 500 --period month\n"
            }
            var table = TextTable("OWNER", "PERIOD", "LIMIT", "SPENT", "AT", "RESETS", "RPM", "TPM", "IN FLIGHT")
            func money(_ amount: Int64?) -> String { amount.map(LedgerCommand.text) ?? "–" }
            func count(_ value: Int64?) -> String { value.map(String.init) ?? "–" }
            for line in budgets {
                table.add(
                    line.owner, line.period ?? "–", money(line.limit_nano_usd), money(line.spent_nano_usd),
                    (line.at ?? "–") + (line.to.map { " " + $0 } ?? ""), line.resets_at ?? "–",
                    count(line.requests_per_minute), count(line.tokens_per_minute), count(line.in_flight))
            }
            return table.text
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List budgets and rates with what was spent; those of tacet.yaml stand there.",
            discussion: """
                Example:
                  tacet budgets list --json
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws { try BudgetsCommand.show(try await place.ask(.listBudgets), output) }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the budget of an owner for a period; a running server obeys it within a second.",
            discussion: """
                Example:
                  tacet budgets set organisation --amount 500 --period month
                """)

        @Argument(help: "organisation, installation, provider/NAME, member/NUMBER, key/NAME or key/ID.")
        var owner: String
        @Option(help: "US dollars, such as 20 or 0.50.")
        var amount: Dollars
        @Option(help: "day, week, month or ever; days and months in UTC, weeks from Monday.")
        var period = "month"
        @Option(help: "What happens at it: block, alert or downgrade.")
        var at = "block"
        @Option(help: "With --at downgrade: the alias that serves from then on.")
        var to: String?
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            try BudgetsCommand.show(
                try await place.ask(
                    .setBudget(owner: owner, period: period, amount: amount.amount.value, at: at, substitute: to)),
                output)
        }
    }

    struct Limit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the rates of an owner; what is not named has no limit from then on.",
            discussion: """
                Example:
                  tacet budgets limit key/my-app --rpm 60 --tpm 100000 --in-flight 4
                """)

        @Argument(help: "organisation, installation, provider/NAME, member/NUMBER, key/NAME or key/ID.")
        var owner: String
        @Option(help: "Requests per minute.")
        var rpm: Int64?
        @Option(help: "Tokens per minute.")
        var tpm: Int64?
        @Option(help: "Requests at the same time.")
        var inFlight: Int64?
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            for (name, value) in [("--rpm", rpm), ("--tpm", tpm), ("--in-flight", inFlight)] {
                if let value, value < 0 {
                    throw ValidationError("\(name) is \(value); allowed: a whole number from 0.")
                }
            }
        }

        func run() async throws {
            try BudgetsCommand.show(
                try await place.ask(
                    .setLimits(owner: owner, requestsPerMinute: rpm, tokensPerMinute: tpm, inFlight: inFlight)), output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove the budget of an owner for a period.",
            discussion: """
                Example:
                  tacet budgets remove organisation --period month
                """)

        @Argument(help: "organisation, installation, provider/NAME, member/NUMBER, key/NAME or key/ID.")
        var owner: String
        @Option(help: "day, week, month or ever.")
        var period: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            try BudgetsCommand.show(try await place.ask(.removeBudget(owner: owner, period: period)), output)
        }
    }
}
