import NIOCore
import NIOHPACK
import NIOHTTP2
import Planning
import Vocabulary

/// One HTTP/2 connection to a provider; each call is a stream of it.
final class HTTP2UpstreamConnection: UpstreamConnection {
    private let channel: any Channel
    private let pool: UpstreamPool
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer

    /// Adds the HTTP/2 handlers to a channel whose handshake agreed on it.
    init(_ channel: any Channel, pool: UpstreamPool) throws {
        self.channel = channel
        self.pool = pool
        let handler = NIOHTTP2Handler(
            mode: .client, eventLoop: channel.eventLoop,
            connectionConfiguration: HTTP2Limits.connection, streamConfiguration: HTTP2Limits.upstream
        ) { stream in
            // A provider may not push.
            stream.close()
        }
        let control = HTTP2UpstreamControl()
        try channel.pipeline.syncOperations.addHandlers([handler, control])
        multiplexer = try handler.syncMultiplexer()
        control.onGoAway = { [weak self] in if let self { pool.removed(self) } }
        channel.closeFuture.assumeIsolated().whenComplete { _ in pool.removed(self) }
    }

    func start(_ request: UpstreamRequest, _ observer: any UpstreamObserver, isReused: Bool) -> any UpstreamCall {
        let stream = HTTP2UpstreamStream(request, observer, isReused: isReused, pool: pool)
        let bound = NIOLoopBound(stream, eventLoop: channel.eventLoop)
        let connection = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let promise = channel.eventLoop.makePromise(of: (any Channel).self)
        promise.futureResult.assumeIsolated().whenFailure { _ in
            stream.fail(.upstreamUnreachable)
            self.pool.streamEnded(on: self)
        }
        multiplexer.createStreamChannel(promise: promise) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(bound.value)
                channel.closeFuture.assumeIsolated().whenComplete { _ in
                    connection.value.pool.streamEnded(on: connection.value)
                }
            }
        }
        return stream
    }

    func close() { channel.close(promise: nil) }
}

/// Limits of every HTTP/2 connection (CONTROL 4.6); floods of resets, pings and empty frames are counted by NIOHTTP2.
enum HTTP2Limits {
    static let settings: HTTP2Settings = [
        HTTP2Setting(parameter: .maxConcurrentStreams, value: 100),
        HTTP2Setting(parameter: .maxHeaderListSize, value: 32 << 10),
        HTTP2Setting(parameter: .enablePush, value: 0),
        HTTP2Setting(parameter: .initialWindowSize, value: 256 << 10),
    ]

    static var connection: NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = settings
        return configuration
    }

    static var server: NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = settings.filter { $0.parameter != .enablePush }
        return configuration
    }

    /// A provider may reset a stream without error once it has answered (RFC 9113 §8.1): that is no flood.
    static var upstream: NIOHTTP2Handler.StreamConfiguration {
        var configuration = stream
        configuration.streamResetFrameRateLimit.maximumCount = 100_000
        return configuration
    }

    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = 256 << 10
        return configuration
    }
}

/// What concerns a provider's connection as a whole: no stream is opened after its GOAWAY, and a connection error ends
/// it. An error's text is dropped, it may describe bytes (`RULES.md` 11).
private final class HTTP2UpstreamControl: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    var onGoAway: (() -> Void)?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .goAway = unwrapInboundIn(data).payload { onGoAway?() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        onGoAway?()
        onGoAway = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOHTTP2Errors.StreamError { return }
        context.close(promise: nil)
    }
}

/// One call on an HTTP/2 connection.
final class HTTP2UpstreamStream: ChannelDuplexHandler, UpstreamCall {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let request: UpstreamRequest
    private let pool: UpstreamPool
    private let isReused: Bool
    private var observer: (any UpstreamObserver)?
    private var context: ChannelHandlerContext?
    private var begun = false
    private var answered = false
    private var isReading = true
    private var readIsDue = false

    init(_ request: UpstreamRequest, _ observer: any UpstreamObserver, isReused: Bool, pool: UpstreamPool) {
        self.request = request
        self.observer = observer
        self.isReused = isReused
        self.pool = pool
    }

    func setReading(_ isReading: Bool) {
        self.isReading = isReading
        if isReading, readIsDue {
            readIsDue = false
            context?.read()
        }
    }

