public import NIOCore
import Vocabulary

/// A cloud that serves Anthropic's models its own way: the model stands in the path, the version in the body.
public struct MessagesPlatform: Sendable {
    /// `anthropic_version`.
    let version: StaticString
    /// Whether streaming is told by the path, and `stream` refused.
    let streamsByPath: Bool
    /// Whether beta names stand in the body instead of a header.
    let takesBetasInBody: Bool

    public static let bedrock = MessagesPlatform(
        version: "bedrock-2023-05-31", streamsByPath: true, takesBetasInBody: true)
    public static let vertex = MessagesPlatform(
        version: "vertex-2023-10-16", streamsByPath: false, takesBetasInBody: false)

    /// A messages body as this platform takes it; what the client said of the platform's own members holds.
    ///
    /// - Parameters:
    ///   - body: a messages request without a fault.
    ///   - betas: the names of `anthropic-beta`, parted by commas.
    public func fitted(_ body: ByteBuffer, betas: ByteBuffer?) -> [ByteBuffer] {
        let b = body.readableBytesUInt8Span
        var members = MemberEdits()
        var first = 0
        var hasVersion = false
        var hasBetas = false
        do throws(JSONFault) {
            var cursor = JSONCursor(b)
            guard try cursor.peek(b) == .object else { return [body] }
            first = cursor.at + 1
            var more = try cursor.beginObject(b)
            while more {
                let name = try cursor.name(b)
                _ = try cursor.value(b)
                let goes = name.equals("model", in: b) || streamsByPath && name.equals("stream", in: b)
                members.add(name, end: cursor.at, isRemoved: goes)
                hasVersion = hasVersion || name.equals("anthropic_version", in: b)
                hasBetas = hasBetas || name.equals("anthropic_beta", in: b)
                more = try cursor.nextMember(b)
            }
        } catch { return [body] }
        var edits = Edits(textBytes: 64 + (betas?.readableBytes ?? 0) * 2)
        if !hasVersion {
            edits.replace(first..<first) {
                $0.writeStaticString("\"anthropic_version\":\"")
                $0.writeStaticString(version)
                $0.writeStaticString("\",")
            }
        }
        if takesBetasInBody, !hasBetas, let betas { edits.replace(first..<first) { Self.write(betas, &$0) } }
        members.apply(to: &edits)
        return edits.applied(to: body)
    }

    private static func write(_ betas: ByteBuffer, _ out: inout ByteBuffer) {
        var isFirst = true
        for name in betas.readableBytesView.split(whereSeparator: { $0 == .comma || $0 == 0x20 }) {
            out.writeStaticString(isFirst ? "\"anthropic_beta\":[" : ",")
            out.writeJSONString(Array(name))
            isFirst = false
        }
        if !isFirst { out.writeStaticString("],") }
    }
}
