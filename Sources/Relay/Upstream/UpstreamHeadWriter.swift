import NIOCore
import Planning
import Vocabulary

/// Writes request heads for providers: a fresh list from an allow-list, nothing of the client's but Anthropic's version
/// and beta names (CONTROL 4.6).
struct UpstreamHeadWriter {
    static let anthropicVersion: StaticString = "2023-06-01"

    /// Where the provider takes requests: base path and the dialect's own.
    let path: [UInt8]
    private let isAnthropic: Bool
    /// What stands between the path and the length.
    private let afterPath: [UInt8]

    init(_ deployment: Deployment) {
        isAnthropic = deployment.dialect == .anthropic
        path = Self.path(deployment)
        let standard = deployment.isTLS ? 443 : 80
        let port = deployment.port == standard ? "" : ":\(deployment.port)"
        afterPath =
            Array(" HTTP/1.1\r\nhost: ".utf8) + deployment.host
            + Array("\(port)\r\ncontent-type: application/json\r\ncontent-length: ".utf8)
    }

    /// Base addresses are as each provider's own SDK takes them: OpenAI's ends in `/v1`, Anthropic's does not.
    private static func path(_ deployment: Deployment) -> [UInt8] {
        guard deployment.dialect == .anthropic else { return deployment.basePath + Array("/chat/completions".utf8) }
        let version = Array("/v1".utf8)
        let base =
            deployment.basePath.suffix(3) == version[...] ? deployment.basePath.dropLast(3) : deployment.basePath[...]
        return base + version + Array("/messages".utf8)
    }

    /// - Returns: where in `out` the provider's key stands; empty when there is none.
    func write(_ request: UpstreamRequest, credentials: any Credentials, into out: inout ByteBuffer) -> Range<Int> {
        let variable = (request.anthropicVersion?.readableBytes ?? 0) + (request.anthropicBeta?.readableBytes ?? 0)
        out.writeHead(capacity: path.count + afterPath.count + variable + 240) { span in
            span.text("POST ")
            span.bytes(path)
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
            out.writeStaticString(isAnthropic ? "x-api-key: " : "authorization: Bearer ")
            let start = out.writerIndex
            unsafe bytes.withUnsafeBufferPointer { unsafe _ = out.writeBytes($0) }
            key = start..<out.writerIndex
            out.writeStaticString("\r\n")
        }
        out.writeStaticString("\r\n")
        return key
    }
}