    /// RST_STREAM: the provider stops at once.
    func cancel() {
        observer = nil
        context?.close(promise: nil)
    }

    /// A stream costs its connection nothing: it is reset.
    func drain() { cancel() }

    func fail(_ code: ErrorCode) {
        guard let observer else { return }
        self.observer = nil
        observer.upstreamFailed(code, onReusedConnection: isReused && !answered)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(answered ? .upstreamCut : .upstreamUnreachable)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(answered ? .upstreamCut : .upstreamUnreachable)
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if isReading { context.read() } else { readIsDue = true }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        observer?.upstreamReadCompleted()
        context.fireChannelReadComplete()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let payload): readHeaders(payload.headers, isEnd: payload.endStream)
        case .data(let payload):
            if case .byteBuffer(let bytes) = payload.data, bytes.readableBytes > 0 { observer?.upstreamBody(bytes) }
            if payload.endStream { end() }
        case .rstStream:
            fail(answered ? .upstreamCut : .upstreamUnreachable)
        default: break
        }
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard observer != nil, !begun else { return }
        begun = true
        let deployment = request.deployment.deployment
        let writer = request.deployment.head
        var headers = HPACKHeaders()
        headers.add(name: ":method", value: "\((request.target?.method ?? .post).name)")
        headers.add(name: ":scheme", value: deployment.isTLS ? "https" : "http")
        headers.add(name: ":authority", value: String(decoding: writer.authority, as: UTF8.self))
        headers.add(name: ":path", value: String(decoding: request.path, as: UTF8.self))
        if request.length > 0 || request.target == nil {
            let type = request.target?.contentType.map { String(buffer: $0) }
            headers.add(name: "content-type", value: type ?? "application/json")
            headers.add(name: "content-length", value: String(request.length))
        }
        headers.add(name: "accept", value: request.acceptsEventStream ? "\(writer.eventStream)" : "\(request.accepts)")
        headers.add(name: "accept-encoding", value: "identity")
        headers.add(name: "user-agent", value: "tacet")
        if let version = writer.version(request) {
            headers.add(name: "anthropic-version", value: String(buffer: version))
        }
        if let betas = writer.betas(request) { headers.add(name: "anthropic-beta", value: String(buffer: betas)) }
        _ = request.key.read(for: deployment, pool.loop.shared.doors.credentials) { key in
            for (name, value) in writer.keyFields(request, key: key) {
                headers.add(name: name, value: value, indexing: .neverIndexed)
            }
        }
        let isEmpty = request.body.isEmpty && !request.isOpen
        context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: isEmpty))), promise: nil)
        for (index, piece) in request.body.enumerated() {
            let isLast = index == request.body.count - 1 && !request.isOpen
            context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(piece), endStream: isLast))), promise: nil)
        }
        context.flush()
        self.observer?.upstreamStarted(self)
    }

    func send(_ bytes: ByteBuffer, isLast: Bool) {
        guard observer != nil, let context else { return }
        context.writeAndFlush(
            wrapOutboundOut(.data(.init(data: .byteBuffer(bytes), endStream: isLast))), promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        observer?.upstreamWritabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    private func readHeaders(_ headers: HPACKHeaders, isEnd: Bool) {
        guard !answered else {
            // Trailers are dropped.
            if isEnd { end() }
            return
        }
        guard let status = headers.first(name: ":status").flatMap(UInt16.init), status >= 200 else { return }
        answered = true
        observer?.upstreamHead(UpstreamHead(headers, status: status))
        if isEnd { end() }
    }

    private func end() {
        guard let observer else { return }
        self.observer = nil
        observer.upstreamReadCompleted()
        observer.upstreamEnded()
    }
}

extension UpstreamHead {
    init(_ headers: HPACKHeaders, status: UInt16) {
        self.status = status
        let type = headers.first(name: "content-type")
        isEventStream = type.map { $0.utf8.starts(with: "text/event-stream".utf8) } ?? false
        isFrameStream = type == "application/vnd.amazon.eventstream"
        contentType = type.flatMap { AnswerHead.ContentType(ByteBuffer(string: $0)) }
        retryAfter = headers.first(name: "retry-after").map { ByteBuffer(string: $0) }
        isEncoded = headers.first(name: "content-encoding").map { $0 != "identity" } ?? false
        length = headers.first(name: "content-length").flatMap(Int.init)
    }
}
