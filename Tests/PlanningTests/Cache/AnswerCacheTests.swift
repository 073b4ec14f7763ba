import NIOCore
import Secrets
import Testing
import Vocabulary

@testable import Planning

struct AnswerCacheTests {
    private typealias Cache = AnswerCache<Int, Int>

    private func key(_ number: UInt64) -> CacheKey { CacheKey(words: (number, 1, 2, 3)) }
    private func at(_ seconds: Int64) -> Moment { Moment(microseconds: seconds * 1_000_000) }
    private func cache(_ bytes: Int = 100_000) -> Cache { Cache(Cache.Limits(bytes: bytes, lifetime: 60_000_000)) }

    private func keep(
        _ cache: inout Cache, _ number: UInt64, bytes: Int = 1000, of organisation: UInt64 = 1, at now: Moment
    ) {
        guard case .lead = cache.ask(key(number), 0, mayRead: false, at: now) else { return }
        _ = cache.landed(key(number), keeping: (Int(number), bytes, OrganisationID(organisation)), at: now)
    }

    private func hit(_ cache: inout Cache, _ number: UInt64, at now: Moment) -> Int? {
        switch cache.ask(key(number), 0, mayRead: true, at: now) {
        case .hit(let answer): return answer
        case .lead:
            _ = cache.failed(key(number))
            return nil
        case .wait, .alone: return nil
        }
    }

    @Test func anAnswerIsKeptForItsTime() {
        var cache = cache()
        keep(&cache, 7, at: at(0))
        #expect(hit(&cache, 7, at: at(59)) == 7)
        #expect(hit(&cache, 8, at: at(59)) == nil)
        #expect(hit(&cache, 7, at: at(60)) == nil)
        #expect(cache.count == 0 && cache.bytes == 0)
    }

    @Test func theLeastRecentlyUsedGoesFirst() {
        var cache = cache(10 * (1000 + Cache.overhead))
        for number in 0..<10 as Range<UInt64> { keep(&cache, number, at: at(0)) }
        #expect(hit(&cache, 0, at: at(1)) == 0)
        keep(&cache, 10, at: at(1))
        #expect(hit(&cache, 0, at: at(1)) == 0)
        #expect(hit(&cache, 1, at: at(1)) == nil)
        #expect(cache.count == 10 && cache.bytes <= cache.limits.bytes)
    }

    @Test func theLargestEntriesStayWithinTheBudget() {
        var cache = cache(80_000)
        keep(&cache, 1, bytes: 10_000, at: at(0))
        #expect(cache.count == 0)
        for number in 2..<50 as Range<UInt64> {
            keep(&cache, number, bytes: cache.limits.largestEntry - Cache.overhead, at: at(0))
            #expect(cache.bytes <= 80_000)
        }
        #expect(cache.count == 8)
        keep(&cache, 99, bytes: .max / 2, at: at(0))
        #expect(hit(&cache, 99, at: at(0)) == nil)
    }

    /// Against a plain list of entries in order of use.
    @Test func randomUseAgainstAModel() {
        var dice = Dice(state: 41)
        var cache = cache(6000)
        var model: [(number: UInt64, cost: Int, expires: Int64)] = []
        for step in 0..<4000 {
            let now = Int64(step) / 50
            let number = dice.next() % 30
            if dice.next() % 3 == 0 {
                let size = Int(dice.next() % 700)
                keep(&cache, number, bytes: size, at: at(now))
                let cost = size + Cache.overhead
                guard cost <= cache.limits.largestEntry else { continue }
                model.removeAll { $0.number == number }
                while model.reduce(0, { $0 + $1.cost }) + cost > 6000 { model.removeFirst() }
                model.append((number, cost, now + 60))
            } else {
                let found = model.firstIndex { $0.number == number }
                if let found, model[found].expires > now {
                    #expect(hit(&cache, number, at: at(now)) == Int(number))
                    model.append(model.remove(at: found))
                } else {
                    #expect(hit(&cache, number, at: at(now)) == nil)
                    if let found { model.remove(at: found) }
                }
            }
            #expect(cache.count == model.count && cache.bytes == model.reduce(0) { $0 + $1.cost })
        }
    }

