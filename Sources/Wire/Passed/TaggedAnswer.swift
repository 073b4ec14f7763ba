public import NIOCore
public import Vocabulary

/// Puts Tacet's tags behind the ids that a provider's answer gives its objects (`RULES.md` 8).
public enum TaggedAnswer {
    /// The answer with every id tagged; `nil` when it is not one JSON object, an id is none a path can hold, or a member
    /// stands twice: then what would pass is not known.
    ///
    /// - Parameter tag: the tag of an id.
    public static func write(
        _ answer: ByteBuffer, _ endpoint: Endpoint, tag: ([UInt8]) -> [UInt8]
    ) -> ByteBuffer? {
        // Items of a stored response have ids of their own, which name no object that can be asked for.
        guard endpoint != .storedResponseItems else { return answer }
        let b = answer.readableBytesUInt8Span
        var cursor = JSONCursor(b)
        var edits = Edits(textBytes: 256)
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object, try edits.tag(&cursor, b, tag) else { return nil }
            try cursor.finish(b)
        } catch { return nil }
        return edits.joined(with: answer)
    }
}

/// Does the same to the events of a Responses stream.
public struct TaggedStream: Sendable {
    private let tag: @Sendable ([UInt8]) -> [UInt8]
    private var scanner = EventScanner()

    /// - Parameter tag: the tag of an id.
    public init(tag: @escaping @Sendable ([UInt8]) -> [UInt8]) { self.tag = tag }

    /// Appends events, the ids of the answer in them tagged. An event that is no JSON passes as it is.
    ///
    /// - Parameter events: whole ones, as `StreamMeter` passes them on.
    public mutating func pass(_ events: ByteBuffer, into out: inout ByteBuffer) {
        let b = events.readableBytesUInt8Span
        var edits = Edits(textBytes: 256)
        var start = scanner.takeLineFeed(in: b)
        while let end = scanner.nextEnd(in: b, from: start) {
            edit(b, start..<end, &edits)
            start = end
        }
        for piece in edits.applied(to: events) { out.writeImmutableBuffer(piece) }
    }

    private func edit(_ b: Span<UInt8>, _ event: Range<Int>, _ edits: inout Edits) {
        let data = EventData(b, event)
        guard data.isPresent else { return }
        guard data.isSplit else { return tagAnswer(b, data.range, &edits) }
        let joined = EventData.joined(b, event)
        var inner = Edits(textBytes: 256)
        tagAnswer(joined.span, 0..<joined.count, &inner)
        edits.replace(event) { out in
            if let name = EventData.name(b, event) {
                out.writeStaticString("event: ")
                for index in name { out.writeInteger(b[index]) }
                out.writeInteger(UInt8(0x0a))
            }
            out.writeStaticString("data: ")
            // Between the lines of a JSON text is white space.
            let line = inner.joined(with: ByteBuffer(bytes: joined.map { $0 == 0x0a ? 0x20 : $0 }))
            out.writeImmutableBuffer(line)
            out.writeStaticString("\n\n")
        }
    }

    /// Tags the ids of the `response` of an event's data.
    private func tagAnswer(_ b: Span<UInt8>, _ range: Range<Int>, _ edits: inout Edits) {
        var cursor = JSONCursor(at: range.lowerBound, end: range.upperBound)
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else { return }
            var more = try cursor.beginObject(b)
            while more {
                let name = try cursor.name(b)
                if name.equals("response", in: b), try cursor.peek(b) == .object {
                    _ = try edits.tag(&cursor, b, tag)
                } else {
                    let value = try cursor.value(b)
                    if name.equals("response_id", in: b) { _ = edits.tag(value, b, tag) }
                }
                more = try cursor.nextMember(b)
            }
        } catch {}
    }
}

extension Edits {
    /// Members of an answer that name an object of the provider's.
    private static let names: [StaticString] = [
        "id", "input_file_id", "output_file_id", "error_file_id", "previous_response_id", "conversation",
    ]

    /// Tags the ids of the object ahead.
    ///
    /// - Returns: `false` when an id is none a path can hold, or a member stands twice.
    fileprivate mutating func tag(
        _ cursor: inout JSONCursor, _ b: Span<UInt8>, _ tag: ([UInt8]) -> [UInt8]
    ) throws(JSONFault) -> Bool {
        var id: JSONValue?
        var results: Range<Int>?
        var seen: UInt8 = 0
        var isSound = true
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let place = Self.names.firstIndex { name.equals($0, in: b) }
            if place == 5, try cursor.peek(b) == .object {
                isSound = try self.tag(&cursor, b, tag) && isSound
            } else {
                let value = try cursor.value(b)
                if place == 0 { id = value }
                if place != nil { isSound = self.tag(value, b, tag) && isSound }
                if value.kind == .string, name.equals("results_url", in: b) { results = value.range }
            }
            if let place {
                isSound = isSound && seen & 1 << UInt8(place) == 0
                seen |= 1 << UInt8(place)
            }
            more = try cursor.nextMember(b)
        }
        if let results, let id, id.kind == .string {
            let object = id.text.unescaped(in: b)
            // The provider's own address would take the client, and its key, around this gateway.
            replace(results) {
                $0.writeStaticString("\"/v1/messages/batches/")
                $0.writeTagged(object, tag(object))
                $0.writeStaticString("/results\"")
            }
        }
        return isSound
    }

    /// - Returns: `false` when the value is no id that a path can hold.
    fileprivate mutating func tag(_ value: JSONValue, _ b: Span<UInt8>, _ tag: ([UInt8]) -> [UInt8]) -> Bool {
        guard value.kind == .string else { return value.kind == .null }
        let object = value.text.unescaped(in: b)
        guard object.allSatisfy(ProviderObject.isNameByte), object.count <= ProviderObject.nameLimit else {
            return false
        }
        guard !object.isEmpty else { return true }
        replace(value.range) {
            $0.writeInteger(UInt8.quote)
            $0.writeTagged(object, tag(object))
            $0.writeInteger(UInt8.quote)
        }
        return true
    }

    /// `applied(to:)` in one piece.
    fileprivate func joined(with body: ByteBuffer) -> ByteBuffer {
        var out = ByteBuffer()
        for piece in applied(to: body) { out.writeImmutableBuffer(piece) }
        return out
    }
}

extension ByteBuffer {
    fileprivate mutating func writeTagged(_ object: [UInt8], _ tag: [UInt8]) {
        writeBytes(object)
        writeInteger(UInt8.point)
        writeBytes(tag)
    }
}
