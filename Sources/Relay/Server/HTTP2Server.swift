import NIOCore
import NIOHPACK
import NIOHTTP2
import Vocabulary

/// HTTP/2 towards clients: each stream is one request through the same `Ingress` as HTTP/1.1.
enum HTTP2Server {
    /// Adds the HTTP/2 handlers to a client's channel.
    static func configure(_ channel: any Channel, loop: LoopContext, after handler: (any ChannelHandler)? = nil) throws
    {
        let connection = HTTP2ServerConnection(loop: loop)
        let bound = NIOLoopBound(connection, eventLoop: loop.eventLoop)
        let http2 = NIOHTTP2Handler(
            mode: .server, eventLoop: channel.eventLoop, connectionConfiguration: HTTP2Limits.server,
            streamConfiguration: HTTP2Limits.stream
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(HTTP2ServerStream(bound.value))
            }
        }
        try channel.pipeline.syncOperations.addHandlers([http2, connection])
    }
}

/// What concerns a client's connection as a whole: it ends when it has been idle for long, when the gateway drains and
/// nothing runs, and on a connection error, whose text is dropped (`RULES.md` 11).
final class HTTP2ServerConnection: ChannelInboundHandler, Swept {
    typealias InboundIn = HTTP2Frame

    var sweepIndex = -1
    let loop: LoopContext
    private var context: ChannelHandlerContext?
    private var streams = 0
    private var idleSince = Clock.instant()

    init(loop: LoopContext) { self.loop = loop }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.sweeper.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.sweeper.remove(self)
        self.context = nil
    }

    /// Streams whose client takes nothing of the answer.
    private var stalled: [ObjectIdentifier: (stream: HTTP2ServerStream, since: Instant)] = [:]

    func streamOpened() { streams += 1 }

    func streamStalled(_ stream: HTTP2ServerStream, _ isStalled: Bool) {
        let key = ObjectIdentifier(stream)
        guard isStalled != (stalled[key] != nil) else { return }
        stalled[key] = isStalled ? (stream, Clock.instant()) : nil
    }

    func streamClosed() {
        streams -= 1
        idleSince = Clock.instant()
    }

    func sweep(_ now: Instant) {
        let patience = loop.shared.settings.limits.writeStall
        for (stream, since) in stalled.values where now > since.after(milliseconds: patience) { stream.abort() }
        guard streams == 0 else { return }
        let limit = loop.shared.settings.limits.idle
        if loop.isDraining || now > idleSince.after(milliseconds: limit) { context?.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOHTTP2Errors.StreamError { return }
        context.close(promise: nil)
    }
}

/// One request of an HTTP/2 connection.
final class HTTP2ServerStream: ChannelDuplexHandler, ClientSide {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let connection: HTTP2ServerConnection
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var begun = false
    private var requestIsOver = false
    private var answerIsOver = false
    private var isHead = false
    private(set) var page: [UInt8]?
    private var isReading = true
    private var readIsDue = false

    init(_ connection: HTTP2ServerConnection) { self.connection = connection }

    private var loop: LoopContext { connection.loop }

