import Testing
import Vocabulary

@testable import Planning

@Suite struct HealthTests {
    static func at(_ milliseconds: Int64) -> Instant { Instant(microseconds: milliseconds * 1000) }

    // MARK: Latency

    @Test func aPeakCountsAtOnceAndIsForgottenSlowly() {
        var latency = PeakLatency()
        for step in 0..<20 { latency.observe(10_000, at: Self.at(Int64(step))) }
        #expect(latency.estimate(at: Self.at(20)) > 9_000)
        latency.observe(500_000, at: Self.at(20))
        #expect(latency.estimate(at: Self.at(20)) == 500_000)
        latency.observe(10_000, at: Self.at(30))
        #expect(latency.estimate(at: Self.at(30)) > 490_000)
        // Half is forgotten after ten seconds without a word; never is it nothing.
        #expect(latency.estimate(at: Self.at(10_030)) < 260_000)
        #expect(latency.estimate(at: Instant(microseconds: .max)) == PeakLatency.least)
    }

    @Test func whatWasNeverMeasuredIsTakenForFast() {
        #expect(PeakLatency().estimate(at: Self.at(5)) == PeakLatency.least)
        #expect(PeakLatency().measured(at: Self.at(5)) == 0)
        var health = DeploymentHealth()
        #expect(health.load(at: Self.at(0)) == PeakLatency.least)
        _ = health.began(at: Self.at(0))
        #expect(health.load(at: Self.at(0)) == 2 * PeakLatency.least)
    }

