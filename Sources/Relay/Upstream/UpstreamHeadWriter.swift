import NIOCore
import Planning
import Vocabulary

/// Writes request heads for providers: a fresh list from an allow-list, nothing of the client's (CONTROL 4.6).
enum UpstreamHeadWriter {
    /// - Returns: where in `out` the provider's key stands; empty when there is none.
    static func write(
        _ request: UpstreamRequest, credentials: any Credentials, into out: inout ByteBuffer
    )
        -> Range<Int>
    {
        let deployment = request.deployment.deployment
        out.writeStaticString("POST ")
        out.writeBytes(deployment.basePath)
        out.writeStaticString(request.path)
        out.writeStaticString(" HTTP/1.1\r\nhost: ")
        out.writeBytes(deployment.host)
        if deployment.port != (deployment.isTLS ? 443 : 80) {
            out.writeStaticString(":")
            out.writeDecimal(deployment.port)
        }
        out.writeStaticString("\r\ncontent-type: application/json\r\ncontent-length: ")
        out.writeDecimal(request.length)
        out.writeStaticString("\r\naccept: ")
        out.writeStaticString(request.acceptsEventStream ? "text/event-stream" : "application/json")
        out.writeStaticString("\r\naccept-encoding: identity\r\nuser-agent: tacet\r\n")
        var key = 0..<0
        _ = credentials.withKey(of: deployment.id) { bytes in
            out.writeStaticString("authorization: Bearer ")
            let start = out.writerIndex
            unsafe bytes.withUnsafeBufferPointer { unsafe _ = out.writeBytes($0) }
            key = start..<out.writerIndex
            out.writeStaticString("\r\n")
        }
        out.writeStaticString("\r\n")
        return key
    }
}
