import NIOCore
import Testing
import Vocabulary

@testable import Planning

@Suite struct IdempotencyBookTests {
    private func key(_ number: UInt64) -> CacheKey { CacheKey(words: (number, 0, 0, 0)) }
    private func request(_ number: UInt64) -> RequestID { RequestID(high: 1, low: number) }
    private func at(_ seconds: Int64) -> Moment { Moment(microseconds: seconds * 1_000_000) }

    @Test func aKeyIsUsedOnceForOneBody() {
        var book = IdempotencyBook(most: 10)
        #expect(book.use(key(1), body: key(7), by: request(1), at: at(0)) == .first)
        #expect(book.use(key(1), body: key(7), by: request(2), at: at(1)) == .same(request(1)))
        #expect(book.use(key(1), body: key(8), by: request(3), at: at(2)) == .other(request(1)))
        #expect(book.use(key(2), body: key(8), by: request(4), at: at(2)) == .first)
    }

    @Test func whatCameToNothingMayBeAskedAgainByWhoeverAsks() {
        var book = IdempotencyBook(most: 10)
        _ = book.use(key(1), body: key(7), by: request(1), at: at(0))
        book.release(key(1), by: request(9))
        #expect(book.use(key(1), body: key(7), by: request(2), at: at(1)) == .same(request(1)))
        book.release(key(1), by: request(1))
        #expect(book.use(key(1), body: key(8), by: request(3), at: at(2)) == .first)
    }

    @Test func ofAKeyFromBeforeTheBodyIsNotKnown() {
        var book = IdempotencyBook(most: 2)
        for number in UInt64(0)...2 { book.restore(key(number), by: request(number), at: at(Int64(number))) }
        #expect(book.count == 2)
        #expect(book.use(key(0), body: key(7), by: request(9), at: at(3)) == .first)
        #expect(book.use(key(2), body: key(7), by: request(9), at: at(3)) == .same(request(2)))
        #expect(book.use(key(2), body: key(8), by: request(9), at: at(3)) == .same(request(2)))
    }

    @Test func aDayLaterItIsForgotten() {
        var book = IdempotencyBook(most: 10)
        _ = book.use(key(1), body: key(7), by: request(1), at: at(0))
        #expect(book.use(key(1), body: key(7), by: request(2), at: at(86_399)) == .same(request(1)))
        #expect(book.use(key(1), body: key(8), by: request(3), at: at(86_400)) == .first)
        #expect(book.count == 1)
    }

    /// However keys come and go: no more than `most` are kept, and one that was used is known until it is forgotten.
    @Test func itStaysBoundedAndForgetsTheOldestFirst() {
        var dice = Dice(state: 5)
        var book = IdempotencyBook(most: 100)
        for number in 0..<10_000 as Range<UInt64> {
            _ = book.use(key(number), body: key(1), by: request(number), at: at(Int64(number)))
            if dice.next() % 3 == 0 { book.release(key(number), by: request(number)) }
            #expect(book.count <= 100)
        }
        #expect(book.use(key(5), body: key(1), by: request(20_000), at: at(10_000)) == .first)
    }

    // MARK: Fresh ids

    static let answers: [(String, String)] = [
        (#"{"id":"chatcmpl-abcdefgh","x":1}"#, "chatcmpl-"),
        ("data: {\"id\": \"msg_0123456789\"}\n\ndata: {\"id\": \"msg_0123456789\"}\n\n", "msg_"),
        (#"{"responseId" : "abcdefghij"}"#, ""),
    ]
    @Test(arguments: answers) func aKeptAnswerGetsAnIdOfItsOwn(text: String, prefix: String) {
        var dice = Dice(state: 9)
        var answer = ByteBuffer(string: text)
        FreshIdentity.renew(&answer, using: &dice)
        let fresh = String(buffer: answer)
        #expect(fresh != text && fresh.utf8.count == text.utf8.count && fresh.contains(prefix))
        // All places of it alike, and nothing else moved.
        let old = text.split(separator: "\"").filter { $0.count >= 10 && $0 != "responseId" }
        let new = fresh.split(separator: "\"").filter { $0.count >= 10 && $0 != "responseId" }
        #expect(Set(new).count == Set(old).count)
    }

    @Test(arguments: [#"{"x":1}"#, #"{"id":7}"#, #"{"id":"short"}"#, "\"id\":\"", "", #"{"id":null,"a":"id"}"#])
    func whatHasNoneStays(text: String) {
        var dice = Dice(state: 9)
        var answer = ByteBuffer(string: text)
        FreshIdentity.renew(&answer, using: &dice)
        #expect(String(buffer: answer) == text)
    }

    // MARK: Temperature

    @Test(arguments: [
        (#"{"temperature":0}"#, true), (#"{"temperature":0.0}"#, true), (#"{"temperature": -0e5 }"#, true),
        (#"{"temperature":0.1}"#, false), (#"{"temperature":1e-9}"#, false), (#"{"temperature":"0"}"#, false),
        (#"{"temperature":null}"#, false), (#"{"a":{"temperature":0}}"#, false), ("{}", false),
        (#"{"generationConfig":{"temperature":0}}"#, true),
    ])
    func temperature(body: String, isZero: Bool) {
        let scope = CacheScope(
            organisation: .home, key: nil, deployment: DeploymentID(1), endpoint: .chatCompletions, model: [])
        #expect(CanonicalRequest(ByteBuffer(string: body), in: scope)?.temperatureIsZero == isZero)
    }
}
