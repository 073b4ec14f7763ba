import NIOCore
import Vocabulary

/// One HTTP/1.1 connection to a provider, straight on `ByteBuffer`: writes a request, reads its answer, then waits in the
/// pool for the next. One call at a time.
final class HTTP1UpstreamHandler: ChannelDuplexHandler, RemovableChannelHandler, UpstreamConnection, UpstreamCall, Swept
{
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bodies up to this are copied behind the head: one write instead of several.
    private static let inlineBody = 16 << 10

    private enum Phase {
        case idle
        case head
        case body(BodyDecoder, BodyFraming, keepAlive: Bool)
    }

    /// How long a drained answer may take to end.
    private static let drainMilliseconds: Int64 = 2000

    var sweepIndex = -1
    private var drainBy = Instant.never
    private let pool: UpstreamPool
    private var context: ChannelHandlerContext?
    private var options: (any NIOSynchronousChannelOptions)?
    private var phase = Phase.idle
    private var parser = ResponseHeadParser(limits: HTTP1Limits())
    private var observer: (any UpstreamObserver)?
    private var isReused = false
    private var answered = false
    private var inbound = ByteBuffer()
    private var isReading = true
    private var readIsDue = false
    private var isClosing = false
    /// The whole request was written: only then may the connection serve again.
    private var isWholeSent = true
    /// The request asked for a WebSocket.
    private var upgrades = false
    /// The last request head, which holds the provider's key until it is wiped (`RULES.md` 15).
    private var head = ByteBuffer()
    private var keyRange = 0..<0

    init(pool: UpstreamPool) { self.pool = pool }

    // MARK: The call

    func start(_ request: UpstreamRequest, _ observer: any UpstreamObserver, isReused: Bool) -> any UpstreamCall {
        guard let context, !isClosing else {
            // The provider closed it while it was idle; the observer may call again.
            pool.loop.eventLoop.assumeIsolated().execute {
                observer.upstreamFailed(.upstreamUnreachable, onReusedConnection: isReused)
            }
            return self
        }
        self.observer = observer
        self.isReused = isReused
        answered = false
        phase = .head
        isWholeSent = !request.isOpen
        upgrades = request.target?.upgrade != nil
        write(request, context)
        self.observer?.upstreamStarted(self)
        return self
    }

    func send(_ bytes: ByteBuffer, isLast: Bool) {
        guard observer != nil, let context else { return }
        isWholeSent = isLast
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        wipeKeyIfWritten(context)
    }

    func setReading(_ isReading: Bool) {
        guard self.isReading != isReading else { return }
        self.isReading = isReading
        if isReading, readIsDue {
            readIsDue = false
            context?.read()
        }
    }

    func cancel() {
        guard observer != nil else { return }
        observer = nil
        close()
    }

    func drain() {
        guard observer != nil else { return }
        observer = nil
        setReading(true)
        drainBy = Clock.instant().after(milliseconds: Self.drainMilliseconds)
        pool.loop.sweeper.add(self)
    }

    func sweep(_ now: Instant) {
        if now > drainBy { close() }
    }

    func close() {
        isClosing = true
        context?.close(promise: nil)
    }

    private func write(_ request: UpstreamRequest, _ context: ChannelHandlerContext) {
        head.clear()
        keyRange = request.deployment.head.write(
            request, credentials: pool.loop.shared.doors.credentials, into: &head)
        if request.length <= Self.inlineBody, !request.isOpen {
            for piece in request.body { head.writeImmutableBuffer(piece) }
            context.writeAndFlush(wrapOutboundOut(head), promise: nil)
        } else {
            context.write(wrapOutboundOut(head), promise: nil)
            for piece in request.body { context.write(wrapOutboundOut(piece), promise: nil) }
            context.flush()
        }
        wipeKeyIfWritten(context)
    }

    /// Overwrites the key in the head's memory once nothing of it waits to be written.
    private func wipeKeyIfWritten(_ context: ChannelHandlerContext) {
        guard !keyRange.isEmpty else { return }
        let waiting = try? options?.getOption(ChannelOptions.bufferedWritableBytes)
        guard waiting == 0 || isClosing else { return }
        head.wipe(keyRange)
        keyRange = 0..<0
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        options = context.channel.syncOptions
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        options = nil
    }

