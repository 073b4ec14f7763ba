import NIOCore
import Testing
import Vocabulary

@testable import Wire

/// A dialect's stream in one framing: its reader, writer, meter and validator.
enum StreamForm: String, CaseIterable, Sendable {
    case chat, messages, responses, gemini, geminiArray

    var dialect: Dialect {
        switch self {
        case .chat: .openAI
        case .messages: .anthropic
        case .responses: .openAIResponses
        case .gemini, .geminiArray: .gemini
        }
    }

    var reader: any AnswerStreamReader {
        switch self {
        case .chat: ChatStreamReader()
        case .messages: MessagesStreamReader()
        case .responses: ResponsesStreamReader()
        case .gemini, .geminiArray: GeminiStreamReader()
        }
    }

    var writer: any AnswerStreamWriter {
        switch self {
        case .chat: ChatStreamWriter(includesUsage: true, created: 1)
        case .messages: MessagesStreamWriter()
        case .responses: ResponsesStreamWriter(created: 1)
        case .gemini: GeminiStreamWriter(framing: .events)
        case .geminiArray: GeminiStreamWriter(framing: .array)
        }
    }

    /// The events of a stream, cut where told.
    func events(_ body: some Collection<UInt8>, cuts: [Int] = []) -> [AnswerEvent] {
        var reader = reader
        var events: [AnswerEvent] = []
        let bytes = Array(body)
        var start = 0
        do throws(StreamFault) {
            for cut in cuts + [bytes.count] {
                try reader.read(ByteBuffer(bytes: bytes[start..<cut]), into: &events)
                start = cut
            }
        } catch { events.append(.failure(.malformed)) }
        reader.finish(into: &events)
        return events
    }

    /// What a client gets of events.
    func write(_ events: [AnswerEvent]) -> (text: String, losses: [Loss]) {
        var writer = writer
        var out = ByteBuffer()
        for event in events { writer.write(event, into: &out) }
        return (String(buffer: out), writer.losses)
    }

    /// The rule that a stream breaks.
    func violation(
        _ text: String, _ origin: StreamValidator.Origin = .written, cuts: [Int] = []
    ) -> StreamViolation? {
        var validator = StreamValidator(dialect, origin, array: self == .geminiArray)
        let bytes = Array(text.utf8)
        var start = 0
        do throws(StreamViolation) {
            for cut in cuts + [bytes.count] {
                try validator.take(ByteBuffer(bytes: bytes[start..<cut]))
                start = cut
            }
            try validator.finish()
        } catch { return error }
        return nil
    }

    /// The rule that events break.
    static func violation(_ events: [AnswerEvent]) -> StreamViolation? {
        var grammar = AnswerGrammar()
        do throws(StreamViolation) {
            for event in events { try grammar.take(event) }
            try grammar.finish()
        } catch { return error }
        return nil
    }

    func digest(_ text: String) -> Digest {
        switch self {
        case .chat: .chat(stream: text)
        case .messages: .messages(stream: text)
        case .responses: .responses(stream: text)
        case .gemini, .geminiArray: .gemini(text)
        }
    }

    /// What passing a stream on tells, cut where told.
    func metered(_ body: some Collection<UInt8>, cuts: [Int] = []) -> MeteredStream {
        let dialect: Dialect =
            switch self {
            case .chat: .openAI
            case .messages: .anthropic
            case .responses: .openAIResponses
            case .gemini, .geminiArray: .gemini
            }
        return MeteredStream(StreamMeter(dialect), Array(body), cuts)
    }
}

/// What a meter said of a stream, and what it passed on.
struct MeteredStream: Equatable {
    var output: [UInt8] = []
    var report = StreamReport()
    var fault: StreamFault?

    init(_ meter: StreamMeter, _ bytes: [UInt8], _ cuts: [Int]) {
        var meter = meter
        var out = ByteBuffer()
        var start = 0
        do throws(StreamFault) {
            for cut in cuts + [bytes.count] {
                try meter.read(ByteBuffer(bytes: bytes[start..<cut]), into: &out)
                start = cut
            }
        } catch { fault = error }
        meter.finish(into: &out)
        output = Array(buffer: out)
        report = meter.report
    }
}
