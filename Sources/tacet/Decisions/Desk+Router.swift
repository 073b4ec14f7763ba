import Accounts
import Planning
import Records
import Vocabulary

/// A proposal of the router as the command line shows it.
struct ProposalLine: Codable {
    var id: Int64
    var organisation: UInt64
    var category: String
    var from: String?
    var to: String?
    var requests: Int64
    var saved_nano_usd: Int64
    var saved_monthly_nano_usd: Int64
    var loss_percent: Double
    var approved_at: String?

    init(_ proposal: RouteProposal) {
        id = proposal.id
        organisation = proposal.organisation.value
        category = "\(proposal.move.category.name)"
        from = proposal.fromModel
        to = proposal.toModel
        requests = proposal.requests
        saved_nano_usd = proposal.saved.value
        saved_monthly_nano_usd = proposal.savedMonthly.value
        loss_percent = Double(proposal.lossShare) / 10
        approved_at = proposal.approvedAt?.text
    }
}

/// Both arms of an organisation's trial.
struct TrialLine: Codable {
    var organisation: UInt64
    /// `routing` or `compression`.
    var kind: String
    var routed: Int64
    var routed_good: Int64
    var control: Int64
    var control_good: Int64
    var realised_savings_nano_usd: Int64
    /// `open`, `not_inferior` or `stopped`.
    var verdict: String

    init(_ row: RouteTrialRow) {
        let trial = row.trial
        organisation = row.organisation.value
        kind = "\(row.kind.name)"
        routed = row.routed.count
        routed_good = row.routed.good
        control = row.control.count
        control_good = row.control.good
        realised_savings_nano_usd = trial.realisedSavings.value
        verdict =
            switch trial.verdict {
            case .open: "open"
            case .notInferior: "not_inferior"
            case .stop: "stopped"
            }
    }
}

/// How often a key's requests lost the provider's prompt cache by what they themselves changed.
struct PrefixBreakLine: Codable, Equatable {
    var key: String
    var name: String?
    var moved: String
    var requests: Int64
    var latest_at: String
}

extension Desk {
    func listPrefixBreaks() throws(StorageFault) -> DeskReply {
        try writeDecisions()
        let names = Dictionary(try keys.list().map { ($0.id, $0.name) }) { first, _ in first }
        return DeskReply(
            lines: try decisions.prefixBreaks().map { count in
                JSONLine.of(
                    PrefixBreakLine(
                        key: count.key.text, name: names[count.key], moved: "\(count.what.name)",
                        requests: count.requests, latest_at: count.latestAt.text))
            })
    }

    func listProposals() throws(StorageFault) -> DeskReply {
        try writeDecisions()
        return DeskReply(lines: try decisions.proposals().map { JSONLine.of(ProposalLine($0)) })
    }

    func approveProposal(_ id: Int64, _ isApproved: Bool) throws(StorageFault) -> DeskReply {
        guard try decisions.approve(id, isApproved, at: .now) else {
            return .failed("There is no proposal of this number. `tacet router proposals` lists them.")
        }
        try writeDecisions()
        let line = try decisions.proposals().first { $0.id == id }.map { JSONLine.of(ProposalLine($0)) }
        return DeskReply(lines: line.map { [$0] } ?? [])
    }

    func listTrials() throws(StorageFault) -> DeskReply {
        try writeDecisions()
        return DeskReply(lines: try decisions.trials().map { JSONLine.of(TrialLine($0)) })
    }

    func restartTrial() throws(StorageFault) -> DeskReply {
        guard try decisions.restartTrials(of: .home) else {
            return .failed("There is no trial: no outcome was told yet.")
        }
        try writeDecisions()
        return DeskReply()
    }
}
