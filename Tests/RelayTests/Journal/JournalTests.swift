import CBytes
import Foundation
import Synchronization
import Testing
import Vocabulary

@testable import Relay

@Suite struct JournalTests {
    private let served = NodeEpoch(node: 1, epoch: 3)

    private func withDirectory<Result>(_ body: (String) async throws -> Result) async rethrows -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "tacet-journal-\(UUID())").path()
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    private func receipt(_ number: UInt64, hold: UInt64) -> Receipt {
        var receipt = Receipt(
            id: RequestID(high: 1, low: number), served: served, openedAt: Moment(microseconds: 5), organisation: .home,
            key: KeyID(2), dialect: .openAI, endpoint: .chatCompletions)
        receipt.hold = hold
        return receipt
    }

    private func opened(_ number: UInt64) -> OpenedRecord {
        OpenedRecord(
            id: RequestID(high: 1, low: number), hold: number, openedAt: Moment(microseconds: 5), organisation: .home,
            key: KeyID(2), deployment: .none, model: .other, maximum: .zero, dialect: .openAI,
            endpoint: .chatCompletions, route: .named, streamed: false)
    }

    /// Sequence and payload of all records of a directory's segments, in order.
    private func read(_ directory: String) throws -> [(UInt64, [UInt8])] {
        var found: [(UInt64, [UInt8])] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
            let data = try Data(contentsOf: URL(filePath: directory).appending(path: name))
            let bytes = Array(data)
            #expect(Array(bytes.prefix(8)) == Array("TACETJNL".utf8))
            var offset = MappedSegment.headerLength
            reading: while true {
                switch unsafe JournalRecord.frame(bytes.span.bytes, at: offset) {
                case .record(_, let sequence, let payload, let length):
                    let start = offset + JournalRecord.headerLength
                    found.append((sequence, Array(bytes[start..<start + payload])))
                    offset += length
                case .end: break reading
                case .damaged:
                    Issue.record("a damaged record")
                    break reading
                }
            }
        }
        return found
    }

    @Test func recordsComeBackInOrderOverSeveralSegments() async throws {
        try await withDirectory { directory in
            let journal = try Journal(directory: directory, served: served, capacity: 16 << 10, log: NoLog())
            var written = 0
            // The next segment is made on another thread: a refused record is offered again.
            for number in 1...200 as ClosedRange<UInt64> {
                while !journal.write(opened(number)) { await Task.yield() }
                #expect(journal.write(receipt(number, hold: number)))
                written += 2
            }
            await journal.stop()
            let found = try read(directory)
            #expect(found.count == written)
            #expect(found.map(\.0) == Array(1...UInt64(written)))
            #expect(found[1].1 == receipt(1, hold: 1).canonicalBytes)
        }
    }

    /// Files that the drain emptied serve again; one of another size does not, and none is left beside them.
    @Test func sparesAreTakenAgain() async throws {
        try await withDirectory { directory in
            let sizes = [16 << 10, 8 << 10, 16 << 10]
            for (number, size) in sizes.enumerated() {
                try Data(count: size).write(to: URL(filePath: "\(directory)/\(SpareSegment.name(number))"))
            }
            let first = try MappedSegment(directory: directory, node: served, number: 1, capacity: 16 << 10)
            let second = try MappedSegment(directory: directory, node: served, number: 2, capacity: 16 << 10)
            #expect(first.isInPlace && second.isInPlace)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(names == ["0000000003-0000000001.seg", "0000000003-0000000002.seg"])
            try FileManager.default.removeItem(atPath: "\(directory)/\(names[0])")
            #expect(!first.isInPlace && second.isInPlace)
        }
    }

    @Test(arguments: 0..<80) func theProcessorsChecksumIsTheTables(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let fast = unsafe bytes.withUnsafeBytes { unsafe tacet_crc32c($0.baseAddress, $0.count) }
        #expect(unsafe fast == CRC32C.of(bytes.span.bytes))
    }

    /// Streams stay open for long: what they owe lies ready beside what comes meanwhile.
    @Test func manyOpenRequestsFindRoom() async throws {
        try await withDirectory { directory in
            let journal = try Journal(directory: directory, served: served, capacity: 16 << 10, log: NoLog())
            for number in 1...300 as ClosedRange<UInt64> {
                while !journal.write(opened(number)) { await Task.yield() }
            }
            for number in 1...300 as ClosedRange<UInt64> { #expect(journal.write(receipt(number, hold: number))) }
            await journal.stop()
            #expect(try read(directory).count == 600)
        }
    }

    /// `RULES.md` 25: what is admitted can always be closed.
    @Test func anOpenedRequestHasRoomToClose() async throws {
        try await withDirectory { directory in
            let journal = try Journal(directory: directory, served: served, capacity: 8 << 10, log: NoLog())
            await journal.stop()
            var admitted: UInt64 = 0
            while journal.write(opened(admitted + 1)) { admitted += 1 }
            #expect(admitted > 0)
            for number in 1...admitted { #expect(journal.write(receipt(number, hold: number))) }
            #expect(try read(directory).count == Int(admitted) * 2)
        }
    }

    @Test func aDirectoryThatIsNotThereIsAFault() async {
        #expect(throws: JournalFault.self) {
            try Journal(directory: "/nonexistent/journal", served: served, log: NoLog())
        }
    }
}

final class NoLog: EventLog {
    func record(_ event: LogEvent) {}
}