    // MARK: Breaker

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.failuresInRow {
            let isProbe = breaker.began(at: Self.at(0))
            breaker.ended(.failure, isProbe: isProbe, at: Self.at(0), random: 0)
        }
        return breaker
    }

    @Test func failuresInARowOpenItAndASuccessBetweenThemDoesNot() {
        #expect(opened().state(at: Self.at(0)) == .open)
        var breaker = CircuitBreaker()
        for step in 0..<18 {
            breaker.ended(step % 4 == 3 ? .success : .failure, isProbe: false, at: Self.at(0), random: 0)
        }
        #expect(breaker.state(at: Self.at(0)) == .closed)
    }

    @Test func halfOfManyCallsFailedOpenIt() {
        var breaker = CircuitBreaker()
        for step in 0..<CircuitBreaker.callsInWindow {
            breaker.ended(step % 2 == 1 ? .failure : .success, isProbe: false, at: Self.at(0), random: 0)
        }
        #expect(breaker.state(at: Self.at(0)) == .open)
        // Spread over several windows they do not.
        var slow = CircuitBreaker()
        for step in 0..<40 {
            slow.ended(step % 2 == 1 ? .failure : .success, isProbe: false, at: Self.at(Int64(step) * 2_000), random: 0)
        }
        #expect(slow.state(at: Self.at(80_000)) == .closed)
    }

    @Test func whatTeachesNothingChangesNothing() {
        var breaker = CircuitBreaker()
        for _ in 0..<100 { breaker.ended(.unknown, isProbe: false, at: Self.at(0), random: 0) }
        #expect(breaker == CircuitBreaker())
    }

    @Test func oneProbeDecidesAndTheRestDoublesUpToAMinute() {
        var breaker = opened()
        var now: Int64 = 0
        for rest in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] as [Int64] {
            #expect(!breaker.admits(at: Self.at(now + rest - 1)))
            now += rest
            #expect(breaker.admits(at: Self.at(now)) && breaker.state(at: Self.at(now)) == .halfOpen)
            let probe = breaker.began(at: Self.at(now))
            #expect(probe)
            // While it is on its way nobody else is admitted, and who is called for want of better is no probe.
            #expect(!breaker.admits(at: Self.at(now)))
            let second = breaker.began(at: Self.at(now))
            #expect(!second)
            breaker.ended(.success, isProbe: false, at: Self.at(now), random: 0)
            #expect(!breaker.admits(at: Self.at(now)))
            breaker.ended(.failure, isProbe: true, at: Self.at(now), random: 0)
        }
        now += 60_000
        _ = breaker.began(at: Self.at(now))
        breaker.ended(.success, isProbe: true, at: Self.at(now), random: 0)
        #expect(breaker == CircuitBreaker())
    }

    @Test func aProbeWhoseClientGoesMakesRoomForTheNext() {
        var breaker = opened()
        let probe = breaker.began(at: Self.at(1_000))
        breaker.ended(.unknown, isProbe: probe, at: Self.at(1_000), random: 0)
        #expect(breaker.admits(at: Self.at(1_000)))
    }

    @Test func aRestIsSpreadOverAQuarter() {
        for random in [0, 1, 17, UInt64.max] {
            var breaker = CircuitBreaker()
            for _ in 0..<CircuitBreaker.failuresInRow {
                breaker.ended(.failure, isProbe: false, at: Self.at(0), random: random)
            }
            #expect(!breaker.admits(at: Self.at(999)))
            #expect(breaker.admits(at: Self.at(1_251)))
        }
    }

    // MARK: Both

    @Test func whoAsksToBeSparedIsSparedAsLongAsThatIsBelieved() {
        var health = DeploymentHealth()
        health.pause(milliseconds: 3_000, at: Self.at(0))
        #expect(!health.isWell(at: Self.at(2_999)) && health.isWell(at: Self.at(3_000)))
        health.pause(milliseconds: 1_000_000_000, at: Self.at(0))
        #expect(health.isWell(at: Self.at(DeploymentHealth.longestPause)))
    }

    /// Whatever comes: calls under way are what began less what ended, and a deployment is always tried again.
    @Test func randomCallsLeaveNothingStuck() {
        var dice = Dice(state: 11)
        var health = DeploymentHealth()
        var open: [Bool] = []
        var now: Int64 = 0
        for _ in 0..<5_000 {
            now += Int64.random(in: 0..<400, using: &dice)
            if open.isEmpty || Bool.random(using: &dice) {
                open.append(health.began(at: Self.at(now)))
            } else {
                let outcome = [CallOutcome.success, .failure, .unknown].randomElement(using: &dice)!
                health.ended(
                    outcome, isProbe: open.removeLast(), at: Self.at(now),
                    random: UInt64.random(in: 0...(.max), using: &dice))
            }
            #expect(health.inFlight == open.count)
            #expect(open.count { $0 } <= 1)
        }
        for isProbe in open { health.ended(.unknown, isProbe: isProbe, at: Self.at(now), random: 0) }
        #expect(health.isWell(at: Self.at(now + 80_000)))
    }

    // MARK: Retries

    @Test(arguments: [0, 5, 10, 50])
    func retriesAreAShareOfTraffic(percent: Int) {
        var budget = RetryBudget(percent: percent)
        var retries = 0
        for _ in 0..<10_000 {
            budget.requestBegan()
            // An outage: every request wants two.
            for _ in 0..<2 where budget.take() { retries += 1 }
        }
        let share = 10_000 * percent / 100
        #expect(retries <= share + RetryBudget.reserve && retries >= share)
    }

    @Test func aQuietHourSavesUpNoMoreThanTheReserve() {
        var budget = RetryBudget(percent: 100)
        for _ in 0..<10_000 { budget.requestBegan() }
        var retries = 0
        while budget.take() { retries += 1 }
        #expect(retries == RetryBudget.reserve)
    }

    @Test func theJitterIsFullAndBounded() {
        var dice = Dice(state: 3)
        for number in 0..<12 {
            let delays = (0..<400).map { _ in Backoff.delay(number, pause: nil, using: &dice) ?? -1 }
            let bound = min(Backoff.longest, Backoff.first << Int64(number))
            #expect(delays.allSatisfy { (0...bound).contains($0) })
            #expect(delays.min()! < bound / 10 && delays.max()! > bound - bound / 10)
        }
    }

    @Test func aProvidersPauseIsKeptOrTheRetryIsNot() {
        var dice = Dice(state: 5)
        let delay = Backoff.delay(0, pause: 2_000, using: &dice)
        #expect((2_000...2_100).contains(delay ?? 0))
        #expect(Backoff.delay(0, pause: Backoff.longestPause + 1, using: &dice) == nil)
    }
}
