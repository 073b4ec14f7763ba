import ArgumentParser
import Foundation
import Vocabulary

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and revoke gateway keys.",
        discussion: """
            Example:
              tacet keys create --name my-app --budget 20 --period month --rpm 60
              tacet keys list
              tacet keys set my-app --compression lossless --router shadow
              tacet keys revoke my-app
            """,
        subcommands: [Create.self, List.self, Set.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key. It is shown once; only an HMAC of it is kept.",
            discussion: """
                Example:
                  export TACET_KEY=$(tacet keys create --name my-app --budget 20)

                The key alone goes to standard output, the rest to standard error.
                """)

        @Option(help: "Your word for the key: 1 to 64 characters, none used by another live key.")
        var name: String
        @Option(help: "The most it may spend in a period, in USD, such as 20 or 0.50.")
        var budget: Dollars?
        @Option(help: "The budget's period: day, week, month, or ever, which is without it.")
        var period: String?
        @Option(help: "What happens at the budget: block, alert or downgrade; without it: block.")
        var at: String?
        @Option(help: "With --at downgrade: the alias that serves from then on.")
        var to: String?
        @Option(help: "Requests per minute.")
        var rpm: Int?
        @Option(help: "Tokens per minute.")
        var tpm: Int?
        @Option(help: "Requests at the same time.")
        var inFlight: Int?
        @Option(help: "Only these models or aliases, commas between; `*` at the end for any rest: gpt-5*,fast")
        var models: String?
        @Option(help: "Only these paths, commas between: /v1/chat/completions,/v1/models")
        var endpoints: String?
        @Option(help: "Only from these networks, commas between: 10.0.0.0/8,2001:db8::/32")
        var networks: String?
        @Option(help: "When it ends: 720h from now, or a date such as 2027-01-01.")
        var expires: ExpiryOption?
        @OptionGroup var whose: RightsCommand.OrganisationOption
        @Option(help: "The number of the member whose key it is.")
        var member: UInt64?
        @OptionGroup var decisions: DecisionOptions
        @Flag(help: "A test key: it reaches only the sandbox and never charges.")
        var test = false
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            for (name, value) in [("--rpm", rpm), ("--tpm", tpm), ("--in-flight", inFlight)] {
                if let value, value < 1 {
                    throw ValidationError("\(name) is \(value); allowed: a whole number from 1.")
                }
            }
        }

        func run() async throws {
            let lines = try await place.ask(
                .createKey(
                    name: name,
                    terms: KeyTermsLine(
                        budget: budget?.amount.value, period: period, at: at, substitute: to,
                        requestsPerMinute: rpm.map(Int64.init), tokensPerMinute: tpm.map(Int64.init),
                        inFlight: inFlight.map(Int64.init), models: models, endpoints: endpoints, networks: networks,
                        organisation: whose.organisation, member: member, decisions: decisions.words,
                        expiresAt: expires?.microseconds), isTest: test))
            let key = try JSONLine.all(KeyLine.self, in: lines).first
            output.show(lines) { (key?.key ?? "") + "\n" }
            if !output.json, let key {
                Terminal.error("\(key.id) `\(key.name)`. This key is not shown again; only an HMAC of it is kept.\n")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all keys, revoked ones included.",
            discussion: """
                Example:
                  tacet keys list --json
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.listKeys)
            let keys = try JSONLine.all(KeyLine.self, in: lines)
            output.show(lines) {
                guard !keys.isEmpty else { return "No keys yet. Make one: tacet keys create --name my-app\n" }
                var table = TextTable("ID", "NAME", "KEY", "SPENT", "BUDGET", "RPM", "CREATED", "STATE")
                for key in keys {
                    table.add(
                        key.id, key.name, key.prefix, "$" + Quantities.text(NanoUSD(key.spent_nano_usd)),
                        key.budget_nano_usd.map { "$" + Quantities.text(NanoUSD($0)) } ?? "–",
                        key.requests_per_minute.map(String.init) ?? "–", key.created_at,
                        key.revoked_at == nil ? "live" : "revoked")
                }
                return table.text
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what a key decides of its requests; a running server follows at once.",
            discussion: """
                What a request's own header says comes before, what model and configuration say after.

                Example:
                  tacet keys set my-app --compression lossless --cache on
                  tacet keys set my-app --compression default
                """)

        @Argument(help: "The key's id or name.")
        var key: String
        @OptionGroup var decisions: DecisionOptions
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            if decisions.words == nil {
                throw ValidationError("Name what to change: --compression, --router, --cache or --prompt-cache.")
            }
        }

        func run() async throws {
            guard let words = decisions.words else { return }
            let lines = try await place.ask(.setKey(key, decisions: words))
            let changed = try JSONLine.all(KeyLine.self, in: lines).first
            output.show(lines) { "Changed \(changed?.id ?? "") `\(changed?.name ?? "")`.\n" }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a key: a running server refuses it within a second.",
            discussion: """
                Example:
                  tacet keys revoke my-app
                  tacet keys revoke key_0a1b2c3d4e5f6
                """)

        @Argument(help: "The key's id or name.")
        var key: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.revokeKey(key))
            let revoked = try JSONLine.all(KeyLine.self, in: lines).first
            output.show(lines) { "Revoked \(revoked?.id ?? "") `\(revoked?.name ?? "")`.\n" }
        }
    }
}

/// What a key decides of its requests.
struct DecisionOptions: ParsableArguments {
    @Option(help: "How much tools' answers are shortened: off, lossless, balanced, strong, or default.")
    var compression: String?
    @Option(help: "How far the router acts: off, shadow, advise, autopilot, or default.")
    var router: String?
    @Option(
        help:
            "Whose answers are kept: off, auto (at temperature 0), on, similar (questions that mean the same), or default."
    )
    var cache: String?
    @Option(help: "Where cache_control is placed: carry (where the client did), auto, or default.")
    var promptCache: String?

    /// `nil` when none is named.
    var words: DecisionWords? {
        let words = DecisionWords(
            compression: compression, router: router, cache: cache, breakpoints: promptCache)
        return words.isEmpty ? nil : words
    }
}

/// US dollars, exact.
struct Dollars: ExpressibleByArgument {
    var amount: NanoUSD

    init?(argument: String) {
        guard let amount = Quantities.dollars(argument.hasPrefix("$") ? argument.dropFirst() : argument[...]) else {
            return nil
        }
        self.amount = amount
    }
}
