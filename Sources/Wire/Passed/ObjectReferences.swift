import CBytes
public import NIOCore
import Vocabulary

/// Files of a provider's that a conversation names, wherever they stand: `file_id` of a message's part, of an image, of a
/// document. They are taken only with the caller's own tag (`RULES.md` 8).
public struct ObjectReferences: Sendable {
    /// As the body has them, escapes resolved.
    public private(set) var names: [[UInt8]] = []
    private var ranges: [Range<Int>] = []

    /// `nil` when the body names none, which a search for bytes tells of nearly every body. What is no JSON is left to
    /// whoever reads the request.
    public static func find(_ body: ByteBuffer) -> ObjectReferences? {
        let b = body.readableBytesUInt8Span
        // A name may be spelled in escapes, all of which begin so for ASCII.
        guard unsafe b.withUnsafeBufferPointer({ unsafe tacet_may_name_file($0.baseAddress, $0.count) }) else {
            return nil
        }
        var references = ObjectReferences()
        do throws(JSONFault) { try references.walk(b) } catch { return nil }
        return references.names.isEmpty ? nil : references
    }

    /// The body with the provider's own ids in their places.
    /// - Parameter names: one for each of `names`.
    public func replaced(in body: ByteBuffer, by names: [[UInt8]]) -> ByteBuffer {
        var edits = Edits(textBytes: 64)
        for (range, name) in zip(ranges, names) { edits.replace(range) { $0.writeJSONString(name) } }
        var out = ByteBuffer()
        out.reserveCapacity(body.readableBytes)
        for piece in edits.applied(to: body) { out.writeImmutableBuffer(piece) }
        return out
    }

    /// Members whose objects are the client's own data or schemas: a `file_id` in there names nothing of a provider's.
    private static let foreign: [StaticString] = [
        "input", "arguments", "args", "parameters", "input_schema", "schema", "json_schema", "properties", "metadata",
        "response",
    ]

    /// Enters every object and array but those; the cursor's own limit bounds the depth.
    private mutating func walk(_ b: Span<UInt8>) throws(JSONFault) {
        var cursor = JSONCursor(b)
        /// A bit for each open container, 1 for an object.
        var stack: UInt64 = 0
        var depth = 0
        repeat {
            let kind = try cursor.peek(b)
            var isEntered = false
            switch kind {
            case .object: isEntered = try cursor.beginObject(b)
            case .array: isEntered = try cursor.beginArray(b)
            default: _ = try cursor.value(b)
            }
            if isEntered {
                stack = stack << 1 | (kind == .object ? 1 : 0)
                depth += 1
                if try isValueAhead(stack & 1 == 1, &cursor, b) { continue }
            }
            while depth > 0 {
                let isObject = stack & 1 == 1
                let hasMore = isObject ? try cursor.nextMember(b) : try cursor.nextElement(b)
                if hasMore {
                    if try isValueAhead(isObject, &cursor, b) { break }
                } else {
                    stack >>= 1
                    depth -= 1
                }
            }
        } while depth > 0
    }

    private mutating func isValueAhead(
        _ isMember: Bool, _ cursor: inout JSONCursor, _ b: Span<UInt8>
    ) throws(JSONFault) -> Bool {
        guard isMember else { return true }
        return try member(&cursor, b)
    }

    /// Reads a name, and the value too where it is not to be entered; whether the value is still ahead.
    private mutating func member(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) -> Bool {
        let name = try cursor.name(b)
        let kind = try cursor.peek(b)
        if kind == .object, Self.foreign.contains(where: { name.equals($0, in: b) }) {
            _ = try cursor.value(b)
            return false
        }
        guard kind == .string, name.equals("file_id", in: b) else { return true }
        let value = try cursor.value(b)
        names.append(value.text.unescaped(in: b))
        ranges.append(value.range)
        return false
    }
}
