import ArgumentParser
import Foundation
import Vocabulary

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Credit organisations, see accounts, prove that the money adds up.",
        discussion: """
            Every amount goes from one account to another, is recorded once and never changed. Amounts are exact to the
            nano-dollar.

            Example:
              tacet ledger grant --amount 20 --key inv-2026-001
              tacet ledger balance
              tacet ledger statement wallet:1
              tacet ledger check
            """,
        subcommands: [
            Grant.self, Refund.self, Dispute.self, WriteOff.self, Balance.self, Statement.self, Check.self,
        ])

    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Credit an organisation for a payment.",
            discussion: """
                Example:
                  tacet ledger grant --amount 20 --key inv-2026-001

                The key names the payment: an invoice or transaction number. The same command again credits nothing more
                and succeeds, so it may be repeated without fear; the same key with another amount is refused.
                """)

        @Option(help: "US dollars, such as 20 or 0.50; up to nine decimals.")
        var amount: Dollars
        @Option(help: "What names the payment: 1 to 96 of A-Z a-z 0-9 . _ : / @ + -")
        var key: String
        @Option(help: "A number of your own kept with it, such as a ticket's. It cannot be changed later.")
        var noteID: UInt64 = 0
        @Option(help: "The organisation's number.")
        var organisation: UInt64 = OrganisationID.home.value
        @Option(help: "Promotional credit, which nobody paid for, until then: a time from now such as 720h, or a date.")
        var promotionalUntil: ExpiryOption?
        @Option(help: "Of promotional credit: what has a low number burns first.")
        var priority: UInt8 = 0
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            if amount.amount <= .zero { throw ValidationError("--amount is 0; allowed: more than 0.") }
            if promotionalUntil != nil, noteID != 0 {
                throw ValidationError("Promotional credit has no --note-id; give one of the two.")
            }
        }

        func run() async throws {
            let nano = amount.amount.value
            let lines = try await place.ask(
                promotionalUntil.map {
                    .promote(
                        amount: nano, organisation: organisation, key: key, priority: priority,
                        expiresAt: $0.microseconds)
                } ?? .grant(amount: nano, organisation: organisation, key: key, note: noteID))
            let line = try JSONLine.first(GrantLine.self, in: lines)
            output.show(lines) {
                let wallet = line.wallet.map { " \($0.account) has \(LedgerCommand.text($0.balance_nano_usd))." } ?? ""
                let what = LedgerCommand.text(line.amount_nano_usd)
                return line.result == "created"
                    ? "Granted \(what) under `\(key)`.\(wallet)\n"
                    : "`\(key)` was granted before; nothing changed.\(wallet)\n"
            }
        }
    }

    struct Balance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every account: balance, what holds set aside, what is available.",
            discussion: """
                Example:
                  tacet ledger balance --json

                A wallet's balance is what the organisation has. An account of the house is below zero where it is an
                asset or a cost, so that all balances sum to zero.
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.ledgerBalance)
            let accounts = try JSONLine.all(AccountLine.self, in: lines)
            output.show(lines) {
                guard !accounts.isEmpty else {
                    return "No accounts yet. Credit one: tacet ledger grant --amount 20 --key inv-2026-001\n"
                }
                var table = TextTable("ACCOUNT", "BALANCE", "HELD", "AVAILABLE", "EXPIRES")
                for account in accounts {
                    table.add(
                        account.account, LedgerCommand.text(account.balance_nano_usd),
                        LedgerCommand.text(account.held_nano_usd),
                        account.available_nano_usd.map(LedgerCommand.text) ?? "–", account.expires_at ?? "–")
                }
                return table.text
            }
        }
    }

    struct Statement: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an account's transfers, newest first, with the balance after each.",
            discussion: """
                Example:
                  tacet ledger statement
                  tacet ledger statement clearing:0 --limit 20 --json
                """)

        @Argument(help: "The account, as `ledger balance` names it.")
        var account = "wallet:1"
        @OptionGroup var most: LimitOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.ledgerStatement(account: account, limit: most.limit))
            let transfers = try JSONLine.all(StatementText.self, in: lines)
            output.show(lines) {
                var table = TextTable("AT", "WHAT", "KIND", "AMOUNT", "CHANGE", "BALANCE", "WITH", "ID")
                for line in transfers {
                    table.add(
                        line.at, line.code, line.kind, LedgerCommand.text(line.amount_nano_usd),
                        LedgerCommand.text(line.change_nano_usd), LedgerCommand.text(line.balance_nano_usd),
                        line.counterpart, line.id ?? "–")
                }
                return table.text
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove every invariant of the ledger; say what was looked at. Exit code 1 when one fails.",
            discussion: """
                Example:
                  tacet ledger check
                  tacet ledger check --json | jq .invariants

                It walks all transfers in order, computes every sum anew and trusts none that is stored. It changes
                nothing, and serving goes on.
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.ledgerCheck)
            let check = try JSONLine.first(CheckLine.self, in: lines)
            output.show(lines) {
                var table = TextTable("INVARIANT", "LOOKED AT", "FAILED")
                for invariant in check.invariants {
                    table.add(invariant.name, String(invariant.looked_at), String(invariant.failed))
                }
                var out = check.sound ? "Sound. " : "Not sound. "
                out += "\(check.transfers) transfers, \(check.accounts) accounts, \(check.open_holds) open holds.\n"
                out += table.text
                for invariant in check.invariants {
                    for id in invariant.ids { out += "  \(invariant.name): \(id)\n" }
                }
                return out
            }
            if !check.sound { throw ExitCode(1) }
        }
    }

    /// `$1.50`, `-$0.25`.
    static func text(_ amount: Int64) -> String {
        let text = Quantities.text(NanoUSD(amount))
        return text.hasPrefix("-") ? "-$" + text.dropFirst() : "$" + text
    }
}
