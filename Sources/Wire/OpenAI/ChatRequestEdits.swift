public import NIOCore

extension ChatRequest {
    /// The member that limits generated tokens, as a provider calls it.
    public enum OutputMember: Sendable {
        case maxCompletionTokens
        case maxTokens

        var name: StaticString {
            switch self {
            case .maxCompletionTokens: "max_completion_tokens"
            case .maxTokens: "max_tokens"
            }
        }
    }

    /// The bytes to send upstream: the original but for the edits asked for. Unchanged parts are slices of `body`, so
    /// members, their order, number spelling and white space survive.
    ///
    /// - Parameters:
    ///   - body: the body that was read.
    ///   - model: the name to send instead, `nil` for the client's own.
    ///   - askingForUsage: have a stream report its usage. A plain request is left alone.
    ///   - maximumOutput: a limit of generated tokens, put in only where the client sent none (`RULES.md` 29).
    ///   - outputMember: the member that carries it.
    public func forwarded(
        _ body: ByteBuffer, model: [UInt8]?, askingForUsage: Bool, maximumOutput: Int64?,
        outputMember: OutputMember = .maxCompletionTokens
    ) -> [ByteBuffer] {
        let willAsk = askingForUsage && isStreamed && !asksForUsage
        let willLimit = maximumOutput != nil && self.maximumOutput == nil
        guard model != nil || willAsk || willLimit else { return [body] }
        var edits = Edits(textBytes: (model?.count ?? 0) + 96)
        addEdits(
            model: model, askingForUsage: askingForUsage, maximumOutput: maximumOutput, outputMember: outputMember,
            to: &edits)
        return edits.applied(to: body)
    }

    func addEdits(
        model: [UInt8]?, askingForUsage: Bool, maximumOutput: Int64?, outputMember: OutputMember,
        to edits: inout Edits
    ) {
        let willAsk = askingForUsage && isStreamed && !asksForUsage
        let willLimit = maximumOutput != nil && self.maximumOutput == nil
        if let model {
            edits.replace(modelValue) { $0.writeJSONString(model) }
        }
        if willAsk { askForUsage(&edits) }
        if let maximumOutput, willLimit {
            let null = outputMember == .maxTokens ? maximumTotalValue : maximumCompletionValue
            if let null {
                edits.replace(null.range) { $0.writeDecimal(maximumOutput) }
            } else {
                edits.replace(firstMember..<firstMember) {
                    $0.writeInteger(UInt8.quote)
                    $0.writeStaticString(outputMember.name)
                    $0.writeStaticString("\":")
                    $0.writeDecimal(maximumOutput)
                    $0.writeInteger(UInt8.comma)
                }
            }
        }
    }

    private func askForUsage(_ edits: inout Edits) {
        guard let options = streamOptions else {
            return edits.replace(firstMember..<firstMember) {
                $0.writeStaticString("\"stream_options\":{\"include_usage\":true},")
            }
        }
        if options.kind != .object {
            edits.replace(options.range) { $0.writeStaticString("{\"include_usage\":true}") }
        } else if let includeUsage {
            edits.replace(includeUsage.range) { $0.writeStaticString("true") }
        } else {
            let inside = options.start + 1
            edits.replace(inside..<inside) {
                $0.writeStaticString("\"include_usage\":true")
                if !streamOptionsIsEmpty { $0.writeInteger(UInt8.comma) }
            }
        }
    }
}

/// Replacements in a body. Their texts share one buffer.
struct Edits {
    private struct Edit {
        var replaced: Range<Int>
        var text: Range<Int>
    }

    private var edits: [Edit] = []
    private var texts = ByteBuffer()

    /// - Parameter textBytes: what all texts together may need.
    init(textBytes: Int) {
        edits.reserveCapacity(3)
        texts.reserveCapacity(textBytes)
    }

    /// Insertions at one place keep the order in which they were asked for.
    mutating func replace(_ range: Range<Int>, with write: (inout ByteBuffer) -> Void) {
        let start = texts.writerIndex
        write(&texts)
        var place = edits.count
        while place > 0, edits[place - 1].replaced.lowerBound > range.lowerBound { place -= 1 }
        edits.insert(Edit(replaced: range, text: start..<texts.writerIndex), at: place)
    }

    func applied(to body: ByteBuffer) -> [ByteBuffer] {
        var out: [ByteBuffer] = []
        out.reserveCapacity(2 * edits.count + 1)
        var at = 0
        func slice(_ buffer: ByteBuffer, _ range: Range<Int>) {
            guard !range.isEmpty,
                let piece = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count)
            else { return }
            out.append(piece)
        }
        for edit in edits {
            slice(body, at..<edit.replaced.lowerBound)
            slice(texts, edit.text)
            at = edit.replaced.upperBound
        }
        slice(body, at..<body.readableBytes)
        return out
    }
}
