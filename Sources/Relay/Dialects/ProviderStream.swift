import NIOCore
import Vocabulary
import Wire

/// A provider's stream on its way to the client: metered, and translated where the client speaks another dialect.
///
/// It is looked at several times for every read, which for a value would be as many copies of all it holds.
final class ProviderStream {
    /// What the client is answered in.
    let target: AnswerTarget
    private var meter: StreamMeter
    private var translation: Translation?
    /// Of a stream that is passed on: it takes the meter's place.
    private(set) var passed: PassedStream?
    /// Takes off Bedrock's binary frames.
    var frames: BedrockEvents?
    /// Tags the ids of an answer that its provider keeps.
    var tagging: TaggedStream?
    /// What was seen so far.
    private(set) var report = StreamReport()

    init(from provider: Dialect, to target: AnswerTarget) {
        self.target = target
        let translates = provider != target.dialect
        var stripsUsage = false
        if case .chat(let includesUsage, _) = target { stripsUsage = !translates && !includesUsage }
        meter = StreamMeter(provider, stripsUsage: stripsUsage)
        if translates { translation = Translation(reader: provider.streamReader, writer: target.streamWriter) }
    }

    /// A stream that is passed on.
    /// - Parameter isEvents: the provider says that it sends events.
    convenience init(passedAs isEvents: Bool, to target: AnswerTarget) {
        self.init(from: target.dialect, to: target)
        passed = PassedStream(isEvents: isEvents)
    }

    /// Bytes of an event that are kept until it ends.
    var waitingBytes: Int { passed?.waitingBytes ?? translation?.reader.waitingBytes ?? meter.waitingBytes }

    /// Reads the provider's bytes and appends what the client may have now.
    func read(_ bytes: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        defer { note() }
        guard passed == nil else { return try passed!.read(bytes, into: &out) }
        guard frames != nil else { return try readEvents(bytes, into: &out) }
        var events = ByteBuffer()
        try frames!.read(bytes, into: &events)
        if events.readableBytes > 0 { try readEvents(events, into: &out) }
    }

    private func readEvents(_ bytes: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        guard translation == nil else { return try translation!.read(bytes, &report, into: &out) }
        guard tagging != nil else { return try meter.read(bytes, into: &out) }
        var events = ByteBuffer()
        defer { tagging!.pass(events, into: &out) }
        try meter.read(bytes, into: &events)
    }

    /// The end of the provider's body.
    func finish(into out: inout ByteBuffer) {
        defer { note() }
        guard passed == nil else { return passed!.finish() }
        var events = ByteBuffer()
        frames?.finish(into: &events)
        // What the frames end with is ours, and far below any limit.
        if events.readableBytes > 0 { try? readEvents(events, into: &out) }
        guard translation == nil else { return translation!.finish(&report, into: &out) }
        guard tagging != nil else { return meter.finish(into: &out) }
        var rest = ByteBuffer()
        meter.finish(into: &rest)
        tagging!.pass(rest, into: &out)
    }

    /// A translation tells as it goes.
    private func note() {
        if translation == nil { report = passed?.report ?? meter.report }
    }

    /// How many events the client has got, where its dialect counts them.
    var sequence: Int64 {
        guard let translation else { return meter.report.eventCount }
        return (translation.writer as? ResponsesStreamWriter).map { Int64($0.sequence) } ?? 0
    }
}

/// From the provider's events to the client's. What they tell is metered as they are read.
private struct Translation {
    private(set) var reader: any AnswerStreamReader
    private(set) var writer: any AnswerStreamWriter
    private var events: [AnswerEvent] = []

    init(reader: any AnswerStreamReader, writer: any AnswerStreamWriter) {
        self.reader = reader
        self.writer = writer
    }

    mutating func read(
        _ bytes: ByteBuffer, _ report: inout StreamReport, into out: inout ByteBuffer
    ) throws(StreamFault) {
        try reader.read(bytes, into: &events)
        write(&report, into: &out)
    }

    mutating func finish(_ report: inout StreamReport, into out: inout ByteBuffer) {
        reader.finish(into: &events)
        write(&report, into: &out)
    }

    private mutating func write(_ report: inout StreamReport, into out: inout ByteBuffer) {
        for index in events.indices {
            let event = events[index]
            report.take(event)
            writer.write(event, into: &out)
        }
        events.removeAll(keepingCapacity: true)
    }
}
