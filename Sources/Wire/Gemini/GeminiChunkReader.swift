import NIOCore
import Vocabulary

/// Reads `GenerateContentResponse` objects into answer events: a plain answer is one of them, a stream several.
struct GeminiChunkReader: Sendable {
    private var content = GeminiContentReader()
    private var citations: [Citation] = []
    private var isStarted = false
    private(set) var isEnded = false
    private(set) var stop: StopReason?
    private var usage: TokenUsage?
    private var searches: Int64 = 0
    private var ownLosses: [Loss] = []

    var losses: [Loss] { content.losses + ownLosses }

    /// Whether the object is an answer, or a part of one.
    static func isAnswer(_ tape: JSONTape, _ root: JSONTape.Index) -> Bool {
        tape.present(root, "candidates") != nil || tape.present(root, "promptFeedback", "prompt_feedback") != nil
            || tape.present(root, "usageMetadata", "usage_metadata") != nil
    }

    mutating func take(_ tape: JSONTape, _ root: JSONTape.Index, into events: inout [AnswerEvent]) {
        guard !isEnded else { return }
        if let error = tape.present(root, "error") {
            return fail(GeminiErrorReader.error(tape, error, status: nil), into: &events)
        }
        guard Self.isAnswer(tape, root) else { return }
        start(tape, root, &events)
        if let list = tape.present(root, "candidates") { candidates(tape, list, &events) }
        // A prompt that was blocked has no candidate.
        if let feedback = tape.present(root, "promptFeedback", "prompt_feedback"),
            tape.present(feedback, "blockReason", "block_reason") != nil
        {
            stop = stop ?? .filtered
        }
        if let report = tape.present(root, "usageMetadata", "usage_metadata").flatMap({ tape.geminiUsage($0) }) {
            if usage?.take(report) == nil { usage = report }
        }
        if var usage {
            usage[.searches] = searches
            events.append(.usage(usage))
        }
    }

    /// The answer is complete: it ends, or fails as cut where the provider never said why it stopped.
    mutating func finish(into events: inout [AnswerEvent]) {
        guard !isEnded else { return }
        guard let stop else { return fail(.cut, into: &events) }
        isEnded = true
        content.finish(citations: citations, into: &events)
        events.append(.stop(content.hasCalls && stop == .endTurn ? .toolUse : stop))
        events.append(.end)
    }

    mutating func fail(_ error: ProviderError, into events: inout [AnswerEvent]) {
        guard !isEnded else { return }
        isEnded = true
        if isStarted { content.finish(citations: [], into: &events) }
        events.append(.failure(error))
    }

    private mutating func start(_ tape: JSONTape, _ root: JSONTape.Index, _ events: inout [AnswerEvent]) {
        guard !isStarted else { return }
        isStarted = true
        let id = tape.text(root, "responseId", "response_id") ?? RawText()
        content.response = id
        events.append(.start(id: id, model: tape.text(root, "modelVersion", "model_version") ?? RawText()))
    }

    /// Only the first candidate: a translated request never asks for more.
    private mutating func candidates(_ tape: JSONTape, _ list: JSONTape.Index, _ events: inout [AnswerEvent]) {
        for candidate in tape.entries(list) {
            guard tape.kind(candidate) == .object,
                tape.present(candidate, "index").flatMap({ tape.count($0) }) ?? 0 == 0
            else { continue }
            if let content = tape.present(candidate, "content"), let parts = tape.present(content, "parts") {
                for part in tape.entries(parts) where tape.kind(part) == .object {
                    self.content.part(tape, part, into: &events)
                }
            }
            if let result = tape.present(candidate, "logprobsResult", "logprobs_result"),
                let logprobs = GeminiLogprobs.read(tape, result)
            {
                events.append(.logprobs(logprobs))
            }
            grounding(tape, candidate)
            if let reason = GeminiWords.stopReason(tape, candidate) { stop = reason }
        }
    }

    /// The last report holds; it comes whole, near the end.
    private mutating func grounding(_ tape: JSONTape, _ candidate: JSONTape.Index) {
        var told: [Citation] = []
        if let grounding = tape.present(candidate, "groundingMetadata", "grounding_metadata") {
            told += GeminiGrounding.citations(tape, grounding)
            if let queries = tape.present(grounding, "webSearchQueries", "web_search_queries") {
                searches = max(searches, Int64(tape.entries(queries).count))
            }
        }
        if let metadata = tape.present(candidate, "citationMetadata", "citation_metadata") {
            told += GeminiGrounding.sources(tape, metadata)
        }
        if !told.isEmpty { citations = told }
        if tape.present(candidate, "urlContextMetadata", "url_context_metadata") != nil, ownLosses.isEmpty {
            ownLosses.append(Loss(.unsupported, at: .body, "candidates[0].urlContextMetadata"))
        }
    }
}
