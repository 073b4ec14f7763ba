import NIOCore
import Vocabulary
import Wire

/// One side of a session, as frames: reads what that side sends and writes what the other sent.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// OpenAI takes 15 MiB of sound in one event.
    static let messageLimit = 16 << 20
    /// Bytes on trust, before the process's budget is asked.
    private static let freeBytes = 64 << 10
    /// How long the other end may take to close.
    private static let closeMilliseconds: Int64 = 2000

    private let isClient: Bool
    private let budget: ByteBudget
    /// Hears of frames and ends; let go when the session is over.
    private var session: RealtimeSession?
    private var context: ChannelHandlerContext?
    private var decoder: WebSocketDecoder
    private var inbound = ByteBuffer()
    private var drawn = 0
    /// The fragments of a text so far.
    private var text: ByteBuffer?
    private var isClosing = false
    private var isReading = true
    private var readIsDue = false
    /// The side has got a part of a message in fragments: nothing of ours may stand between them.
    private(set) var isInsideMessage = false
    private var random = SystemRandomNumberGenerator()

    /// - Parameter isClient: whether the side is a client: its frames are masked, and those to a provider are.
    init(isClient: Bool, budget: ByteBudget) {
        self.isClient = isClient
        self.budget = budget
        decoder = WebSocketDecoder(isFromClient: isClient, limit: Self.messageLimit)
    }

    /// Bytes that came before the session began.
    func keep(_ bytes: ByteBuffer) { inbound.writeImmutableBuffer(bytes) }

    func begin(_ session: RealtimeSession) {
        self.session = session
        take(ByteBuffer())
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    // MARK: Writing

    /// Writes a frame; `flush` sends it.
    func send(_ frame: WebSocketFrame) {
        guard let context, !isClosing else { return }
        var out = ByteBuffer()
        out.writeWebSocketFrame(frame, mask: isClient ? nil : random.next())
        if !frame.opcode.isControl { isInsideMessage = !frame.isFinal }
        context.write(wrapOutboundOut(out), promise: nil)
    }

    func flush() { context?.flush() }

    /// Says why it ends, and waits a moment for the other end to close first.
    func close(_ frame: WebSocketFrame) {
        guard let context, !isClosing else { return }
        send(frame)
        isClosing = true
        session = nil
        release()
        context.flush()
        setReading(true)
        let channel = context.channel
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Self.closeMilliseconds)) {
            channel.close(promise: nil)
        }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { take(unwrapInboundIn(data)) }

    private func take(_ bytes: ByteBuffer) {
        if isClosing { return }
        if inbound.readableBytes == 0 { inbound = bytes } else { inbound.writeImmutableBuffer(bytes) }
        do throws(WebSocketFault) {
            while let frame = try decoder.next(&inbound) {
                guard let session else { return }
                session.received(frame, text: whole(frame), from: self)
            }
        } catch {
            session?.broken(self, error.code)
            return
        }
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
        account()
    }

    /// The text that a frame completes.
    private func whole(_ frame: WebSocketFrame) -> ByteBuffer? {
        switch frame.opcode {
        case .text where frame.isFinal: return frame.payload
        case .text: text = frame.payload
        case .continuation:
            text?.writeImmutableBuffer(frame.payload)
            guard frame.isFinal else { return nil }
            defer { text = nil }
            return text
        default: break
        }
        return nil
    }

    /// What a large message takes of the process's memory is drawn from its budget.
    private func account() {
        guard !isClosing else { return }
        let bytes = max(decoder.expectedBytes, inbound.readableBytes) + (text?.readableBytes ?? 0)
        let wanted = bytes > Self.freeBytes ? bytes : 0
        if wanted > drawn, !budget.take(wanted - drawn) {
            session?.broken(self, .tryAgainLater)
            return
        }
        if wanted < drawn { budget.giveBack(drawn - wanted) }
        drawn = wanted
    }

    private func release() {
        inbound = ByteBuffer()
        text = nil
        budget.giveBack(drawn)
        drawn = 0
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelReadComplete(context: ChannelHandlerContext) {
        session?.readCompleted(self)
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        session?.writabilityChanged(self)
        context.fireChannelWritabilityChanged()
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

    func channelInactive(context: ChannelHandlerContext) {
        let session = self.session
        self.session = nil
        release()
        session?.gone(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Its text may describe bytes (`RULES.md` 11): dropped.
        context.close(promise: nil)
    }
}