    @Test func oneCallForAllWhoAsk() {
        var cache = cache()
        guard case .lead = cache.ask(key(1), 100, mayRead: true, at: at(0)) else { return #expect(Bool(false)) }
        for waiter in 0..<5 {
            guard case .wait = cache.ask(key(1), waiter, mayRead: true, at: at(0)) else { return #expect(Bool(false)) }
        }
        guard case .alone = cache.ask(key(1), 9, mayRead: false, at: at(0)) else { return #expect(Bool(false)) }
        #expect(cache.landed(key(1), keeping: (5, 10, .home), at: at(1)) == [0, 1, 2, 3, 4])
        #expect(hit(&cache, 1, at: at(2)) == 5)
    }

    @Test func theCallLivesWhileSomebodyWaits() {
        var cache = cache()
        _ = cache.ask(key(1), 100, mayRead: true, at: at(0))
        _ = cache.ask(key(1), 1, mayRead: true, at: at(0))
        _ = cache.ask(key(1), 2, mayRead: true, at: at(0))
        // The one who led goes: two still wait.
        #expect(cache.left(key(1)) { $0 == 100 } == .goesOn)
        #expect(cache.left(key(1)) { $0 == 1 } == .goesOn)
        #expect(cache.landed(key(1), keeping: nil, at: at(1)) == [2])
        _ = cache.ask(key(1), 100, mayRead: true, at: at(2))
        #expect(cache.left(key(1)) { $0 == 100 } == .cancel)
        #expect(cache.left(key(1)) { $0 == 100 } == .goesOn)
        guard case .lead = cache.ask(key(1), 3, mayRead: true, at: at(3)) else { return #expect(Bool(false)) }
    }

    @Test func errorsAreNobodyElses() {
        var cache = cache()
        _ = cache.ask(key(1), 0, mayRead: true, at: at(0))
        _ = cache.ask(key(1), 1, mayRead: true, at: at(0))
        #expect(cache.failed(key(1)) == [1])
        #expect(hit(&cache, 1, at: at(0)) == nil)
    }

    @Test func waitersAreBounded() {
        var limits = Cache.Limits(bytes: 1000, lifetime: 1)
        limits.waiters = 2
        var cache = Cache(limits)
        _ = cache.ask(key(1), 0, mayRead: true, at: at(0))
        _ = cache.ask(key(1), 1, mayRead: true, at: at(0))
        _ = cache.ask(key(1), 2, mayRead: true, at: at(0))
        guard case .alone = cache.ask(key(1), 3, mayRead: true, at: at(0)) else { return #expect(Bool(false)) }
    }

    @Test func anOrganisationIsForgotten() {
        var cache = cache()
        for number in 0..<6 as Range<UInt64> { keep(&cache, number, of: number % 2, at: at(0)) }
        cache.forget(OrganisationID(1))
        #expect(cache.count == 3)
        #expect(hit(&cache, 2, at: at(0)) == 2 && hit(&cache, 3, at: at(0)) == nil)
        cache.expire(at: at(100))
        #expect(cache.count == 0 && cache.bytes == 0)
    }

    // MARK: Keys

    private static let seal: AnswerSeal = {
        var secret = [UInt8](repeating: 0x5a, count: 32)
        return AnswerSeal(secret: SecretBytes(taking: &secret))
    }()

    private func scope(
        _ organisation: UInt64, _ key: UInt64?, model: String = "m", headers: [String] = []
    ) -> CacheScope {
        CacheScope(
            organisation: OrganisationID(organisation), key: key.map { KeyID($0) }, deployment: DeploymentID(1),
            endpoint: .chatCompletions, model: Array(model.utf8), headers: headers.map { Array($0.utf8) })
    }

    private func cacheKey(_ body: String, _ scope: CacheScope) -> CacheKey? {
        CanonicalRequest(ByteBuffer(string: body), in: scope).map { request in
            CacheKey(words: Self.seal.digest(of: request.bytes.readableBytesUInt8Span, scope.organisation))
        }
    }

    static let same: [(String, String)] = [
        (#"{"a":1,"b":[1,2]}"#, "{ \"b\" : [1, 2],\n\"a\": 1 }"),
        (#"{"model":"x","a":1,"stream":true,"stream_options":{},"user":"u","metadata":{"k":"v"}}"#, #"{"a":1}"#),
        (#"{"t":"\u00e9\/"}"#, #"{"t":"é/"}"#), (#"{"\u0061":1}"#, #"{"a":1}"#),
    ]
    @Test(arguments: same) func requestsThatMeanTheSame(a: String, b: String) {
        #expect(cacheKey(a, scope(1, 1)) == cacheKey(b, scope(1, 1)))
    }

    static let different: [(String, String)] = [
        (#"{"a":[1,2]}"#, #"{"a":[2,1]}"#), (#"{"a":{"user":1}}"#, #"{"a":{}}"#), (#"{"a":"1"}"#, #"{"a":1}"#),
        (#"{"a":"b\",\"c"}"#, #"{"a":"b","c":""}"#), (#"{"a":" b"}"#, #"{"a":"b"}"#), (#"{"a":null}"#, "{}"),
        (#"{"seed":1}"#, #"{"seed":2}"#), (#"{"temperature":0}"#, #"{"temperature":0.5}"#),
        (#"{"a":"\u0000"}"#, #"{"a":""}"#),
    ]
    @Test(arguments: different) func requestsThatDoNot(a: String, b: String) {
        #expect(cacheKey(a, scope(1, 1)) != cacheKey(b, scope(1, 1)))
    }

    @Test(arguments: [#"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"b":1,"b":2}}"#, "[1]", "", "{", "null"])
    func requestsThatHaveNone(body: String) { #expect(cacheKey(body, scope(1, 1)) == nil) }

    @Test func everyPartOfTheScopeCounts() {
        let scopes = [
            scope(1, 1), scope(1, nil), scope(1, 0), scope(2, 1), scope(1, 2), scope(1, 1, model: "m2"),
            scope(1, 1, headers: ["b"]), scope(1, 1, headers: ["b", ""]), scope(1, 1, headers: ["", "b"]),
            scope(1, 1, model: "mb"), scope(1, 1, model: "m", headers: ["b", "c"]), scope(1, 1, headers: ["bc"]),
        ]
        #expect(Set(scopes.map { cacheKey(#"{"a":1}"#, $0) }).count == scopes.count)
    }

    /// Every body that one tenant had answered, asked by others in every scope near it: never a hit.
    @Test func noTenantMeetsAnothers() throws {
        var cache = Cache(Cache.Limits(bytes: 1 << 24, lifetime: .max))
        let bodies = (0..<200).map { #"{"messages":[{"role":"user","content":"\#($0)"}],"temperature":0}"# }
        for (number, body) in bodies.enumerated() {
            let own = try #require(cacheKey(body, scope(1, 1)))
            _ = cache.ask(own, 0, mayRead: true, at: at(0))
            _ = cache.landed(own, keeping: (number, 10, OrganisationID(1)), at: at(0))
        }
        var dice = Dice(state: 3)
        var hits = 0
        for round in 0..<2000 {
            let isOwn = round % 10 == 0
            let organisation = isOwn ? 1 : 2 + dice.next() % 1000
            let key: UInt64? = isOwn ? 1 : [nil, 1, 0, dice.next()][Int(dice.next() % 4)]
            let asked = try #require(cacheKey(bodies[Int(dice.next() % 200)], scope(organisation, key)))
            switch cache.ask(asked, 0, mayRead: true, at: at(1)) {
            case .hit:
                #expect(isOwn)
                hits += 1
            default:
                #expect(!isOwn)
                _ = cache.failed(asked)
            }
        }
        #expect(hits == 200)
    }

    @Test func answersOpenUnderTheirOwnKeyOnly() throws {
        let own = try #require(cacheKey(#"{"a":1}"#, scope(1, 1)))
        let other = try #require(cacheKey(#"{"a":1}"#, scope(2, 1)))
        let words = Array("the answer".utf8)
        let box = Self.seal.seal(words.span, for: own.words)
        let sealed = try #require(box)
        #expect(Self.seal.open(sealed, for: own.words) == words)
        #expect(Self.seal.open(sealed, for: other.words) == nil)
        #expect(sealed.count > words.count)
    }

    // MARK: Directives

    @Test(
        arguments: [
            (nil, nil, CacheDirective.automatic), ("on", "no-store", .asked), ("OFF", nil, .off),
            ("refresh", nil, .refresh),
            ("auto", "no-store", .automatic), (nil, "max-age=0, No-Cache", .refresh), (nil, "no-cache, no-store", .off),
            (nil, "private", .automatic),
        ] as [(String?, String?, CacheDirective)])
    func directives(tacet: String?, control: String?, directive: CacheDirective) {
        #expect(
            CacheDirective(tacet: tacet.map { Array($0.utf8) }, control: control.map { Array($0.utf8) }) == directive)
        #expect(CacheDirective(tacet: Array("maybe".utf8), control: nil) == nil)
    }

    @Test func eligibility() {
        #expect(CacheDirective.automatic.isEligible(temperatureIsZero: true, samples: 1))
        #expect(!CacheDirective.automatic.isEligible(temperatureIsZero: false, samples: 1))
        #expect(CacheDirective.asked.isEligible(temperatureIsZero: false, samples: 1))
        #expect(!CacheDirective.asked.isEligible(temperatureIsZero: true, samples: 2))
        #expect(!CacheDirective.off.isEligible(temperatureIsZero: true, samples: 1))
        #expect(!CacheDirective.refresh.mayRead && !CacheDirective.off.mayRead && CacheDirective.asked.mayRead)
        func unkept(
            _ status: UInt16, _ complete: Bool, _ length: Bool, _ tool: Bool, _ directive: CacheDirective
        ) -> Unkept? {
            Unkept(
                status: status, isComplete: complete, isLengthStopped: length, hasToolCall: tool, directive: directive)
        }
        #expect(unkept(200, true, false, false, .automatic) == nil)
        #expect(unkept(500, true, false, false, .asked) == .error)
        #expect(unkept(200, false, false, false, .asked) == .cut)
        #expect(unkept(200, true, true, false, .asked) == .lengthStopped)
        #expect(unkept(200, true, false, true, .automatic) == .toolCall)
        #expect(unkept(200, true, false, true, .asked) == nil)
    }
}
