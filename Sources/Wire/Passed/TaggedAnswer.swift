public import NIOCore
public import Vocabulary

/// Puts Tacet's tags behind the ids that a provider's answer gives its objects (`RULES.md` 8).
public enum TaggedAnswer {
    /// Members of an answer that name an object of the provider's.
    private static let names: [StaticString] = [
        "id", "input_file_id", "output_file_id", "error_file_id", "previous_response_id",
    ]

    /// The answer with every id tagged; `nil` when it is not one JSON object, an id is none a path can hold, or a member
    /// stands twice: then what would pass is not known.
    ///
    /// - Parameter tag: the tag of an id.
    public static func write(
        _ answer: ByteBuffer, _ endpoint: Endpoint, tag: ([UInt8]) -> [UInt8]
    ) -> ByteBuffer? {
        let b = answer.readableBytesUInt8Span
        var cursor = JSONCursor(b)
        var edits = Edits(textBytes: 256)
        var id: [UInt8]?
        var results: Range<Int>?
        var seen: UInt8 = 0
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else { return nil }
            var more = try cursor.beginObject(b)
            while more {
                let name = try cursor.name(b)
                let value = try cursor.value(b)
                // Items of a stored response have ids of their own, which name no object that can be asked for.
                let place = endpoint == .storedResponseItems ? nil : names.firstIndex { name.equals($0, in: b) }
                if let place {
                    guard seen & 1 << UInt8(place) == 0 else { return nil }
                    seen |= 1 << UInt8(place)
                    if value.kind == .string {
                        let object = value.text.unescaped(in: b)
                        guard object.allSatisfy(ProviderObject.isNameByte), object.count <= ProviderObject.nameLimit
                        else { return nil }
                        if place == 0 { id = object }
                        if !object.isEmpty { edits.replace(value.range) { $0.writeTagged(object, tag(object)) } }
                    } else if value.kind != .null {
                        return nil
                    }
                } else if value.kind == .string, name.equals("results_url", in: b) {
                    results = value.range
                }
                more = try cursor.nextMember(b)
            }
            try cursor.finish(b)
        } catch { return nil }
        if let results, let id {
            // The provider's own address would take the client, and its key, around this gateway.
            edits.replace(results) {
                $0.writeStaticString("\"/v1/messages/batches/")
                $0.writeBytes(id)
                $0.writeInteger(UInt8.point)
                $0.writeBytes(tag(id))
                $0.writeStaticString("/results\"")
            }
        }
        var out = ByteBuffer()
        for piece in edits.applied(to: answer) { out.writeImmutableBuffer(piece) }
        return out
    }
}

extension ByteBuffer {
    fileprivate mutating func writeTagged(_ object: [UInt8], _ tag: [UInt8]) {
        writeInteger(UInt8.quote)
        writeBytes(object)
        writeInteger(UInt8.point)
        writeBytes(tag)
        writeInteger(UInt8.quote)
    }
}
