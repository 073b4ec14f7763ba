import Testing
import Vocabulary

@testable import Relay

@Suite struct SweeperTests {
    @Test func everyMemberIsSweptOnceAndMayLeaveMeanwhile() {
        let sweeper = Sweeper()
        let members = (0..<5).map { _ in Member(sweeper) }
        for member in members { sweeper.add(member) }
        members[1].leaves = true
        members[4].leaves = true
        sweeper.sweep(Instant(microseconds: 1))
        #expect(members.map(\.swept) == [1, 1, 1, 1, 1])
        sweeper.sweep(Instant(microseconds: 2))
        #expect(members.map(\.swept) == [2, 1, 2, 2, 1])
        sweeper.remove(members[1])
        #expect(members[1].sweepIndex == -1)
    }

    @Test func theByteBudgetIsNeverPassed() {
        let budget = ByteBudget(limit: 100)
        #expect(budget.take(60))
        #expect(!budget.take(41))
        #expect(budget.take(40))
        budget.giveBack(100)
        #expect(budget.inUse == 0)
    }
}

private final class Member: Swept {
    var sweepIndex = -1
    var swept = 0
    var leaves = false
    private let sweeper: Sweeper

    init(_ sweeper: Sweeper) { self.sweeper = sweeper }

    func sweep(_ now: Instant) {
        swept += 1
        if leaves { sweeper.remove(self) }
    }
}
