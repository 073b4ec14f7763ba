import NIOCore
import Planning
import Vocabulary

/// Writes request heads for providers: a fresh list from an allow-list, nothing of the client's but Anthropic's version
/// and beta names (CONTROL 4.6).
struct UpstreamHeadWriter {
    static let anthropicVersion: StaticString = "2023-06-01"

    /// Host, and the port where it is not the standard one.
    let authority: [UInt8]
    let isAnthropic: Bool
    /// What stands between the path and the length.
    private let afterPath: [UInt8]
    /// The name of the header that holds the key, and what stands there before it.
    private let beforeKey: [UInt8]

    init(_ deployment: Deployment) {
        isAnthropic = deployment.dialect == .anthropic
        let standard = deployment.isTLS ? 443 : 80
        authority = deployment.host + Array((deployment.port == standard ? "" : ":\(deployment.port)").utf8)
        afterPath =
            Array(" HTTP/1.1\r\nhost: ".utf8) + authority
            + Array("\r\ncontent-type: application/json\r\ncontent-length: ".utf8)
        beforeKey =
            switch deployment.authentication {
            case .bearer, .signature: Array("authorization: Bearer ".utf8)
            case .header(let name): name + Array(": ".utf8)
            }
    }

    /// - Returns: where in `out` the provider's key stands; empty when there is none.
    func write(_ request: UpstreamRequest, credentials: any Credentials, into out: inout ByteBuffer) -> Range<Int> {
        let variable = (request.anthropicVersion?.readableBytes ?? 0) + (request.anthropicBeta?.readableBytes ?? 0)
        out.writeHead(capacity: request.path.count + afterPath.count + variable + 240) { span in
            span.text("POST ")
            span.bytes(request.path)
            span.bytes(afterPath)
            span.decimal(request.length)
            span.text("\r\naccept: ")
            span.text(request.acceptsEventStream ? "text/event-stream" : "application/json")
            span.text("\r\naccept-encoding: identity\r\nuser-agent: tacet\r\n")
            guard isAnthropic else { return }
            span.text("anthropic-version: ")
            if let version = request.anthropicVersion {
                span.bytes(version)
            } else {
                span.text(Self.anthropicVersion)
            }
            if let beta = request.anthropicBeta {
                span.text("\r\nanthropic-beta: ")
                span.bytes(beta)
            }
            span.text("\r\n")
        }
        var key = 0..<0
        _ = credentials.withKey(of: request.deployment.id) { bytes in
            out.writeBytes(beforeKey)
            let start = out.writerIndex
            unsafe bytes.withUnsafeBufferPointer { unsafe _ = out.writeBytes($0) }
            key = start..<out.writerIndex
            out.writeStaticString("\r\n")
        }
        out.writeStaticString("\r\n")
        return key
    }
}
