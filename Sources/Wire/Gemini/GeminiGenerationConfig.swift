import NIOCore
import Vocabulary

/// Reads `generationConfig`: numbers stay as they are spelled.
struct GeminiGenerationConfig {
    private let tape: JSONTape
    private(set) var settings: [Setting] = []
    private(set) var losses: [Loss] = []
    private(set) var stop: [RawText] = []
    private(set) var maximumOutput: RawJSON?
    private(set) var reasoning: ReasoningRequest?
    private var isJSON = false
    private var schema: RawJSON?

    var format: OutputFormat? {
        if let schema { return .jsonSchema(name: nil, description: nil, schema: schema, isStrict: nil) }
        return isJSON ? .jsonObject : nil
    }

    init(_ tape: JSONTape, _ config: JSONTape.Index) {
        self.tape = tape
        var entry = tape.first(config)
        while let member = entry {
            if tape.kind(member) != .null { self.member(member) }
            entry = tape.next(member, in: config)
        }
    }

    private mutating func member(_ index: JSONTape.Index) {
        let known = GeminiParameters.list.first { tape.isNamed(index, $0.camel, $0.snake) }
        if let known {
            settings.append(Setting(known.parameter, tape.json(index), known.member))
        } else if tape.isNamed(index, "maxOutputTokens", "max_output_tokens") {
            maximumOutput = tape.json(index)
        } else if tape.isNamed(index, "stopSequences", "stop_sequences") {
            stop = tape.entries(index).compactMap { tape.text($0) }
        } else if tape.isNamed(index, "responseMimeType", "response_mime_type") {
            isJSON = tape.equals(index, "application/json")
            if !isJSON, !tape.equals(index, "text/plain"), !tape.equals(index, "") {
                losses.append(Loss(.unsupported, at: .body, "generationConfig.responseMimeType"))
            }
        } else if tape.isNamed(index, "responseJsonSchema", "response_json_schema") {
            schema = tape.json(index)
        } else if tape.isNamed(index, "responseSchema", "response_schema") {
            if schema == nil { schema = GeminiSchema.jsonSchema(tape.json(index)) }
        } else if tape.isNamed(index, "responseModalities", "response_modalities") {
            modalities(index)
        } else if tape.isNamed(index, "thinkingConfig", "thinking_config") {
            thinking(index)
        } else {
            losses.append(Loss(.unknownMember, at: Place.body, clientMember: tape.name(index)))
        }
    }

    /// In lower case, as the other dialects spell them.
    private mutating func modalities(_ list: JSONTape.Index) {
        var out = ByteBuffer()
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for entry in tape.entries(list) {
            guard let word = tape.text(entry) else { continue }
            elements.next(&out)
            out.writeInteger(UInt8.quote)
            let bytes = word.bytes.readableBytesUInt8Span
            for index in bytes.indices {
                let isCapital = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= bytes[index]
                out.writeInteger(isCapital ? bytes[index] | 0x20 : bytes[index])
            }
            out.writeInteger(UInt8.quote)
        }
        out.writeInteger(UInt8.bracketEnd)
        guard !elements.isFirst else { return }
        settings.append(
            Setting(.modalities, RawJSON(validated: out), "generationConfig.responseModalities"))
    }

    private mutating func thinking(_ index: JSONTape.Index) {
        var request = ReasoningRequest()
        if let level = tape.text(index, "thinkingLevel", "thinking_level"), let effort = Self.lowercased(level) {
            request.effort = effort
            request.mode = .on
        }
        if let budget = tape.present(index, "thinkingBudget", "thinking_budget") {
            switch tape.count(budget) {
            case 0: request.mode = .off
            case nil: request.mode = .adaptive
            default:
                request.mode = .on
                request.budget = tape.json(budget)
            }
        }
        if let shows = tape.present(index, "includeThoughts", "include_thoughts") {
            request.display = tape.kind(shows) == .true ? RawText("summarized") : RawText("omitted")
            if request.mode == .unspecified { request.mode = .adaptive }
        }
        reasoning = request
    }

    private static func lowercased(_ level: RawText) -> RawText? {
        let levels: [(StaticString, StaticString)] = [
            ("MINIMAL", "minimal"), ("LOW", "low"), ("MEDIUM", "medium"), ("HIGH", "high"),
        ]
        for (capitals, word) in levels where level.equals(capitals) || level.equals(word) { return RawText(word) }
        return nil
    }
}

/// Members of `generationConfig` that are one value each.
enum GeminiParameters {
    static let list: [(camel: StaticString, snake: StaticString, parameter: Parameter, member: StaticString)] = [
        ("temperature", "temperature", .temperature, "generationConfig.temperature"),
        ("topP", "top_p", .topP, "generationConfig.topP"),
        ("topK", "top_k", .topK, "generationConfig.topK"),
        ("seed", "seed", .seed, "generationConfig.seed"),
        ("frequencyPenalty", "frequency_penalty", .frequencyPenalty, "generationConfig.frequencyPenalty"),
        ("presencePenalty", "presence_penalty", .presencePenalty, "generationConfig.presencePenalty"),
        ("candidateCount", "candidate_count", .samples, "generationConfig.candidateCount"),
        ("responseLogprobs", "response_logprobs", .logprobs, "generationConfig.responseLogprobs"),
        ("logprobs", "logprobs", .topLogprobs, "generationConfig.logprobs"),
        ("mediaResolution", "media_resolution", .mediaResolution, "generationConfig.mediaResolution"),
    ]
}
