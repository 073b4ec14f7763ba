import Foundation
import Secrets
import Synchronization
import Testing
import Vocabulary

@testable import Records

/// A data directory with its ledger, and journals written as the relay writes them.
final class Installation {
    let folder: TemporaryFolder
    let directory: DataDirectory
    let ledger: Ledger
    let identity: NodeIdentity
    let installationKey: [UInt8]
    let events = RecordedEvents()

    init() throws {
        folder = try TemporaryFolder()
        directory = try DataDirectory(folder.path + "/data")
        ledger = try Ledger(directory)
        let installation = try InstallationIdentity(directory: directory.keysPath)
        installationKey = installation.publicKey
        identity = try NodeIdentity(directory: directory.nodePath, node: 1, installation: installation)
    }

    var store: ReceiptStore { ReceiptStore(ledger) }

    func drainer(epoch: UInt32) throws -> Drainer {
        try Drainer(
            ledger: ledger, directory: directory, served: NodeEpoch(node: 1, epoch: epoch), identity: identity,
            profile: .strict, events: events, now: { Moment(microseconds: 1_700_000_000_000_000) })
    }

    func segmentPath(_ epoch: UInt32, _ number: UInt32) -> String {
        directory.journalPath + "/" + JournalSegment(epoch: epoch, number: number).fileName
    }

    func write(_ bytes: [UInt8], epoch: UInt32, number: UInt32 = 1) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: segmentPath(epoch, number)))
    }

    var segments: [String] { get throws { try journalFiles.filter { $0.hasSuffix(".seg") } } }

    var journalFiles: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.journalPath).sorted() }
    }

    /// Every receipt, oldest id first.
    func receipts() throws -> [Receipt] {
        try store.list(.init(limit: 100_000)).map(\.receipt).sorted {
            $0.id.bytes.lexicographicallyPrecedes($1.id.bytes)
        }
    }

    func exported() throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        try store.export { lines.append($0) }
        return lines
    }
}

final class RecordedEvents: EventLog {
    private let events = Mutex<[LogEvent]>([])
    func record(_ event: LogEvent) { events.withLock { $0.append(event) } }
    var all: [LogEvent] { events.withLock { $0 } }
}

/// Bytes of a segment as the mapped writer leaves them.
func segmentBytes(
    epoch: UInt32, number: UInt32 = 1, first: UInt64 = 1, _ records: [any JournalPayload], room: Int = 0
) -> [UInt8] {
    var bytes = JournalSegment.header(
        node: 1, segment: JournalSegment(epoch: epoch, number: number), firstSequence: first)
    for (index, record) in records.enumerated() { bytes += recordBytes(record, sequence: first + UInt64(index)) }
    return bytes + [UInt8](repeating: 0, count: room)
}

func recordBytes(_ record: any JournalPayload, sequence: UInt64) -> [UInt8] {
    let length = record.recordLength
    var bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
        let memory = UnsafeMutableRawBufferPointer(buffer)
        var out = unsafe OutputRawSpan(buffer: memory, initializedCount: 0)
        record.encodeRecord(sequence: sequence, into: &out)
        count = unsafe out.finalize(for: memory)
    }
    for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: JournalRecord.commitWord >> UInt32(shift * 8))) }
    return bytes + [UInt8](repeating: 0, count: length - bytes.count)
}

func requestID(_ number: Int) -> RequestID { RequestID(high: 0x0190_0000_0000_0000, low: UInt64(number)) }

func opened(_ number: Int, streamed: Bool = true) -> any JournalPayload {
    OpenedRecord(
        id: requestID(number), hold: UInt64(number), openedAt: Moment(microseconds: 1_700_000_000_000_000),
        organisation: .home, key: KeyID(7), deployment: DeploymentID(stableNumber(of: "openai".utf8)),
        model: ModelID(stableNumber(of: "openai/gpt".utf8)), maximum: NanoUSD(900), dialect: .openAI,
        endpoint: .chatCompletions, route: .named, streamed: streamed)
}

func progress(_ number: Int, output: Int64, charge: Int64) -> any JournalPayload {
    ProgressRecord(
        id: requestID(number), input: 11, output: output, cost: NanoUSD(charge), charge: NanoUSD(charge),
        at: Moment(microseconds: 1_700_000_000_500_000))
}

func receipt(_ number: Int, epoch: UInt32 = 1, charge: Int64 = 100, key: UInt64 = 7) -> Receipt {
    var receipt = Receipt(
        id: requestID(number), served: NodeEpoch(node: 1, epoch: epoch),
        openedAt: Moment(microseconds: 1_700_000_000_000_000 + Int64(number)), organisation: .home, key: KeyID(key),
        dialect: .openAI, endpoint: .chatCompletions)
    receipt.hold = UInt64(number)
    receipt.deployment = DeploymentID(stableNumber(of: "openai".utf8))
    receipt.requestedModel = ModelID(stableNumber(of: "openai/gpt".utf8))
    receipt.servedModel = receipt.requestedModel
    receipt.status = 200
    receipt.completion = .complete
    receipt.route = .named
    receipt.attempts = 1
    receipt.tokens[.input] = 11
    receipt.tokens[.output] = 22
    receipt.providerCost = NanoUSD(charge)
    receipt.charge = NanoUSD(charge)
    receipt.baseline = NanoUSD(charge)
    receipt.totalMicroseconds = 1234
    receipt.priceBook = 20_261_101
    receipt.profileVersion = 1
    return receipt
}

func closed(_ number: Int, epoch: UInt32 = 1, charge: Int64 = 100) -> any JournalPayload {
    receipt(number, epoch: epoch, charge: charge)
}

func name(_ text: String) -> any JournalPayload {
    NamedRecord(ModelID(stableNumber(of: text.utf8)), name: Array(text.utf8))
}
