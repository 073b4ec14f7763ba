import Testing
import Vocabulary

@testable import Records

@Suite struct DecisionStoreTests {
    private let now = Moment(microseconds: 1_795_612_455_000_000)
    private let day: Int64 = 86_400_000_000
    private let move = RouteMove(category: .translation, from: ModelID(1), to: ModelID(2))

    private func tally(_ savings: [Int64], loss: Int64 = 30) -> RouteTally {
        var tally = RouteTally()
        for saving in savings {
            tally.add(
                RouteNote(
                    id: RequestID(at: now, random: (1, 2)), organisation: .home, move: move, arm: .watched,
                    saving: NanoUSD(saving), loss: loss, charge: .zero))
        }
        return tally
    }

    @Test func movesAddUpAndAreApproved() throws {
        let store = DecisionStore(try Installation().ledger)
        let other = RouteMove(category: .code, from: ModelID(1), to: ModelID(2))
        _ = try store.add([.home: [move: tally([100, 200]), other: tally([5])]], [], [], at: now)
        let later = Moment(microseconds: now.microseconds + 10 * day)
        _ = try store.add([.home: [move: tally([300])], OrganisationID(9): [move: tally([7])]], [], [], at: later)
        let proposals = try store.proposals(of: .home)
        #expect(proposals.map(\.move) == [move, other])
        let first = try #require(proposals.first)
        #expect(first.requests == 3 && first.saved == NanoUSD(600) && first.lossShare == 30)
        #expect(first.beganAt == now && first.latestAt == later && first.approvedAt == nil)
        #expect(first.savedMonthly == NanoUSD(1800))
        // What was seen for less than a day is counted as a day's.
        #expect(proposals[1].savedMonthly == NanoUSD(150))
        #expect(try store.approve(first.id, of: OrganisationID(9), true, at: now) == false)
        #expect(try store.approve(first.id, of: .home, true, at: now))
        #expect(try store.proposals(of: .home).first?.approvedAt == now)
        #expect(try store.approve(first.id, false, at: now))
        #expect(try store.proposals(of: .home).first?.approvedAt == nil)
        #expect(try store.approve(999, true, at: now) == false)
        #expect(try store.proposals().count == 3)
    }

    /// Told once, when there is evidence, and not when somebody has approved it already.
    @Test func aProposalAsksForItsReview() throws {
        let ledger = try Installation().ledger
        let store = DecisionStore(ledger)
        func told() throws -> Int { try AlertWatch(ledger).look(AlertRules(), SpendingRules(), at: now) }
        _ = try store.add([.home: [move: tally([Int64](repeating: 100, count: 19))]], [], [], at: now)
        #expect(try told() == 0)
        let other = RouteMove(category: .code, from: ModelID(1), to: ModelID(2))
        let moves = [move: tally([100]), other: tally([Int64](repeating: 1, count: 30))]
        _ = try store.add([.home: moves], [], [], at: now)
        let approved = try #require(try store.proposals().first { $0.move == other })
        #expect(try store.approve(approved.id, true, at: now))
        #expect(try told() == 1)
        #expect(try told() == 0)
        let alert = try #require(try AlertStore(ledger).list(limit: 9).first?.alert)
        #expect(alert.kind == .proposal && alert.amount == 20 * 100 * 30 && alert.limit == 30)
        #expect(alert.owner == .organisation(.home))
    }

    /// Each node keeps its own; forgetting takes those of all.
    @Test func whatOutcomesTaughtIsKeptByNode() throws {
        let ledger = try Installation().ledger
        let (one, two) = (OutcomeWeightsStore(ledger, node: 1), OutcomeWeightsStore(ledger, node: 2))
        try one.keep([.home: [1], OrganisationID(2): [2]], at: now)
        try two.keep([.home: [3]], at: now)
        try one.keep([.home: [4]], at: now)
        #expect(try one.all() == [.home: [4], OrganisationID(2): [2]])
        try one.remove(.home)
        #expect(try one.all() == [OrganisationID(2): [2]])
        #expect(try two.all().isEmpty)
    }

    @Test func trialsAndBreaksAreKept() throws {
        let store = DecisionStore(try Installation().ledger)
        var trial = RouteTrialRow(.home, .compression)
        trial.routed = RouteTrialRow.Arm(count: 9, good: 8, cost: NanoUSD(70))
        trial.stoppedAt = now
        let broke = PrefixBreakCount(organisation: .home, key: KeyID(4), what: .system, requests: 2, latestAt: now)
        trial.control = RouteTrialRow.Arm(count: 4, good: 4, cost: NanoUSD(70))
        let alerts = try store.add([:], [trial], [broke], at: now)
        #expect(alerts.map(\.kind) == [.compression] && alerts[0].amount == 888 && alerts[0].limit == 1000)
        #expect(try store.add([:], [trial], [broke], at: now).isEmpty)
        #expect(try store.trials() == [trial])
        #expect(try store.prefixBreaks().map(\.requests) == [4])
        #expect(try store.restartTrials(of: .home))
        #expect(try store.restartTrials(of: .home) == false)
    }

    @Test func whatKeysDecideIsReadBack() throws {
        let store = GatewayKeyStore(try Installation().ledger)
        let decisions = Decisions(compression: .strong, router: .off, cache: .on, breakpoints: .auto)
        let row = GatewayKeyRow(
            id: KeyID(5), organisation: .home, environment: .live, name: "app",
            digest: KeyDigest(words: (3, 0, 0, 0)), shown: "tct_live_abcd", decisions: decisions, createdAt: now,
            expiresAt: nil, revokedAt: nil)
        try store.insert(row)
        #expect(try store.all().first?.decisions == decisions)
        let version = try store.version()
        #expect(try store.setDecisions(.none, of: KeyID(5)))
        #expect(try store.all().first?.decisions == Decisions.none)
        #expect(try store.version() > version)
        #expect(try store.setDecisions(decisions, of: KeyID(6)) == false)
    }
}
