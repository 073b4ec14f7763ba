import NIOCore
import Vocabulary

@testable import Wire

/// What hostile bytes are fed to, and what must hold whatever they are.
enum FuzzSubject: String, CaseIterable, Sendable {
    case json, events, streams, answers, requests, errors, forms, frames

    /// A broken promise, by name: the input that breaks it is kept as a fixture.
    struct Finding: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    /// - Parameter choice: picks cuts and dialects; the same number picks the same.
    func run(_ bytes: [UInt8], choice: UInt64) throws(Finding) {
        switch self {
        case .json: try Self.scan(bytes)
        case .events: try Self.frame(bytes, choice)
        case .streams: try Self.translateStream(bytes, choice)
        case .answers: try Self.translateAnswer(bytes)
        case .requests: try Self.translateRequest(bytes)
        case .errors: try Self.translateError(bytes)
        case .forms: try Self.readForm(bytes, choice)
        case .frames: try Self.readFrames(bytes, choice)
        }
    }

    private static func isJSON(_ bytes: ByteBuffer) -> Bool {
        do throws(JSONFault) { _ = try JSONCursor.validate(bytes.readableBytesUInt8Span) } catch { return false }
        return true
    }

    /// Cursor and tape agree, and what is taken has text that can be read.
    private static func scan(_ bytes: [UInt8]) throws(Finding) {
        let buffer = ByteBuffer(bytes: bytes)
        let isTaken = isJSON(buffer)
        var tape = JSONTape()
        var tapeTakes = true
        do throws(JSONFault) { try tape.read(buffer) } catch { tapeTakes = false }
        guard isTaken == tapeTakes else { throw Finding("cursor and tape differ") }
        guard isTaken else { return }
        if let text = tape.text(JSONTape.root) {
            guard String(validating: text.unescaped, as: UTF8.self) != nil else { throw Finding("text is not UTF-8") }
        }
    }

    /// Events are the same however their bytes are cut.
    private static func frame(_ bytes: [UInt8], _ choice: UInt64) throws(Finding) {
        func events(_ cuts: [Int]) -> [[UInt8]] {
            var bodies = EventBodies(limit: 1 << 20, keepsNames: true)
            var out: [[UInt8]] = []
            var start = 0
            do throws(StreamFault) {
                for cut in cuts + [bytes.count] {
                    bodies.feed(ByteBuffer(bytes: bytes[start..<cut]))
                    start = cut
                    while let data = try bodies.next() {
                        out.append(Array(buffer: bodies.name ?? ByteBuffer()))
                        out.append(Array(buffer: data))
                    }
                }
            } catch {}
            if let rest = bodies.rest() { out.append(Array(buffer: rest)) }
            return out
        }
        let cut = Int(choice % UInt64(bytes.count + 1))
        guard events([]) == events([cut]) else { throw Finding("events depend on a cut") }
        guard events([]) == events(Array(0..<bytes.count)) else { throw Finding("events depend on cuts") }
    }

    // MARK: Translation

    private static func reader(_ form: Int) -> any AnswerStreamReader {
        switch form {
        case 0: ChatStreamReader()
        case 1: MessagesStreamReader()
        case 2: ResponsesStreamReader()
        default: GeminiStreamReader()
        }
    }

    private static func read(_ form: Int, _ bytes: [UInt8], _ cuts: [Int]) -> [AnswerEvent] {
        var reader = reader(form)
        var events: [AnswerEvent] = []
        var start = 0
        do throws(StreamFault) {
            for cut in cuts + [bytes.count] {
                try reader.read(ByteBuffer(bytes: bytes[start..<cut]), into: &events)
                start = cut
            }
        } catch { return events + [.failure(.malformed)] }
        reader.finish(into: &events)
        return events
    }

    private static func check(_ events: [AnswerEvent]) throws(Finding) {
        var grammar = AnswerGrammar()
        do throws(StreamViolation) {
            for event in events { try grammar.take(event) }
            try grammar.finish()
        } catch { throw Finding("events break \(error.name)") }
    }

    private static let targets: [Dialect] = [.openAI, .anthropic, .openAIResponses, .gemini]

    private static func stream(_ target: Int, _ events: [AnswerEvent], array: Bool) -> ByteBuffer {
        var writer: any AnswerStreamWriter =
            switch target {
            case 0: ChatStreamWriter(includesUsage: true, created: 1)
            case 1: MessagesStreamWriter()
            case 2: ResponsesStreamWriter(created: 1)
            default: GeminiStreamWriter(framing: array ? .array : .events)
            }
        var out = ByteBuffer()
        for event in events { writer.write(event, into: &out) }
        return out
    }

