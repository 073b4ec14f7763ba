import ArgumentParser
import Foundation
import Vocabulary

extension RouterCommand {
    struct Proposals: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what the router proposes: which kind of request would be cheaper elsewhere.",
            discussion: """
                Saved is what was seen so far, a month what thirty days like those would save. Loss is the share of quality that the
                classifier expects to lose.

                Example:
                  tacet router proposals
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.listProposals)
            let proposals = try JSONLine.all(ProposalLine.self, in: lines)
            output.show(lines) {
                if proposals.isEmpty {
                    return "No proposals yet: keys and models with router: shadow or advise collect them.\n"
                }
                var table = TextTable(
                    "ID", "CATEGORY", "FROM", "TO", "REQUESTS", "SAVED", "A MONTH", "LOSS", "APPROVED")
                for line in proposals {
                    table.add(
                        "\(line.id)", line.category, line.from ?? "–", line.to ?? "–", "\(line.requests)",
                        "$" + Quantities.text(NanoUSD(line.saved_nano_usd)),
                        "$" + Quantities.text(NanoUSD(line.saved_monthly_nano_usd)), "\(line.loss_percent) %",
                        line.approved_at ?? "no")
                }
                return table.text
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve a proposal: requests in the mode `advise` follow it within seconds.",
            discussion: """
                Example:
                  tacet router approve 3
                  tacet router approve 3 --withdraw
                """)

        @Argument(help: "The proposal's number.")
        var id: Int64
        @Flag(help: "Take the approval back.")
        var withdraw = false
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.approveProposal(id: id, isApproved: !withdraw))
            output.show(lines) { withdraw ? "Withdrawn.\n" : "Approved.\n" }
        }
    }

    struct Trial: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how routed and compressed requests turned out beside those of the control arm.",
            discussion: """
                Outcomes come by POST /v1/receipts/{id}/good and …/bad with the key of the request. Routing, and compression with
                loss, stop by themselves when they are shown to do harm; --restart begins anew.

                Example:
                  tacet router trial
                  tacet router trial --restart
                """)

        @Flag(help: "Forget the outcomes so far, and route again where it had stopped.")
        var restart = false
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            if restart {
                let lines = try await place.ask(.restartTrial)
                return output.show(lines) { "Begun anew.\n" }
            }
            let lines = try await place.ask(.listTrials)
            let trials = try JSONLine.all(TrialLine.self, in: lines)
            output.show(lines) {
                if trials.isEmpty { return "No outcomes yet.\n" }
                var table = TextTable("ORGANISATION", "TRIAL", "CHANGED", "GOOD", "CONTROL", "GOOD", "SAVED", "VERDICT")
                for line in trials {
                    table.add(
                        "\(line.organisation)", line.kind, "\(line.routed)", "\(line.routed_good)", "\(line.control)",
                        "\(line.control_good)", "$" + Quantities.text(NanoUSD(line.realised_savings_nano_usd)),
                        line.verdict)
                }
                return table.text
            }
        }
    }
}
