import GRDB
import Testing
import Vocabulary

@testable import Records

/// What is kept of `Idempotency-Key`s over a restart.
@Suite struct IdempotencyTests {
    private static let start = Moment(microseconds: 1_700_000_000_000_000)

    private static func marked(_ number: Int, mark: UInt64, after seconds: Int64 = 0) -> OpenedRecord {
        OpenedRecord(
            id: requestID(number), hold: UInt64(number),
            openedAt: Moment(microseconds: start.microseconds + seconds * 1_000_000), organisation: .home,
            key: KeyID(7),
            deployment: .none, model: .other, maximum: .zero, dialect: .openAI, endpoint: .chatCompletions,
            route: .named, streamed: false, mark: IdempotencyMark(high: mark, low: ~mark))
    }

    private static func failed(_ number: Int, charge: Int64) -> Receipt {
        var failed = receipt(number, charge: charge)
        failed.completion = .failed
        return failed
    }

    @Test func aRecordWithAMarkIsLongerAndComesBack() throws {
        for record in [Self.marked(1, mark: 9), Self.marked(2, mark: 0)] {
            var plain = record
            plain.mark = .none
            for record in [record, plain] {
                let bytes = segmentBytes(epoch: 1, [record]).dropFirst(64 + JournalRecord.headerLength)
                    .prefix(record.payloadLength)
                #expect(bytes.count == (record.mark == .none ? 76 : 92))
                #expect(unsafe OpenedRecord(payload: Array(bytes).span.bytes) == record)
                #expect(unsafe OpenedRecord(payload: Array(bytes.dropLast()).span.bytes) == nil)
            }
        }
    }

    @Test func whatWasChargedOrMayHaveBeenIsRememberedForADay() async throws {
        let home = try Installation()
        let records: [any JournalPayload] = [
            Self.marked(1, mark: 1), receipt(1), Self.marked(2, mark: 2), Self.failed(2, charge: 0),
            Self.marked(3, mark: 3), Self.failed(3, charge: 5), Self.marked(4, mark: 4), opened(5),
        ]
        try home.write(segmentBytes(epoch: 1, records, room: 64), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        let store = IdempotencyStore(home.ledger)
        func known(after seconds: Int64) throws -> [UInt64] {
            try store.used(at: Moment(microseconds: Self.start.microseconds + seconds * 1_000_000)).map(\.mark.high)
        }
        // The second came to nothing; of the fourth nobody knows yet.
        #expect(try known(after: 0).sorted() == [1, 3, 4])
        #expect(try known(after: 86_399).count == 3)
        #expect(try known(after: 86_400).isEmpty)
        let used = try #require(try store.used(at: Self.start).first { $0.mark.high == 1 })
        #expect(used.request == requestID(1) && used.usedAt == Self.start && used.mark.low == ~1)
        try store.expire(at: Moment(microseconds: Self.start.microseconds + 86_400_000_000))
        #expect(try home.ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM idempotency_keys") } == 0)
    }

    /// A key that was free again belongs to the request that used it last.
    @Test func theLastUseCounts() async throws {
        let home = try Installation()
        let records: [any JournalPayload] = [
            Self.marked(1, mark: 1), Self.failed(1, charge: 0), Self.marked(2, mark: 1, after: 5), receipt(2),
        ]
        try home.write(segmentBytes(epoch: 1, records, room: 64), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        #expect(try IdempotencyStore(home.ledger).used(at: Self.start).map(\.request) == [requestID(2)])
    }
}
