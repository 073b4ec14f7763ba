import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One form posted to a token server, and its answer. Redirects are not followed.
struct TokenFetch {
    var roots: String?
    static let timeout = TimeAmount.seconds(5)
    private static let answerLimit = 64 << 10

    enum Fault: Error {
        case unreachable
        case refused
    }

    /// The body of a 200.
    func post(_ form: String, to address: BaseAddress) async throws(Fault) -> ByteBuffer {
        let answer: (status: HTTPResponseStatus, body: ByteBuffer)
        do { answer = try await exchange(form, address) } catch { throw .unreachable }
        guard answer.status == .ok else { throw (400..<500).contains(answer.status.code) ? .refused : .unreachable }
        return answer.body
    }

    private func exchange(
        _ form: String, _ address: BaseAddress
    ) async throws -> (status: HTTPResponseStatus, body: ByteBuffer) {
        let group = MultiThreadedEventLoopGroup.singleton
        let promise = group.next().makePromise(of: (status: HTTPResponseStatus, body: ByteBuffer).self)
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: address.path.isEmpty ? "/" : address.path)
        head.headers = [
            "host": address.authority, "content-type": "application/x-www-form-urlencoded",
            "content-length": "\(form.utf8.count)", "accept": "application/json", "connection": "close",
            "user-agent": "tacet",
        ]
        let tls = address.isSecure ? try Self.context(roots) : nil
        let (host, request, limit) = (address.host, (head: head, body: ByteBuffer(string: form)), Self.answerLimit)
        ClientBootstrap(group: group).connectTimeout(Self.timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        let name = HostForm.isNumeric(host) ? nil : host
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(TokenAnswerHandler(request: request, limit: limit, answer: promise))
                }
            }
            .connect(host: host, port: address.port)
            .whenFailure { promise.fail($0) }
        return try await promise.futureResult.get()
    }

    private static func context(_ roots: String?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let roots { configuration.trustRoots = .file(roots) }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Sends the form and gathers the answer. An error's text is dropped: it may describe bytes (`RULES.md` 11).
private final class TokenAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: (head: HTTPRequestHead, body: ByteBuffer)
    private let limit: Int
    private let answer: EventLoopPromise<(status: HTTPResponseStatus, body: ByteBuffer)>
    private var status = HTTPResponseStatus.internalServerError
    private var body = ByteBuffer()

    init(
        request: (head: HTTPRequestHead, body: ByteBuffer), limit: Int,
        answer: EventLoopPromise<(status: HTTPResponseStatus, body: ByteBuffer)>
    ) {
        self.request = request
        self.limit = limit
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(request.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: TokenFetch.timeout) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let bytes):
            guard body.readableBytes + bytes.readableBytes <= limit else { return context.close(promise: nil) }
            body.writeImmutableBuffer(bytes)
        case .end:
            answer.succeed((status, body))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(TokenFetch.Fault.unreachable) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