    // MARK: The request

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let payload):
            guard !begun else { return payload.endStream ? requestEnded() : () }
            // Known before the request is begun: it may be answered at once.
            requestIsOver = payload.endStream
            begin(payload.headers)
            if payload.endStream { exchange?.requestEnded() }
        case .data(let payload):
            if case .byteBuffer(let bytes) = payload.data { exchange?.requestBody(bytes) }
            if payload.endStream { requestEnded() }
        default: break
        }
    }

    private func begin(_ headers: HPACKHeaders) {
        begun = true
        page = headers.first(name: "origin").flatMap { loop.shared.settings.page(Array($0.utf8).span) }
        guard let request = IncomingRequest(headers, hasher: loop.shared.doors.hasher) else {
            return ErrorReply.send(.malformedRequest, to: self, loop: loop)
        }
        isHead = request.method == .head
        exchange = Ingress.begin(request, client: self, loop: loop)
    }

    private func requestEnded() {
        guard !requestIsOver else { return }
        requestIsOver = true
        exchange?.requestEnded()
    }

    // MARK: The answer

    var isWritable: Bool { context?.channel.isWritable ?? false }

    var address: Network.Address? { context?.channel.parent?.remoteAddress?.network }

    func send(_ head: borrowing AnswerHead, body: ByteBuffer) {
        let isEmpty = isHead || body.readableBytes == 0
        write(head, length: body.readableBytes, endStream: isEmpty)
        if !isEmpty { write(body, endStream: true) }
        answerIsOver = true
    }

    func begin(_ head: borrowing AnswerHead) { write(head, length: nil, endStream: false) }

    func prepare(_ part: inout ByteBuffer) { part.clear() }

    func send(part: inout ByteBuffer) { write(part, endStream: false) }

    func end() {
        write(ByteBuffer(), endStream: true)
        answerIsOver = true
    }

    func abort() { context?.close(promise: nil) }

    func upgrade(_ answer: ByteBuffer, to handler: WebSocketHandler) -> Bool { false }

    func flush() {
        context?.flush()
        guard answerIsOver else { return }
        exchange = nil
    }

    private func write(_ body: ByteBuffer, endStream: Bool) {
        guard let context else { return }
        context.write(
            wrapOutboundOut(.data(.init(data: .byteBuffer(body), endStream: endStream))),
            promise: endStream ? closing(context) : nil)
    }

    /// - Parameter length: `nil`: the stream's end is the body's.
    private func write(_ head: borrowing AnswerHead, length: Int?, endStream: Bool) {
        guard let context else { return }
        var headers = HPACKHeaders()
        headers.add(name: ":status", value: String(head.status))
        headers.add(name: "content-type", value: head.contentType.text)
        if let length { headers.add(name: "content-length", value: String(length)) }
        if case .eventStream = head.contentType { headers.add(name: "cache-control", value: "no-store") }
        if let seconds = head.retryAfterSeconds { headers.add(name: "retry-after", value: String(seconds)) }
        if let value = head.retryAfter, value.isVisible {
            headers.add(name: "retry-after", value: String(buffer: value))
        }
        if !head.allow.isEmpty {
            headers.add(name: "allow", value: head.allow.map { "\($0.name)" }.joined(separator: ", "))
        }
        if let id = head.request {
            headers.add(name: "x-tacet-request-id", value: String(decoding: id.text, as: UTF8.self))
        }
        if !head.model.isEmpty {
            headers.add(
                name: "x-tacet-model", value: String(decoding: head.provider + [0x2f] + head.model, as: UTF8.self))
            headers.add(name: "x-tacet-route", value: "\(head.route.name)")
        }
        if head.cache.isFromMemory {
            headers.add(name: "x-tacet-cache", value: "\(head.cache.name)")
        }
        for field in head.rates?.fields ?? [] {
            headers.add(name: "\(field.name)", value: String(decoding: field.value, as: UTF8.self))
        }
        if !head.warnings.isEmpty {
            headers.add(name: "x-tacet-warnings", value: String(decoding: head.warnings, as: UTF8.self))
        }
        if let page {
            for field in PageFields.of(head, page) {
                headers.add(name: "\(field.name)", value: String(decoding: field.value, as: UTF8.self))
            }
        }
        context.write(
            wrapOutboundOut(.headers(.init(headers: headers, endStream: endStream))),
            promise: endStream ? closing(context) : nil)
    }

    /// RFC 9113 §8.1: what was not read is not wanted, once the answer is written.
    private func closing(_ context: ChannelHandlerContext) -> EventLoopPromise<Void>? {
        guard !requestIsOver else { return nil }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        return written
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connection.streamOpened()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        connection.streamStalled(self, false)
        connection.streamClosed()
    }

    func setReading(_ isReading: Bool) {
        self.isReading = isReading
        if isReading, readIsDue {
            readIsDue = false
            context?.read()
        }
    }

    func read(context: ChannelHandlerContext) {
        if isReading { context.read() } else { readIsDue = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.streamStalled(self, !context.channel.isWritable)
        exchange?.clientWritabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        let exchange = self.exchange
        self.exchange = nil
        exchange?.clientGone()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
