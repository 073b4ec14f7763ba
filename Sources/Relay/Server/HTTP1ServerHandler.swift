import NIOCore
import Vocabulary

/// One client connection over HTTP/1.1, straight on `ByteBuffer`: reads requests one after the other, feeds each to its
/// exchange, and writes the answers (DESIGN §3.1, §4).
final class HTTP1ServerHandler: ChannelDuplexHandler, RemovableChannelHandler, Swept {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Requests served over one connection (CONTROL 4.6).
    private static let requestsPerConnection = 1000
    /// Pipelined bytes that may wait while a request is being answered.
    private static let pipelinedBytes = 64 << 10
    /// How long what a refused client still sends is read and dropped, so that it can read the answer.
    private static let lingerMilliseconds: Int64 = 2000
    /// Bodies up to this are copied behind their head: one write instead of two.
    static let inlineBody = 16 << 10

    enum Phase {
        /// Between requests, or inside a head.
        case head
        case body(BodyDecoder)
        /// The request is read; its answer is not over.
        case answering
        /// The answer is over, the request was not read to its end: its rest is dropped.
        case discarding
    }

    var sweepIndex = -1
    let loop: LoopContext
    var context: ChannelHandlerContext?
    var phase = Phase.head
    private var parser = RequestHeadParser(limits: HTTP1Limits())
    private var inbound = ByteBuffer()
    private var served = 0
    private var isProcessing = false
    private var isReading = true
    private var readIsDue = false
    private var mayBeHTTP2: Bool

    private var memo = CredentialMemo()

    // The request at hand.
    var exchange: Exchange?
    var keepsAlive = true
    var isHTTP10 = false
    var isHead = false
    var page: [UInt8]?
    var answerIsOver = false
    var chunked = false
    /// Reused for every head, while nothing waits to be written.
    var scratch = ByteBuffer()

    private var deadline: Instant
    private var stalledSince: Instant?

    init(loop: LoopContext, isTLS: Bool) {
        self.loop = loop
        mayBeHTTP2 = !isTLS
        deadline = Clock.instant().after(milliseconds: loop.shared.settings.limits.headerTime)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if case .discarding = phase { return }
        if mayBeHTTP2, becomesHTTP2(&bytes, context) { return }
        if inbound.readableBytes == 0 { inbound = bytes } else { inbound.writeBuffer(&bytes) }
        process()
        if inbound.readableBytes == 0 {
            inbound = ByteBuffer()
        } else if case .answering = phase, inbound.readableBytes > Self.pipelinedBytes {
            setReading(false)
        }
    }

    /// HTTP/2 by prior knowledge: a plain connection that begins with the preface.
    private func becomesHTTP2(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
        inbound.writeBuffer(&bytes)
        let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        let seen = inbound
        let span = seen.readableBytesUInt8Span
        let length = min(span.count, preface.utf8CodeUnitCount)
        for index in 0..<length where unsafe span[index] != preface.utf8Start[index] {
            mayBeHTTP2 = false
            bytes = inbound
            inbound = ByteBuffer()
            return false
        }
        guard length == preface.utf8CodeUnitCount else { return true }
        mayBeHTTP2 = false
        let first = inbound
        loop.sweeper.remove(self)
        do {
            try HTTP2Server.configure(context.channel, loop: loop, after: self)
        } catch {
            context.close(promise: nil)
            return true
        }
        context.fireChannelRead(NIOAny(first))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        return true
    }

