public import NIOCore
import Vocabulary

/// What Converse's plain answers and streams have in common.
enum ConverseWords {
    static func stopReason(_ word: RawText?) -> StopReason? {
        guard let word else { return nil }
        if word.equals("end_turn") { return .endTurn }
        if word.equals("tool_use") { return .toolUse }
        if word.equals("max_tokens") { return .maximumOutput }
        if word.equals("stop_sequence") { return .stopSequence }
        if word.equals("guardrail_intervened") || word.equals("content_filtered") { return .filtered }
        if word.equals("model_context_window_exceeded") { return .contextWindow }
        return .other
    }

    /// The counts of input, cache reads and cache writes are disjoint.
    static func usage(_ tape: JSONTape, _ report: JSONTape.Index) -> TokenUsage {
        func count(_ name: StaticString) -> Int64 {
            min(tape.member(report, name).flatMap { tape.count($0) } ?? 0, TokenUsage.ceiling)
        }
        var usage = TokenUsage()
        usage[.input] = count("inputTokens")
        usage[.output] = count("outputTokens")
        usage[.cacheRead] = count("cacheReadInputTokens")
        usage[.cacheWrite5m] = count("cacheWriteInputTokens")
        if let tier = tape.present(JSONTape.root, "serviceTier") {
            usage.level = tape.serviceLevel(tier, "type") ?? .standard
        }
        return usage
    }
}

/// Reads a plain answer of Converse into answer events.
public enum ConverseAnswerReader {
    /// - Parameters:
    ///   - id: of the answer, which Converse does not name.
    ///   - model: as it was asked for.
    /// - Returns: `nil` when the body is no answer.
    public static func read(_ body: ByteBuffer, id: RawText, model: RawText) -> [AnswerEvent]? {
        var tape = JSONTape()
        guard tape.readRepaired(body), tape.kind(JSONTape.root) == .object,
            let output = tape.present(JSONTape.root, "output"), let message = tape.present(output, "message"),
            let list = tape.present(message, "content"), tape.kind(list) == .array
        else { return nil }
        var events: [AnswerEvent] = [.start(id: id, model: model)]
        var blocks = BlockSequence()
        var hasCalls = false
        var index = 0
        var entry = tape.first(list)
        while let block = entry {
            read(block, tape, index, &blocks, &hasCalls, &events)
            blocks.close(index, into: &events)
            index += 1
            entry = tape.next(block, in: list)
        }
        blocks.closeAll(into: &events)
        let stop = ConverseWords.stopReason(tape.text(JSONTape.root, "stopReason"))
        events.append(.stop(stop ?? (hasCalls ? .toolUse : .endTurn)))
        if let report = tape.present(JSONTape.root, "usage") {
            events.append(.usage(ConverseWords.usage(tape, report)))
        }
        events.append(.end)
        return events
    }

    private static func read(
        _ block: JSONTape.Index, _ tape: JSONTape, _ index: Int, _ blocks: inout BlockSequence, _ hasCalls: inout Bool,
        _ events: inout [AnswerEvent]
    ) {
        if let text = tape.text(block, "text") {
            if !text.isEmpty { blocks.add(.text(text), to: index, .text, into: &events) }
        } else if let call = tape.present(block, "toolUse") {
            hasCalls = true
            let kind = BlockKind.toolCall(
                id: tape.text(call, "toolUseId") ?? RawText(), name: tape.text(call, "name") ?? RawText(),
                isCustom: false)
            let input = Arguments.value(tape.json(call, "input") ?? RawJSON("{}")).encoded
            blocks.add(.arguments(input), to: index, kind, into: &events)
        } else if let reasoning = tape.present(block, "reasoningContent") {
            if let data = tape.text(reasoning, "redactedContent") {
                blocks.add(nil, to: index, .redactedThinking(data), into: &events)
            } else if let thought = tape.present(reasoning, "reasoningText") {
                let text = tape.text(thought, "text") ?? RawText()
                if !text.isEmpty { blocks.add(.thinking(text), to: index, .thinking, into: &events) }
                if let signature = tape.text(thought, "signature") {
                    blocks.add(.signature(signature), to: index, .thinking, into: &events)
                }
            }
        } else if let cited = tape.present(block, "citationsContent"), let parts = tape.present(cited, "content") {
            var entry = tape.first(parts)
            while let part = entry {
                if let text = tape.text(part, "text"), !text.isEmpty {
                    blocks.add(.text(text), to: index, .text, into: &events)
                }
                entry = tape.next(part, in: parts)
            }
        }
    }
}

