import NIOCore
import Vocabulary

/// An answer's head. Its fields are an allow-list (`RULES.md` 14): nothing a provider sends beside these passes.
struct AnswerHead: ~Copyable {
    var status: UInt16
    var contentType: ContentType = .json
    /// Of ours.
    var retryAfterSeconds: Int64?
    /// As the provider said; written only when it is visible ASCII.
    var retryAfter: ByteBuffer?
    var request: RequestID?
    /// What served, and why.
    var provider: [UInt8] = []
    var model: [UInt8] = []
    var route: RouteReason = .none
    /// `hit` and `shared` are told.
    var cache: CacheOutcome = .off
    /// What a translation could not carry: field paths, visible ASCII, a comma between.
    var warnings: [UInt8] = []
    /// What is left of the key's rates.
    var rates: RateFields?
    /// Allowed methods, for 405 and for a browser that asks before it sends.
    var allow: [HTTPMethod] = []
    /// Tells a browser what the page may send.
    var isPreflight = false

    enum ContentType {
        case json
        case eventStream
        case text
        /// As the provider said; visible ASCII only.
        case other(ByteBuffer)
    }
}

/// The way back to one request's client: an HTTP/1.1 connection or an HTTP/2 stream.
///
/// All calls on the event loop. What is written goes out with `flush`.
protocol ClientSide: AnyObject {
    /// `false` while the client reads slower than the provider writes.
    var isWritable: Bool { get }
    /// Where the client is; `nil` where that is not known.
    var address: Network.Address? { get }
    /// The origin of the page that asks, where it may read the answer.
    var page: [UInt8]? { get }
    /// Head and whole body in one go; the answer is over.
    func send(_ head: borrowing AnswerHead, body: ByteBuffer)
    /// A head whose body follows in parts.
    func begin(_ head: borrowing AnswerHead)
    /// Empties `part` and leaves room for framing before what will be appended.
    func prepare(_ part: inout ByteBuffer)
    /// Sends what was appended to a prepared part.
    func send(part: inout ByteBuffer)
    func flush()
    /// The last part was sent.
    func end()
    /// Breaks an answer off that cannot say that it failed: the client must not take it for whole.
    func abort()
    /// Stops or goes on reading the request's body.
    func setReading(_ isReading: Bool)
    /// Ends HTTP on the connection with the bytes of a 101; `handler` has it from then on.
    /// - Returns: `false` where that cannot be.
    func upgrade(_ answer: ByteBuffer, to handler: WebSocketHandler) -> Bool
}
