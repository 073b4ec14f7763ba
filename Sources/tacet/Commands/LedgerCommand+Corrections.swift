import ArgumentParser
import Foundation
import Vocabulary

/// What happens to a payment after it was credited. Processors of a later round post the same by themselves.
extension LedgerCommand {
    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Book a payment, or a part of it, that went back to who paid.",
            discussion: """
                Example:
                  tacet ledger refund --of inv-2026-001 --amount 5 --key refund-7

                It leaves the wallet, whether it was spent or not: what is missing is debt, and the next payment repays it
                first. The same command again changes nothing.
                """)

        @Option(help: "The business key of the payment.")
        var of: String
        @OptionGroup var posting: Posting

        func run() async throws { try await posting.post("refund", of: of) }
    }

    struct Dispute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Book a payment that the payer's bank took back, and what it decided.",
            discussion: """
                Example:
                  tacet ledger dispute open --of inv-2026-001 --amount 20 --key dp-3
                  tacet ledger dispute won dp-3
                """, subcommands: [Open.self, Won.self, Lost.self])

        struct Open: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Take the amount out of the wallet until the bank decides.",
                discussion: """
                    Example:
                      tacet ledger dispute open --of inv-2026-001 --amount 20 --key dp-3
                    """)

            @Option(help: "The business key of the payment.")
            var of: String
            @OptionGroup var posting: Posting

            func run() async throws { try await posting.post("dispute", of: of) }
        }

        struct Won: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "The bank gave it back: so does the ledger.",
                discussion: """
                    Example:
                      tacet ledger dispute won dp-3
                    """)

            @OptionGroup var decision: Decision

            func run() async throws { try await decision.post("dispute-won") }
        }

        struct Lost: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "The bank kept it.",
                discussion: """
                    Example:
                      tacet ledger dispute lost dp-3
                    """)

            @OptionGroup var decision: Decision

            func run() async throws { try await decision.post("dispute-lost") }
        }
    }

    struct WriteOff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forgive debt of a wallet below zero.",
            discussion: """
                Example:
                  tacet ledger write-off --amount 3 --key wo-1
                """)

        @Option(help: "The organisation's number.")
        var organisation: UInt64 = OrganisationID.home.value
        @OptionGroup var posting: Posting

        func run() async throws { try await posting.post("write-off", organisation: organisation) }
    }

    /// An amount under a business key of its own.
    struct Posting: ParsableArguments {
        @Option(help: "US dollars, such as 20 or 0.50; up to nine decimals.")
        var amount: Dollars
        @Option(help: "What names this event: 1 to 96 of A-Z a-z 0-9 . _ : / @ + -")
        var key: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            if amount.amount <= .zero { throw ValidationError("--amount is 0; allowed: more than 0.") }
        }

        func post(
            _ kind: String, of payment: String? = nil, organisation: UInt64 = OrganisationID.home.value
        ) async throws {
            let lines = try await place.ask(
                .correct(
                    kind: kind, of: payment, organisation: organisation, amount: amount.amount.value, key: key))
            try LedgerCommand.show(lines, output)
        }
    }

    /// What a bank decided on a dispute.
    struct Decision: ParsableArguments {
        @Argument(help: "The business key of the dispute.")
        var key: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func post(_ kind: String) async throws {
            let lines = try await place.ask(
                .correct(kind: kind, of: nil, organisation: OrganisationID.home.value, amount: 0, key: key))
            try LedgerCommand.show(lines, output)
        }
    }

    static func show(_ lines: [[UInt8]], _ output: JSONOption) throws {
        let line = try JSONLine.first(CorrectionLine.self, in: lines)
        output.show(lines) {
            let wallet = line.wallet.map { " \($0.account) has \(text($0.balance_nano_usd))." } ?? ""
            return (line.result == "created" ? "Booked under `\(line.key)`." : "`\(line.key)` was booked before.")
                + wallet
                + "\n"
        }
    }
}
