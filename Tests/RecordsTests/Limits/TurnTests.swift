import Synchronization
import Testing
import Vocabulary

@testable import Records

/// Who waits while as many requests are in flight as may be, and in which order turns come.
@Suite struct TurnTests {
    private static let start = Moment(microseconds: 1_700_000_000_000_000)

    private static func purse(_ limits: [BudgetOwner: RateLimits], queue: Int = 10_000) -> PurseState {
        var rules = SpendingRules()
        for (owner, limits) in limits { rules.add(limits, of: owner) }
        var purse = PurseState(epoch: 1, queue: queue)
        purse.setRules(rules)
        return purse
    }

    private static func payer(_ organisation: UInt64, key: UInt64 = 1) -> Payer {
        Payer(key: KeyID(organisation << 8 | key), organisation: OrganisationID(organisation))
    }

    private static func names(_ grants: [PurseState.Grant]) -> [Int] {
        grants.compactMap { ($0.waiter as? Client)?.name }
    }

    @Test func aThousandOfOneDelayOneOfAnotherByOnePlace() {
        let provider = DeploymentID(7)
        var purse = Self.purse([.deployment(provider): RateLimits(inFlight: 2)])
        func ask(_ organisation: UInt64) -> TurnAsk { .call([provider], for: OrganisationID(organisation)) }
        for name in 0..<1002 {
            let answer = purse.take(ask(1), for: Client(name), at: Self.start)
            if name < 2 {
                #expect(answer == .called(provider))
            } else if case .waits = answer {
            } else {
                Issue.record("\(answer)")
            }
        }
        _ = purse.take(ask(2), for: Client(5000), at: Self.start)
        _ = purse.take(ask(3), for: Client(6000), at: Self.start)
        _ = purse.take(ask(2), for: Client(5001), at: Self.start)
        let order = (0..<6).flatMap { _ in Self.names(purse.endCall(to: provider)) }
        #expect(order == [2, 5000, 6000, 3, 5001, 4])
    }