    /// From every dialect to every other: the cuts change nothing, and what is written keeps every rule.
    private static func translateStream(_ bytes: [UInt8], _ choice: UInt64) throws(Finding) {
        let source = Int(choice % 4)
        let array = choice & 64 != 0
        let events = read(source, bytes, [])
        try check(events)
        let cut = Int((choice >> 8) % UInt64(bytes.count + 1))
        let halves = read(source, bytes, [cut])
        for target in 0..<4 {
            let out = stream(target, events, array: array)
            guard out == stream(target, halves, array: array) else { throw Finding("\(source) depends on a cut") }
            var validator = StreamValidator(targets[target], .written, array: array && target == 3)
            do throws(StreamViolation) {
                try validator.take(out)
                try validator.finish()
            } catch { throw Finding("\(source) → \(target) breaks \(error.name)") }
        }
        var passing = StreamValidator(targets[source], .passed, array: array && source == 3)
        do throws(StreamViolation) {
            try passing.take(ByteBuffer(bytes: bytes))
            try passing.finish()
        } catch {}
        try meter(bytes, cut, source)
    }

    private static func meter(_ bytes: [UInt8], _ cut: Int, _ source: Int) throws(Finding) {
        var out = ByteBuffer()
        let pieces = [ByteBuffer(bytes: bytes[..<cut]), ByteBuffer(bytes: bytes[cut...])]
        var meter = StreamMeter(targets[source])
        do throws(StreamFault) {
            for piece in pieces { try meter.read(piece, into: &out) }
            meter.finish(into: &out)
        } catch { return }
        guard Array(buffer: out) == bytes else { throw Finding("\(source) is not passed as it is") }
    }

    private static func translateAnswer(_ bytes: [UInt8]) throws(Finding) {
        let body = ByteBuffer(bytes: bytes)
        let readings = [
            ChatAnswerReader.read(body), MessagesAnswerReader.read(body), ResponsesAnswerReader.read(body),
            GeminiAnswerReader.read(body),
        ]
        _ = (ChatAnswer.read(body), MessagesAnswer.read(body), ResponsesAnswer.read(body), GeminiAnswer.read(body))
        for (source, events) in readings.enumerated() {
            guard let events else { continue }
            try check(events)
            for target in 0..<4 {
                var out = ByteBuffer()
                switch target {
                case 0: _ = ChatAnswerWriter.write(events, created: 1, into: &out)
                case 1: _ = MessagesAnswerWriter.write(events, into: &out)
                case 2: _ = ResponsesAnswerWriter.write(events, created: 1, into: &out)
                default: _ = GeminiAnswerWriter.write(events, into: &out)
                }
                guard isJSON(out) else { throw Finding("answer \(source) → \(target) is not JSON") }
            }
        }
    }

    private static func translateRequest(_ bytes: [UInt8]) throws(Finding) {
        let body = ByteBuffer(bytes: bytes)
        let path = GeminiPath(model: Array("m".utf8), action: .generateContent)
        for source in 0..<4 {
            let conversation: Conversation
            do throws(RequestRejection) {
                conversation =
                    switch source {
                    case 0: try ChatConversationReader.read(body)
                    case 1: try MessagesRequestReader.read(body)
                    case 2: try ResponsesConversationReader.read(body)
                    default: try GeminiRequestReader.read(body, path: path)
                    }
            } catch { continue }
            for target in 0..<4 {
                var out = ByteBuffer()
                let losses =
                    switch target {
                    case 0: ChatConversationWriter.write(conversation, options: ChatRequestOptions(), into: &out)
                    case 1: MessagesRequestWriter.write(conversation, options: MessagesRequestOptions(), into: &out)
                    case 2: ResponsesConversationWriter.write(conversation, into: &out)
                    default: GeminiRequestWriter.write(conversation, into: &out)
                    }
                guard isJSON(out) else { throw Finding("request \(source) → \(target) is not JSON") }
                for loss in losses where loss.path.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
                    throw Finding("request \(source) → \(target) names a loss in bytes no header takes")
                }
            }
        }
    }

    private static func translateError(_ bytes: [UInt8]) throws(Finding) {
        let body = ByteBuffer(bytes: bytes)
        for error in [
            ChatErrorReader.read(body, status: 500), MessagesErrorReader.read(body, status: 429),
            ResponsesErrorReader.read(body, status: 400), GeminiErrorReader.read(body, status: 503),
        ] {
            var outs = [ByteBuffer(), ByteBuffer(), ByteBuffer(), ByteBuffer()]
            ChatErrorWriter.write(error, into: &outs[0])
            MessagesErrorWriter.write(error, into: &outs[1])
            ResponsesErrorWriter.write(error, into: &outs[2])
            GeminiErrorWriter.write(error, into: &outs[3])
            for out in outs where !isJSON(out) { throw Finding("an error is not JSON") }
        }
    }
}
