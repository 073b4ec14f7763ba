public import NIOCore
import Vocabulary

/// Turns Bedrock's binary stream into the events of Anthropic's dialect, which all other parts read. A value without I/O.
public struct BedrockEvents: Sendable {
    /// Converse's own events on their way to Anthropic's.
    private struct Converse: Sendable {
        var reader: ConverseStreamReader
        var writer = MessagesStreamWriter()
        var events: [AnswerEvent] = []

        mutating func take(_ message: EventStreamMessage, into out: inout ByteBuffer) throws(StreamFault) {
            try reader.take(String(decoding: message.type, as: UTF8.self), message.payload, into: &events)
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

    private var decoder: EventStreamDecoder
    private var tape = JSONTape()
    /// `nil`: what a `chunk` holds in base64 is an event of Anthropic's dialect already (InvokeModel).
    private var converse: Converse?

    /// - Parameter messageLimit: the longest message in bytes.
    public init(messageLimit: Int = 2 << 20) { decoder = EventStreamDecoder(limit: messageLimit) }

    /// For an answer of the Converse API.
    ///
    /// - Parameters:
    ///   - id: of the answer, which Converse does not name.
    ///   - model: as it was asked for.
    public init(converseID id: RawText, model: RawText, messageLimit: Int = 2 << 20) {
        self.init(messageLimit: messageLimit)
        converse = Converse(reader: ConverseStreamReader(id: id, model: model))
    }

    /// Reads upstream bytes and appends the events they hold.
    public mutating func read(_ bytes: ByteBuffer, into out: inout ByteBuffer) throws(StreamFault) {
        decoder.feed(bytes)
        while let message = try decoder.next() {
            if message.isException {
                error(message, &out)
            } else if converse != nil {
                try converse!.take(message, into: &out)
            } else {
                try chunk(message, &out)
            }
        }
    }

    /// The end of the upstream body.
    public mutating func finish(into out: inout ByteBuffer) { converse?.finish(into: &out) }

    /// `{"bytes":"eyJ0eXBl…"}`, beside padding that hides lengths.
    private mutating func chunk(_ message: EventStreamMessage, _ out: inout ByteBuffer) throws(StreamFault) {
        guard tape.readRepaired(message.payload), let data = tape.text(JSONTape.root, "bytes"),
            let event = Base64.decoded(data.unescaped)
        else { throw .malformedFrame }
        // One line of JSON, or it could end the event early.
        guard !event.contains(where: { $0 == 0x0a || $0 == 0x0d }) else { throw .malformedFrame }
        let body = ByteBuffer(bytes: event)
        guard tape.readRepaired(body), let type = tape.text(JSONTape.root, "type") else { throw .malformedFrame }
        out.writeStaticString("event: ")
        out.writeBytes(type.unescaped.filter { $0 > 0x20 })
        out.writeStaticString("\ndata: ")
        out.writeImmutableBuffer(body)
        out.writeStaticString("\n\n")
    }

    /// An exception inside a 200 becomes Anthropic's error event.
    private mutating func error(_ message: EventStreamMessage, _ out: inout ByteBuffer) {
        let kind = Self.kind(message.type)
        var text = RawText()
        if tape.readRepaired(message.payload), tape.kind(JSONTape.root) == .object {
            text = tape.text(JSONTape.root, "message") ?? tape.text(JSONTape.root, "originalMessage") ?? text
        }
        out.writeStaticString("event: error\ndata: ")
        MessagesErrorWriter.write(
            ProviderError(kind, status: ProviderError.status(of: kind), message: text), into: &out)
        out.writeStaticString("\n\n")
    }

    private static func kind(_ type: [UInt8]) -> ProviderError.Kind {
        switch String(decoding: type, as: UTF8.self) {
        case "throttlingException": .rateLimit
        case "serviceUnavailableException": .overloaded
        case "modelTimeoutException": .timeout
        case "validationException": .invalidRequest
        default: .server
        }
    }
}

/// Base64 of RFC 4648 §4, padded.
enum Base64 {
    /// `nil` for anything else.
    static func decoded(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        var word: UInt32 = 0
        var padding = 0
        for (index, byte) in text.enumerated() {
            guard byte != UInt8(ascii: "=") else {
                padding += 1
                word <<= 6
                if index % 4 == 3 { finish(&out, word, padding) }
                continue
            }
            guard padding == 0, let value = value(byte) else { return nil }
            word = word << 6 | UInt32(value)
            if index % 4 == 3 {
                finish(&out, word, 0)
                word = 0
            }
        }
        return padding <= 2 ? out : nil
    }

    private static func finish(_ out: inout [UInt8], _ word: UInt32, _ padding: Int) {
        let bytes = [
            UInt8(truncatingIfNeeded: word >> 16), UInt8(truncatingIfNeeded: word >> 8),
            UInt8(truncatingIfNeeded: word),
        ]
        out += bytes.prefix(max(0, 3 - padding))
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