    @Test func aFullLineRefusesAndNamesWhoIsFull() {
        let payer = Self.payer(1)
        var purse = Self.purse([.organisation(payer.organisation): RateLimits(inFlight: 1)], queue: 2)
        guard case .admitted = purse.admit(payer, at: Self.start) else { return #expect(Bool(false)) }
        var numbers: [UInt64] = []
        for name in 0..<2 {
            #expect(purse.admit(payer, at: Self.start) == .busy)
            guard case .waits(let number, let denial) = purse.take(.request(payer), for: Client(name), at: Self.start)
            else { return #expect(Bool(false)) }
            #expect(denial.kind == .inFlight && denial.owner == .organisation && denial.limit == 1)
            numbers.append(number)
        }
        guard case .limited = purse.admit(payer, at: Self.start) else { return #expect(Bool(false)) }
        guard case .limited = purse.take(.request(payer), for: Client(2), at: Self.start) else {
            return #expect(Bool(false))
        }
        // Another organisation has a line of its own.
        #expect(purse.queue.takes(OrganisationID(2)))
        purse.giveUp(numbers[0])
        #expect(purse.admit(payer, at: Self.start) == .busy)
        #expect(Self.names(purse.leave(payer)) == [1])
        #expect(purse.leave(payer).isEmpty && purse.queue.isEmpty)
    }

    @Test func aCallGoesToWhoeverHasRoomFirst() {
        let (a, b, open) = (DeploymentID(1), DeploymentID(2), DeploymentID(3))
        var purse = Self.purse([.deployment(a): RateLimits(inFlight: 1), .deployment(b): RateLimits(inFlight: 1)])
        func call(_ deployments: [DeploymentID], _ name: Int) -> TurnAnswer {
            purse.take(.call(deployments, for: .home), for: Client(name), at: Self.start)
        }
        #expect(call([a, b], 0) == .called(a))
        #expect(call([a, b], 1) == .called(b))
        #expect(call([a, open], 2) == .called(open))
        guard case .waits = call([a, b], 3), case .waits = call([a], 4) else { return #expect(Bool(false)) }
        let freed = purse.endCall(to: b)
        #expect(Self.names(freed) == [3] && freed[0].answer == .called(b))
        #expect(Self.names(purse.endCall(to: a)) == [4])
        #expect(purse.queue.isEmpty)
    }

    @Test func aRequestWaitsForAllOfItsOwners() {
        let (mine, other) = (Self.payer(1, key: 1), Self.payer(1, key: 2))
        var purse = Self.purse([
            .key(mine.key): RateLimits(inFlight: 1), .organisation(mine.organisation): RateLimits(inFlight: 2),
        ])
        guard case .admitted = purse.admit(mine, at: Self.start), case .admitted = purse.admit(other, at: Self.start)
        else { return #expect(Bool(false)) }
        _ = purse.take(.request(mine), for: Client(1), at: Self.start)
        _ = purse.take(.request(other), for: Client(2), at: Self.start)
        // The key's place is free, the organisation's is taken by who came next.
        #expect(Self.names(purse.leave(other)) == [2])
        #expect(Self.names(purse.leave(mine)) == [1])
    }

    @Test func aLimitThatIsRaisedServesAtOnce() {
        let payer = Self.payer(1)
        var purse = Self.purse([.installation: RateLimits(inFlight: 0)])
        for name in 0..<3 { _ = purse.take(.request(payer), for: Client(name), at: Self.start) }
        #expect(purse.serveAll().isEmpty)
        var rules = SpendingRules()
        rules.add(RateLimits(inFlight: 2), of: .installation)
        purse.setRules(rules)
        #expect(Self.names(purse.serveAll()) == [0, 1])
        purse.setRules(SpendingRules())
        #expect(Self.names(purse.serveAll()) == [2])
    }

    /// Whatever happens: no limit is passed, nobody waits who could run, no line is longer than it may be, and nothing is
    /// left at the end.
    @Test(arguments: 0..<20) func randomTraffic(_ seed: UInt64) {
        var dice = SplitMix(state: seed)
        let deployments = (1...3).map { DeploymentID($0) }
        var limits: [BudgetOwner: RateLimits] = [.installation: RateLimits(inFlight: 6)]
        for organisation in UInt64(1)...3 {
            limits[.organisation(OrganisationID(organisation))] = RateLimits(inFlight: 3)
        }
        for key in UInt64(1)...3 { limits[.key(Self.payer(2, key: key).key)] = RateLimits(inFlight: 2) }
        for deployment in deployments.dropLast() { limits[.deployment(deployment)] = RateLimits(inFlight: 2) }
        var purse = Self.purse(limits, queue: 5)
        var running: [Payer] = []
        var calls: [DeploymentID] = []
        var waiting: [Int: (number: UInt64, ask: TurnAsk)] = [:]
        var name = 0
        func take(_ grants: [PurseState.Grant]) {
            for grant in grants {
                guard let client = grant.waiter as? Client, let entry = waiting.removeValue(forKey: client.name) else {
                    Issue.record("told twice")
                    return
                }
                began(grant.answer, entry.ask)
            }
        }
        func began(_ answer: TurnAnswer, _ ask: TurnAsk) {
            switch (answer, ask) {
            case (.admitted, .request(let payer)): running.append(payer)
            case (.called(let deployment), .call(let allowed, _)):
                #expect(allowed.contains(deployment))
                calls.append(deployment)
            case (.limited, _): break
            default: Issue.record("\(answer)")
            }
        }
        for _ in 0..<2000 {
            switch dice.next() % 5 {
            case 0, 1:
                name += 1
                let payer = Self.payer(1 + dice.next() % 3, key: 1 + dice.next() % 3)
                let ask: TurnAsk =
                    dice.next() % 2 == 0
                    ? .request(payer)
                    : .call(Array(deployments.shuffled(using: &dice).prefix(2)), for: payer.organisation)
                let answer = purse.take(ask, for: Client(name), at: Self.start)
                if case .waits(let number, _) = answer { waiting[name] = (number, ask) } else { began(answer, ask) }
            case 2:
                if let payer = running.randomElement(using: &dice) {
                    running.remove(at: running.firstIndex(of: payer)!)
                    take(purse.leave(payer))
                }
            case 3:
                if let call = calls.randomElement(using: &dice) {
                    calls.remove(at: calls.firstIndex(of: call)!)
                    take(purse.endCall(to: call))
                }
            default:
                if dice.next() % 4 == 0, let entry = waiting.randomElement(using: &dice) {
                    waiting[entry.key] = nil
                    purse.giveUp(entry.value.number)
                }
            }
            func count(_ owner: BudgetOwner) -> Int {
                calls.count { owner == .deployment($0) }
                    + running.count { [.key($0.key), .organisation($0.organisation), .installation].contains(owner) }
            }
            for (owner, limit) in limits { #expect(count(owner) <= Int(limit.inFlight ?? 0)) }
            func isFull(_ owner: BudgetOwner) -> Bool {
                limits[owner]?.inFlight.map { count(owner) >= Int($0) } ?? false
            }
            for (_, ask) in waiting.values {
                switch ask {
                case .request(let payer):
                    #expect(
                        [.key(payer.key), .organisation(payer.organisation), .installation].contains(where: isFull))
                case .call(let allowed, _): #expect(allowed.allSatisfy { isFull(.deployment($0)) })
                }
            }
            #expect(purse.queue.count == waiting.count && waiting.count <= 15)
        }
        while let payer = running.popLast() { take(purse.leave(payer)) }
        while let call = calls.popLast() { take(purse.endCall(to: call)) }
        #expect(waiting.isEmpty && purse.queue.places.isEmpty)
    }
}

private final class Client: TurnWaiter {
    let name: Int

    init(_ name: Int) { self.name = name }

    func turnCame(_ answer: TurnAnswer) {}
}
