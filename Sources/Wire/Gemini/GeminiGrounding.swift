import NIOCore
import Vocabulary

/// Where text leans on sources: Gemini's `groundingMetadata` and `citationMetadata`, to citations and back.
enum GeminiGrounding {
    /// A citation for each piece of text and source it leans on; for each source where pieces are not told.
    static func citations(_ tape: JSONTape, _ grounding: JSONTape.Index) -> [Citation] {
        guard let list = tape.present(grounding, "groundingChunks", "grounding_chunks") else { return [] }
        let chunks = tape.entries(list)
        var out: [Citation] = []
        if let supports = tape.present(grounding, "groundingSupports", "grounding_supports") {
            for support in tape.entries(supports) {
                let segment = tape.present(support, "segment")
                let indices = tape.present(support, "groundingChunkIndices", "grounding_chunk_indices")
                for index in indices.map({ tape.entries($0) }) ?? [] {
                    guard let number = tape.count(index), number < chunks.count else { continue }
                    out.append(citation(tape, chunks[Int(number)], segment))
                }
            }
        }
        return out.isEmpty ? chunks.map { citation(tape, $0, nil) } : out
    }

    /// Places are bytes of UTF-8 here and characters in the other dialects: `GeminiContentReader` takes them away where the
    /// text makes a difference.
    private static func citation(
        _ tape: JSONTape, _ chunk: JSONTape.Index, _ segment: JSONTape.Index?
    ) -> Citation {
        let source =
            tape.present(chunk, "web") ?? tape.present(chunk, "maps")
            ?? tape.present(chunk, "retrievedContext", "retrieved_context") ?? chunk
        var citation = Citation(
            .gemini, tape.json(chunk), url: tape.text(source, "uri"), title: tape.text(source, "title"))
        guard let segment else { return citation }
        citation.citedText = tape.text(segment, "text")
        citation.start = tape.json(segment, "startIndex") ?? RawJSON("0")
        citation.end = tape.json(segment, "endIndex")
        return citation
    }

    /// `citationMetadata`: what was recited.
    static func sources(_ tape: JSONTape, _ metadata: JSONTape.Index) -> [Citation] {
        let list =
            tape.present(metadata, "citationSources", "citation_sources") ?? tape.present(metadata, "citations")
        guard let list else { return [] }
        return tape.entries(list).map { source in
            var citation = Citation(
                .gemini, tape.json(source), url: tape.text(source, "uri"), title: tape.text(source, "title"))
            citation.start = tape.json(source, "startIndex")
            citation.end = tape.json(source, "endIndex")
            return citation
        }
    }

    /// A citation that Gemini's dialect has a place for.
    static func isCarried(_ citation: Citation) -> Bool { citation.dialect == .gemini || citation.url != nil }

    /// Writes a `groundingMetadata` object: a source for each citation, and the words that lean on it.
    static func write(_ citations: [Citation], _ out: inout ByteBuffer) {
        out.writeStaticString("{\"groundingChunks\":[")
        var chunks = JSONElements()
        for citation in citations {
            chunks.next(&out)
            if citation.dialect == .gemini {
                out.writeImmutableBuffer(citation.json.bytes)
                continue
            }
            var web = JSONMembers()
            out.writeStaticString("{\"web\":{")
            web.text("uri", citation.url ?? RawText(), &out)
            web.text("title", citation.title, &out)
            out.writeStaticString("}}")
        }
        out.writeStaticString("],\"groundingSupports\":[")
        var supports = JSONElements()
        for (index, citation) in citations.enumerated() {
            guard citation.end != nil || citation.citedText != nil else { continue }
            supports.next(&out)
            out.writeStaticString("{\"segment\":{")
            var segment = JSONMembers()
            segment.json("startIndex", citation.start, &out)
            segment.json("endIndex", citation.end, &out)
            segment.text("text", citation.citedText, &out)
            out.writeStaticString("},\"groundingChunkIndices\":[")
            out.writeDecimal(index)
            out.writeStaticString("]}")
        }
        out.writeStaticString("]}")
    }
}

/// Log probabilities: Gemini's `logprobsResult`, to OpenAI's array and back.
enum GeminiLogprobs {
    /// `nil` where nothing was chosen.
    static func read(_ tape: JSONTape, _ result: JSONTape.Index) -> RawJSON? {
        guard let list = tape.present(result, "chosenCandidates", "chosen_candidates") else { return nil }
        let tops = tape.present(result, "topCandidates", "top_candidates").map { tape.entries($0) } ?? []
        var out = ByteBuffer()
        out.writeInteger(UInt8.bracket)
        var elements = JSONElements()
        for (index, chosen) in tape.entries(list).enumerated() {
            elements.next(&out)
            out.writeInteger(UInt8.brace)
            token(tape, chosen, &out)
            out.writeStaticString(",\"top_logprobs\":[")
            var inner = JSONElements()
            let top = index < tops.count ? tape.present(tops[index], "candidates") : nil
            for candidate in top.map({ tape.entries($0) }) ?? [] {
                inner.next(&out)
                out.writeInteger(UInt8.brace)
                token(tape, candidate, &out)
                out.writeInteger(UInt8.braceEnd)
            }
            out.writeStaticString("]}")
        }
        out.writeInteger(UInt8.bracketEnd)
        return elements.isFirst ? nil : RawJSON(validated: out)
    }

    private static func token(_ tape: JSONTape, _ candidate: JSONTape.Index, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        members.text("token", tape.text(candidate, "token") ?? RawText(), &out)
        let logprob = tape.json(candidate, "logProbability") ?? tape.json(candidate, "log_probability")
        members.json("logprob", logprob ?? RawJSON("0"), &out)
        members.literal("bytes", "null", &out)
    }

    /// Writes a `logprobsResult` object from OpenAI's arrays.
    static func write(_ arrays: [RawJSON], _ out: inout ByteBuffer) {
        var chosen = ByteBuffer()
        var tops = ByteBuffer()
        var elements = JSONElements()
        for array in arrays {
            var tape = JSONTape()
            do throws(JSONFault) { try tape.read(array.bytes) } catch { continue }
            for entry in tape.entries(JSONTape.root) where tape.kind(entry) == .object {
                if !elements.isFirst { tops.writeInteger(UInt8.comma) }
                elements.next(&chosen)
                candidate(tape, entry, &chosen)
                tops.writeStaticString("{\"candidates\":[")
                var inner = JSONElements()
                for top in tape.present(entry, "top_logprobs").map({ tape.entries($0) }) ?? [] {
                    inner.next(&tops)
                    candidate(tape, top, &tops)
                }
                tops.writeStaticString("]}")
            }
        }
        out.writeStaticString("{\"chosenCandidates\":[")
        out.writeBuffer(&chosen)
        out.writeStaticString("],\"topCandidates\":[")
        out.writeBuffer(&tops)
        out.writeStaticString("]}")
    }

    private static func candidate(_ tape: JSONTape, _ entry: JSONTape.Index, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("token", tape.text(entry, "token") ?? RawText(), &out)
        members.json("logProbability", tape.json(entry, "logprob") ?? RawJSON("0"), &out)
        out.writeInteger(UInt8.braceEnd)
    }
}