    private func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        do throws(HTTP1Refusal) {
            while true {
                switch phase {
                case .head:
                    guard let head = try parser.next(&inbound) else {
                        if parser.isInsideHead || inbound.readableBytes > 0 { startHeadClock() }
                        return
                    }
                    begin(head)
                case .body(var decoder):
                    let part = try decoder.next(&inbound)
                    phase = .body(decoder)
                    switch part {
                    case .bytes(let bytes):
                        exchange?.requestBody(bytes)
                        if case .discarding = phase { return }
                    case .needMore: return
                    case .end: requestEnded()
                    }
                case .answering, .discarding: return
                }
            }
        } catch {
            refuse(error)
        }
    }

    private func begin(_ head: RequestHead) {
        served += 1
        headClockRuns = false
        deadline = .never
        keepsAlive = head.keepAlive && served < Self.requestsPerConnection && !loop.isDraining
        isHTTP10 = head.isHTTP10
        isHead = head.method == .head
        page = head.field(.origin).flatMap { head.withSpan($0) { loop.shared.settings.page($0) } }
        answerIsOver = false
        phase = .body(BodyDecoder(head.framing, limit: nil))
        let request = IncomingRequest(head, hasher: loop.shared.doors.hasher, memo: &memo)
        exchange = Ingress.begin(request, client: self, loop: loop)
        if exchange != nil, head.expectsContinue, !answerIsOver { writeContinue() }
    }

    private func requestEnded() {
        phase = .answering
        if answerIsOver { next() } else { exchange?.requestEnded() }
    }

    /// What came behind the request that is being answered.
    func takeInbound() -> ByteBuffer {
        defer { inbound = ByteBuffer() }
        return inbound
    }

    /// Both request and answer are over.
    func next() {
        exchange = nil
        guard keepsAlive else { return closeAfterWriting() }
        phase = .head
        deadline = loop.soon.after(milliseconds: loop.shared.settings.limits.idle)
        setReading(true)
        if inbound.readableBytes > 0 { process() }
    }

    /// A message that cannot be trusted: an answer if none has begun, and the end of the connection.
    private func refuse(_ refusal: HTTP1Refusal) {
        keepsAlive = false
        inbound.clear()
        loop.shared.doors.log.record(.connectionRefused(error: refusal.requestCode))
        if let exchange, !exchange.isFinished {
            exchange.refuse(refusal.requestCode)
        } else if case .head = phase {
            answerIsOver = false
            isHead = false
            ErrorReply.send(refusal.requestCode, status: refusal.status, to: self, loop: loop)
        }
    }

    // MARK: Ends

    /// What the client still sends is dropped for a moment, so that a reset does not swallow the answer.
    func discardRest() {
        phase = .discarding
        exchange = nil
        inbound.clear()
        deadline = Clock.instant().after(milliseconds: Self.lingerMilliseconds)
        setReading(true)
        context?.close(mode: .output, promise: nil)
    }

    func closeAfterWriting() {
        phase = .discarding
        deadline = Clock.instant().after(milliseconds: Self.lingerMilliseconds)
        context?.close(mode: .output, promise: nil)
    }

    // MARK: Clocks

    private var headClockRuns = false

    private func startHeadClock() {
        guard !headClockRuns else { return }
        headClockRuns = true
        deadline = Clock.instant().after(milliseconds: loop.shared.settings.limits.headerTime)
    }

    func sweep(_ now: Instant) {
        if let stalledSince, now > stalledSince.after(milliseconds: loop.shared.settings.limits.writeStall) {
            context?.close(promise: nil)
            return
        }
        switch phase {
        case .head:
            if loop.isDraining && !headClockRuns && inbound.readableBytes == 0 {
                context?.close(promise: nil)
            } else if now > deadline {
                if headClockRuns {
                    keepsAlive = false
                    answerIsOver = false
                    ErrorReply.send(.requestTimeout, status: 408, to: self, loop: loop)
                } else {
                    context?.close(promise: nil)
                }
            }
        case .discarding:
            if now > deadline { context?.close(promise: nil) }
        case .body, .answering: break
        }
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.sweeper.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.sweeper.remove(self)
        self.context = nil
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
        let isWritable = context.channel.isWritable
        stalledSince = isWritable ? nil : Clock.instant()
        exchange?.clientWritabilityChanged(isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        loop.sweeper.remove(self)
        let exchange = self.exchange
        self.exchange = nil
        exchange?.clientGone()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Its text may describe bytes (`RULES.md` 11): dropped.
        context.close(promise: nil)
    }
}
