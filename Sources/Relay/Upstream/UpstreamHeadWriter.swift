import NIOCore
import Planning
import Vocabulary

/// Writes request heads for providers: a fresh list from an allow-list, nothing of the client's (CONTROL 4.6).
struct UpstreamHeadWriter {
    /// `<base path>`, what stands between path and length, and what follows the length for either kind of answer.
    private let basePath: [UInt8]
    private let afterPath: [UInt8]

    init(_ deployment: Deployment) {
        basePath = deployment.basePath
        let standard = deployment.isTLS ? 443 : 80
        let port = deployment.port == standard ? "" : ":\(deployment.port)"
        afterPath =
            Array(" HTTP/1.1\r\nhost: ".utf8) + deployment.host
            + Array("\(port)\r\ncontent-type: application/json\r\ncontent-length: ".utf8)
    }

    /// - Returns: where in `out` the provider's key stands; empty when there is none.
    func write(_ request: UpstreamRequest, credentials: any Credentials, into out: inout ByteBuffer) -> Range<Int> {
        out.writeHead(capacity: basePath.count + afterPath.count + request.path.utf8CodeUnitCount + 160) { span in
            span.text("POST ")
            span.bytes(basePath)
            span.text(request.path)
            span.bytes(afterPath)
            span.decimal(request.length)
            span.text("\r\naccept: ")
            span.text(request.acceptsEventStream ? "text/event-stream" : "application/json")
            span.text("\r\naccept-encoding: identity\r\nuser-agent: tacet\r\n")
        }
        var key = 0..<0
        _ = credentials.withKey(of: request.deployment.id) { bytes in
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
