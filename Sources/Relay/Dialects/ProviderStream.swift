import NIOCore
import Vocabulary
import Wire

/// A provider's stream on its way to the client: metered in the provider's dialect, and translated where the client
/// speaks another.
struct ProviderStream: Sendable {
    private var meter: Meter
    private var translation: Translation?
    /// Takes off Bedrock's binary frames.
    var frames: BedrockEvents?

    /// - Parameter created: seconds since 1970, for dialects whose events carry a time.
    init(from provider: Dialect, to request: ClientRequest, created: Int64) {
        let translates = provider != request.dialect
        meter = Meter(provider, stripsUsage: !translates && !request.asksForUsage)
        if translates { translation = Translation(from: provider, to: request, created: created) }
    }

    /// Reads the provider's bytes and appends what the client may have now.
    mutating func read(_ bytes: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        guard frames != nil else { return try readEvents(bytes, into: &out) }
        var events = ByteBuffer()
        try frames!.read(bytes, into: &events)
        if events.readableBytes > 0 { try readEvents(events, into: &out) }
    }

    private mutating func readEvents(_ bytes: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        guard translation != nil else { return try meter.read(bytes, into: &out) }
        translation!.unwanted.clear()
        try meter.read(bytes, into: &translation!.unwanted)
        try translation!.read(bytes, into: &out)
    }

    /// The end of the provider's body.
    mutating func finish(into out: inout ByteBuffer) {
        guard translation != nil else { return meter.finish(into: &out) }
        translation!.unwanted.clear()
        meter.finish(into: &translation!.unwanted)
        translation!.finish(into: &out)
    }

    var usage: TokenUsage? { meter.chat?.usage ?? meter.messages?.usage }
    /// The last event was seen.
    var isDone: Bool { meter.chat?.isDone ?? meter.messages?.isDone ?? false }
    var hasContent: Bool { meter.chat?.hasContent ?? meter.messages?.hasContent ?? false }
    var errorSeen: Bool { meter.chat?.errorSeen ?? meter.messages?.errorSeen ?? false }
    var visibleOutputBytes: Int64 { meter.chat?.visibleOutputBytes ?? meter.messages?.visibleOutputBytes ?? 0 }
}

/// Counts in the provider's dialect and passes its bytes on; one of the two is there.
private struct Meter: Sendable {
    var chat: ChatStream?
    var messages: MessagesStream?

    init(_ provider: Dialect, stripsUsage: Bool) {
        switch provider {
        case .anthropic: messages = MessagesStream()
        case .openAI, .openAIResponses, .gemini: chat = ChatStream(stripsUsage: stripsUsage)
        }
    }

    mutating func read(_ bytes: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        try chat?.read(bytes, into: &out)
        try messages?.read(bytes, into: &out)
    }

    mutating func finish(into out: inout ByteBuffer) {
        chat?.finish(into: &out)
        messages?.finish(into: &out)
    }
}

/// From the provider's events to the client's.
private struct Translation: Sendable {
    private var reader: any AnswerStreamReader
    private var writer: any AnswerStreamWriter
    private var events: [AnswerEvent] = []
    /// Where the meter puts the provider's own bytes, which nobody wants.
    var unwanted = ByteBuffer()

    init(from provider: Dialect, to request: ClientRequest, created: Int64) {
        switch provider {
        case .anthropic: reader = MessagesStreamReader()
        case .openAI, .openAIResponses, .gemini: reader = ChatStreamReader()
        }
        switch request {
        case .chat(let chat): writer = ChatStreamWriter(includesUsage: chat.asksForUsage, created: created)
        case .messages: writer = MessagesStreamWriter()
        }
    }

    mutating func read(_ bytes: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        try reader.read(bytes, into: &events)
        write(into: &out)
    }

    mutating func finish(into out: inout ByteBuffer) {
        reader.finish(into: &events)
        write(into: &out)
    }

    private mutating func write(into out: inout ByteBuffer) {
        for event in events { writer.write(event, into: &out) }
        events.removeAll(keepingCapacity: true)
    }
}
