import NIOCore
import Vocabulary
import Wire

/// A running session: frames of either side go to the other as they are, and what they tell is metered.
///
/// Pings and pongs pass too, so that each end learns of the other. A close frame ends both sides.
final class RealtimeSession: UpstreamCall {
    let client: WebSocketHandler
    let provider: WebSocketHandler
    private var exchange: Exchange?

    init(_ exchange: Exchange, budget: ByteBudget) {
        self.exchange = exchange
        client = WebSocketHandler(isClient: true, budget: budget)
        provider = WebSocketHandler(isClient: false, budget: budget)
    }

    /// Both handlers stand in their pipelines.
    func begin() {
        provider.begin(self)
        client.begin(self)
        client.flush()
        provider.flush()
    }

    // MARK: Frames

    /// - Parameter text: the message that the frame completes, where it is text.
    func received(_ frame: WebSocketFrame, text: ByteBuffer?, from side: WebSocketHandler) {
        guard let exchange else { return }
        exchange.clocks.heard(exchange.limits, exchange.loop.soon)
        if frame.opcode == .close {
            close(client: frame, provider: frame)
            return exchange.sessionEnded(.none)
        }
        if let text {
            let event = RealtimeEvent.read(text)
            // Each side is believed what is its own to tell.
            let isOwn = (event == .asksForResponse) == (side === client)
            if isOwn, let denial = exchange.meter(event) {
                return end(denial.code, ErrorMessage(denial, at: Clock.moment(), isUnderWay: true))
            }
        }
        let other = side === client ? provider : client
        other.send(frame)
        if !other.isWritable { side.setReading(false) }
    }

    func readCompleted(_ side: WebSocketHandler) { (side === client ? provider : client).flush() }

    func writabilityChanged(_ side: WebSocketHandler) {
        (side === client ? provider : client).setReading(side.isWritable)
    }

    // MARK: Ends

    /// A side sent what is no WebSocket traffic, or more than there is room for.
    func broken(_ side: WebSocketHandler, _ code: WebSocketClose) {
        let isFull = code == .tryAgainLater
        guard side === client else {
            provider.close(WebSocketFrame(close: code))
            return end(isFull ? .outOfMemory : .upstreamMalformed)
        }
        close(client: WebSocketFrame(close: code), provider: WebSocketFrame(close: .goingAway))
        exchange?.sessionEnded(isFull ? .outOfMemory : .malformedRequest)
    }

    /// A side's connection is gone without a word.
    func gone(_ side: WebSocketHandler) {
        guard side === client else { return end(.upstreamCut) }
        cancel()
        exchange?.sessionEnded(.clientGone)
    }

    /// Tacet ends it: the client is told why in an event, where one may stand, and by the code.
    func end(_ code: ErrorCode, _ message: ErrorMessage = ErrorMessage()) {
        guard let exchange else { return }
        if !client.isInsideMessage {
            var event = ByteBuffer()
            ErrorReply.writeRealtimeEvent(code, message, id: exchange.id, limits: exchange.limits, into: &event)
            client.send(WebSocketFrame(.text, event))
        }
        close(client: WebSocketFrame(close: code.close), provider: WebSocketFrame(close: .goingAway))
        exchange.sessionEnded(code)
    }

    private func close(client toClient: WebSocketFrame, provider toProvider: WebSocketFrame) {
        client.close(toClient)
        provider.close(toProvider)
    }

    /// The exchange is over.
    func ended() { exchange = nil }

    // MARK: As a call

    func send(_ bytes: ByteBuffer, isLast: Bool) {}

    func setReading(_ isReading: Bool) { provider.setReading(isReading) }

    func cancel() { provider.close(WebSocketFrame(close: .goingAway)) }

    func drain() { cancel() }
}

extension ErrorCode {
    /// What a session that Tacet ends is closed with.
    fileprivate var close: WebSocketClose {
        switch self {
        case .draining: .goingAway
        case .outOfMemory: .tryAgainLater
        default: fault == .caller ? .policy : .internalError
        }
    }
}