    func read(context: ChannelHandlerContext) {
        if isReading { context.read() } else { readIsDue = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // On a new connection NIO writes only after the call that made it returns.
        wipeKeyIfWritten(context)
        var bytes = unwrapInboundIn(data)
        if inbound.readableBytes == 0 { inbound = bytes } else { inbound.writeBuffer(&bytes) }
        decode(context)
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        observer?.upstreamReadCompleted()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        wipeKeyIfWritten(context)
        observer?.upstreamWritabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        wipeKeyIfWritten(context)
        pool.removed(self)
        pool.loop.sweeper.remove(self)
        if case .body(_, .untilClose, _) = phase {
            finish(keepAlive: false)
        } else {
            fail(answered || inbound.readableBytes > 0 ? .upstreamCut : .upstreamUnreachable)
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The error may describe bytes; it is dropped here and the closed code is told by `channelInactive`.
        close()
    }

    private func decode(_ context: ChannelHandlerContext) {
        do throws(HTTP1Refusal) {
            while true {
                switch phase {
                case .idle:
                    // Bytes that nobody asked for: the connection cannot be trusted any more.
                    if inbound.readableBytes > 0 { close() }
                    return
                case .head:
                    guard let head = try parser.next(&inbound, answersHEAD: false, upgrades: upgrades) else { return }
                    answered = true
                    if head.status == 101 { return handOver(head, context) }
                    phase = .body(BodyDecoder(head.framing, limit: nil), head.framing, keepAlive: head.keepAlive)
                    observer?.upstreamHead(UpstreamHead(head))
                case .body(var decoder, let framing, let keepAlive):
                    switch try decoder.next(&inbound) {
                    case .bytes(let bytes):
                        phase = .body(decoder, framing, keepAlive: keepAlive)
                        observer?.upstreamBody(bytes)
                    case .needMore:
                        phase = .body(decoder, framing, keepAlive: keepAlive)
                        return
                    case .end:
                        finish(keepAlive: keepAlive)
                    }
                }
            }
        } catch {
            fail(.upstreamMalformed)
            close()
        }
    }

    private func finish(keepAlive: Bool) {
        phase = .idle
        pool.loop.sweeper.remove(self)
        let observer = self.observer
        self.observer = nil
        if !isReading { setReading(true) }
        // Parked first: the observer may start its next call on it.
        if keepAlive && !isClosing && isWholeSent && keyRange.isEmpty && inbound.readableBytes == 0 {
            pool.park(self)
        } else {
            close()
        }
        observer?.upstreamEnded()
    }

    /// HTTP is over on this connection: whoever asked for that takes it.
    private func handOver(_ head: ResponseHead, _ context: ChannelHandlerContext) {
        guard let observer else { return close() }
        self.observer = nil
        phase = .idle
        isClosing = true
        let accept = head.webSocketAccept.map { head.withSpan($0) { value in value.indices.map { value[$0] } } }
        let rest = inbound
        inbound = ByteBuffer()
        observer.upstreamUpgraded(
            UpgradedConnection(channel: context.channel, accept: accept ?? [], rest: rest, handler: self))
    }

    private func fail(_ code: ErrorCode) {
        guard let observer else { return }
        self.observer = nil
        phase = .idle
        observer.upstreamFailed(code, onReusedConnection: isReused && !answered)
    }
}

extension UpstreamHead {
    init(_ head: ResponseHead) {
        status = head.status
        isEventStream =
            head.contentType.map { head.withSpan($0) { $0.beginsIgnoringCase("text/event-stream") } } ?? false
        isFrameStream =
            head.contentType.map { head.withSpan($0) { $0.equalsIgnoringCase("application/vnd.amazon.eventstream") } }
            ?? false
        contentType = head.contentType.flatMap { range in
            let isJSON = head.withSpan(range) { $0.equalsIgnoringCase("application/json") }
            return isJSON ? .json : head.bytes.copy(range).flatMap(AnswerHead.ContentType.init)
        }
        retryAfter = head.retryAfter.flatMap { head.bytes.copy($0) }
        isEncoded = head.contentEncoding.map { !head.withSpan($0) { $0.equalsIgnoringCase("identity") } } ?? false
        if case .length(let count) = head.framing { length = count }
    }
}