/// Reads Converse's stream into answer events: one call for each message of the binary stream.
struct ConverseStreamReader: Sendable {
    private var tape = JSONTape()
    private var blocks = BlockSequence()
    private var kinds: [Int: BlockKind] = [:]
    private var stop: StopReason?
    private var isStarted = false
    private(set) var isEnded = false
    private var hasCalls = false
    private let id: RawText
    private let model: RawText

    init(id: RawText, model: RawText) {
        self.id = id
        self.model = model
    }

    mutating func take(_ type: String, _ payload: ByteBuffer, into events: inout [AnswerEvent]) throws(StreamFault) {
        guard !isEnded else { return }
        guard tape.readRepaired(payload), tape.kind(JSONTape.root) == .object else { throw .malformedFrame }
        start(&events)
        let root = JSONTape.root
        let index = Int(clamping: tape.member(root, "contentBlockIndex").flatMap { tape.count($0) } ?? 0)
        switch type {
        case "contentBlockStart":
            guard let call = tape.present(root, "start").flatMap({ tape.present($0, "toolUse") }) else { return }
            hasCalls = true
            let kind = BlockKind.toolCall(
                id: tape.text(call, "toolUseId") ?? RawText(), name: tape.text(call, "name") ?? RawText(),
                isCustom: false)
            kinds[index] = kind
            blocks.add(nil, to: index, kind, into: &events)
        case "contentBlockDelta":
            if let delta = tape.present(root, "delta") { self.delta(delta, index, &events) }
        case "contentBlockStop": blocks.close(index, into: &events)
        case "messageStop": stop = ConverseWords.stopReason(tape.text(root, "stopReason"))
        case "metadata":
            blocks.closeAll(into: &events)
            events.append(.stop(stop ?? (hasCalls ? .toolUse : .endTurn)))
            if let report = tape.present(root, "usage") { events.append(.usage(ConverseWords.usage(tape, report))) }
            events.append(.end)
            isEnded = true
        default: break
        }
    }

    /// The stream ended. What said why it stopped but not what it used is whole all the same; else it was cut.
    mutating func finish(into events: inout [AnswerEvent]) {
        guard !isEnded else { return }
        isEnded = true
        guard let stop else { return }
        blocks.closeAll(into: &events)
        events += [.stop(stop), .end]
    }

    private mutating func start(_ events: inout [AnswerEvent]) {
        guard !isStarted else { return }
        isStarted = true
        events.append(.start(id: id, model: model))
    }

    private mutating func delta(_ delta: JSONTape.Index, _ index: Int, _ events: inout [AnswerEvent]) {
        if let text = tape.text(delta, "text") {
            if !text.isEmpty { blocks.add(.text(text), to: index, .text, into: &events) }
        } else if let call = tape.present(delta, "toolUse"), let input = tape.text(call, "input") {
            guard let kind = kinds[index], !input.isEmpty else { return }
            blocks.add(.arguments(input), to: index, kind, into: &events)
        } else if let reasoning = tape.present(delta, "reasoningContent") {
            if let text = tape.text(reasoning, "text") {
                if !text.isEmpty { blocks.add(.thinking(text), to: index, .thinking, into: &events) }
            } else if let signature = tape.text(reasoning, "signature") {
                if !signature.isEmpty { blocks.add(.signature(signature), to: index, .thinking, into: &events) }
            } else if let data = tape.text(reasoning, "redactedContent") {
                blocks.add(nil, to: index, .redactedThinking(data), into: &events)
            }
        }
    }
}
