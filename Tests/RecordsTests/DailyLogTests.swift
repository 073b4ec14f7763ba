import Foundation
import Synchronization
import Testing
import Vocabulary

@testable import Records

@Suite struct DailyLogTests {
    private final class FakeClock: Sendable {
        private let moment = Mutex(Moment(microseconds: 1_700_000_000_000_000))
        var now: Moment { moment.withLock { $0 } }
        func advance(days: Int64) { moment.withLock { $0.microseconds += days * CivilTime.dayLength } }
    }

    private func lines(_ folder: String, _ day: String) throws -> [String] {
        try String(contentsOfFile: folder + "/tacet-\(day).log", encoding: .utf8).split(separator: "\n").map(
            String.init)
    }

    @Test func everyEventIsOneObjectALine() throws {
        let folder = try TemporaryFolder()
        let clock = FakeClock()
        let log = DailyLog(directory: folder.path, retentionDays: 14) { clock.now }
        let events: [LogEvent] = [
            .request(
                id: requestID(1), endpoint: .chatCompletions, status: 200, error: .none, completion: .complete,
                key: KeyID(.max), deployment: DeploymentID(5), totalMicroseconds: 1234),
            .connectionRefused(error: .malformedRequest),
            .upstreamFailed(deployment: DeploymentID(5), error: .upstreamCut),
            .streamViolation(
                id: RequestID(high: 1, low: 2), dialect: .gemini, rule: .emptyBlock, isOurs: true,
                deployment: DeploymentID(5)),
            .started(apiPort: 8400, consolePort: 8401), .draining(inFlight: 2), .stopped(cutRequests: 1),
            .configurationReloaded, .journalFull, .journalDamaged(segment: 3), .recovered(requests: 4), .drainFailed,
            .keySnapshotStale,
        ]
        for event in events { log.record(event) }
        log.flush()
        let written = try lines(folder.path, "2023-11-14")
        #expect(written.count == events.count)
        #expect(
            written[0]
                == #"{"at":"2023-11-14T22:13:20.000000Z","level":"info","event":"request","id":"req_\#(String(decoding: requestID(1).text.dropFirst(4), as: UTF8.self))","endpoint":"/v1/chat/completions","status":200,"error":"none","completion":"complete","key":"key_fzzzzzzzzzzzz","deployment":5,"total_us":1234}"#
        )
        for line in written {
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
        }
        #expect(written[9].contains(#""level":"error","event":"journal_damaged","segment":3"#))
    }

    @Test(arguments: [Int64(14), 30]) func noLineOutlivesTheTerm(days: Int64) throws {
        let folder = try TemporaryFolder()
        let clock = FakeClock()
        try Data().write(to: URL(fileURLWithPath: folder.path + "/notes.txt"))
        let log = DailyLog(directory: folder.path, retentionDays: days) { clock.now }
        for _ in 0..<40 {
            log.record(.journalFull)
            log.flush()
            clock.advance(days: 1)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == Int(days) + 1)
        // Nothing is written any more: the job alone forgets.
        clock.advance(days: days)
        log.expire()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
    }

    @Test func aFullQueueDropsAndCounts() throws {
        let folder = try TemporaryFolder()
        let clock = FakeClock()
        let log = DailyLog(directory: folder.path, retentionDays: 14, capacity: 3) { clock.now }
        // The first write may come in between: a number of lines and drops in any case makes eight.
        for _ in 0..<8 { log.record(.journalFull) }
        log.flush()
        let written = try lines(folder.path, "2023-11-14")
        let full = written.filter { $0.contains("journal_full") }.count
        let dropped = written.compactMap { line in
            line.contains("log_dropped") ? Int(line.split(separator: ":").last?.dropLast() ?? "") : nil
        }
        #expect(full + dropped.reduce(0, +) == 8)
        #expect(full < 8)
    }

    @Test func aDiskThatRefusesCostsLinesOnly() throws {
        let clock = FakeClock()
        let log = DailyLog(directory: "/nowhere/at/all", retentionDays: 14) { clock.now }
        log.record(.journalFull)
        log.flush()
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000Z"), (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
        (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"), (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ]) func datesAreRight(microseconds: Int64, text: String) {
        #expect(String(decoding: CivilTime(Moment(microseconds: microseconds)).text, as: UTF8.self) == text)
    }

    @Test func keyIDsReadBack() {
        for value in [UInt64(0), 1, 7, .max, 1 << 63] {
            #expect(KeyID(text: KeyID(value).text) == KeyID(value))
        }
        for text in ["", "key_", "key_g000000000000", "key_000000000000I", "kex_0000000000007", "key_00000000000077"] {
            #expect(KeyID(text: text) == nil)
        }
    }
}
