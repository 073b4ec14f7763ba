import NIOCore
import Planning
import Secrets
import Vocabulary

/// Writes request heads for providers: a fresh list from an allow-list, nothing of the client's but Anthropic's version
/// and beta names (CONTROL 4.6).
struct UpstreamHeadWriter {
    static let anthropicVersion: StaticString = "2023-06-01"

    /// Host, and the port where it is not the standard one.
    let authority: [UInt8]
    /// Anthropic's own header fields are sent; clouds want the version in the body.
    let sendsVersion: Bool
    let sendsBetas: Bool
    let eventStream: StaticString
    private let authentication: Authentication
    /// What stands between the path and the length.
    private let afterPath: [UInt8]
    /// The name of the header that holds the key, and what stands there before it.
    private let beforeKey: [UInt8]
    /// What stands between the path and the other fields.
    private let host: [UInt8]

    init(_ deployment: Deployment) {
        let isAnthropic = deployment.dialect == .anthropic
        sendsVersion = isAnthropic && deployment.cloud == nil
        sendsBetas = isAnthropic && deployment.cloud != .bedrock
        eventStream = deployment.cloud == .bedrock ? "application/vnd.amazon.eventstream" : "text/event-stream"
        authentication = deployment.authentication
        let standard = deployment.isTLS ? 443 : 80
        authority = deployment.host + Array((deployment.port == standard ? "" : ":\(deployment.port)").utf8)
        host = Array(" HTTP/1.1\r\nhost: ".utf8) + authority + Array("\r\n".utf8)
        afterPath = host + Array("content-type: application/json\r\ncontent-length: ".utf8)
        beforeKey =
            switch deployment.authentication {
            case .bearer, .signature: Array("authorization: Bearer ".utf8)
            case .header(let name): name + Array(": ".utf8)
            }
    }

    /// The version to send, if any.
    func version(_ request: UpstreamRequest) -> ByteBuffer? {
        guard sendsVersion else { return nil }
        return request.anthropicVersion ?? ByteBuffer(staticString: Self.anthropicVersion)
    }

    func betas(_ request: UpstreamRequest) -> ByteBuffer? { sendsBetas ? request.anthropicBeta : nil }

    /// For a provider whose requests are signed; `nil` for others, and where the key has no secret.
    func signature(_ request: UpstreamRequest, key: Span<UInt8>) -> RequestSignature? {
        guard case .signature(let region, let service) = authentication else { return nil }
        var digest = BodyDigest()
        for piece in request.body { digest.add(piece.readableBytesUInt8Span) }
        return RequestSignature(
            method: "POST", path: request.path, host: authority, body: digest,
            seconds: Clock.moment().microseconds / 1_000_000, region: region, service: service, key: key)
    }

    var signs: Bool { if case .signature = authentication { true } else { false } }

    /// - Returns: where in `out` the provider's key stands; empty when there is none.
    func write(_ request: UpstreamRequest, credentials: any Credentials, into out: inout ByteBuffer) -> Range<Int> {
        let variable = (request.anthropicVersion?.readableBytes ?? 0) + (request.anthropicBeta?.readableBytes ?? 0)
        let type = request.target?.contentType?.readableBytes ?? 0
        let upgrade = request.target?.upgrade == nil ? 0 : UpstreamUpgrade.room
        out.writeHead(capacity: request.path.count + afterPath.count + variable + type + upgrade + 260) { span in
            if let target = request.target {
                begin(request, target, &span)
            } else {
                span.text("POST ")
                span.bytes(request.path)
                span.bytes(afterPath)
                span.decimal(request.length)
                span.text("\r\n")
            }
            span.text("accept: ")
            span.text(request.acceptsEventStream ? eventStream : request.accepts)
            span.text("\r\naccept-encoding: identity\r\nuser-agent: tacet\r\n")
            if sendsVersion {
                span.text("anthropic-version: ")
                if let version = request.anthropicVersion {
                    span.bytes(version)
                } else {
                    span.text(Self.anthropicVersion)
                }
                span.text("\r\n")
            }
            if let beta = betas(request) {
                span.text("anthropic-beta: ")
                span.bytes(beta)
                span.text("\r\n")
            }
        }
        var key = 0..<0
        _ = request.key.read(for: request.deployment.deployment, credentials) { bytes in
            guard !signs else {
                if let signature = signature(request, key: bytes) { key = Self.write(signature, into: &out) }
                return
            }
            out.writeBytes(beforeKey)
            let start = out.writerIndex
            unsafe bytes.withUnsafeBufferPointer { unsafe _ = out.writeBytes($0) }
            key = start..<out.writerIndex
            out.writeStaticString("\r\n")
        }
        out.writeStaticString("\r\n")
        return key
    }

    /// What tells HTTP/2 who calls.
    func keyFields(_ request: UpstreamRequest, key: Span<UInt8>) -> [(name: String, value: String)] {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        let value = unsafe key.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        switch authentication {
        case .bearer: return [("authorization", "Bearer " + value)]
        case .header(let name): return [(text(name), value)]
        case .signature:
            guard let signature = signature(request, key: key) else { return [] }
            let fields = [("x-amz-date", text(signature.date)), ("authorization", text(signature.authorization))]
            return fields + (signature.token.map { [("x-amz-security-token", text($0))] } ?? [])
        }
    }

    /// - Returns: where a session's token stands: the secret itself is not in the head.
    private static func write(_ signature: RequestSignature, into out: inout ByteBuffer) -> Range<Int> {
        out.writeStaticString("x-amz-date: ")
        out.writeBytes(signature.date)
        out.writeStaticString("\r\nauthorization: ")
        out.writeBytes(signature.authorization)
        out.writeStaticString("\r\n")
        guard let token = signature.token else { return 0..<0 }
        out.writeStaticString("x-amz-security-token: ")
        let start = out.writerIndex
        out.writeBytes(token)
        let end = out.writerIndex
        out.writeStaticString("\r\n")
        return start..<end
    }

    /// The head of a request that is passed on, up to its length: a GET has neither body nor type.
    private func begin(_ request: UpstreamRequest, _ target: UpstreamTarget, _ span: inout OutputRawSpan) {
        span.text(target.method.name)
        span.text(" ")
        span.bytes(request.path)
        span.bytes(host)
        target.upgrade?.write(&span)
        guard request.length > 0 || target.method == .post else { return }
        span.text("content-type: ")
        if let type = target.contentType { span.bytes(type) } else { span.text("application/json") }
        span.text("\r\ncontent-length: ")
        span.decimal(request.length)
        span.text("\r\n")
    }
}

extension UpstreamRequest {
    /// Answers that are passed on may be sound, a file or lines of text.
    var accepts: StaticString { target == nil ? "application/json" : "*/*" }
}
