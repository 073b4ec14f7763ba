import NIOCore
import Planning
import Secrets
import Vocabulary

/// A request for a provider: the pieces of its body and what its head needs.
struct UpstreamRequest {
    let deployment: DeploymentRuntime
    /// Path and query.
    let path: [UInt8]
    let body: [ByteBuffer]
    /// Of the whole body, also of what is still to come.
    let length: Int
    let acceptsEventStream: Bool
    /// For providers of Anthropic's dialect: as the client said, visible ASCII.
    let anthropicVersion: ByteBuffer?
    let anthropicBeta: ByteBuffer?
    /// `nil` for conversations: JSON is posted.
    var target: UpstreamTarget?
    /// Whose key it carries.
    let key: UpstreamKey
    /// `body` is only the beginning; the rest is sent through the call once it has started.
    var isOpen = false
}

/// The key of one request to a provider: the deployment's, its organisation's, or the caller's own.
struct UpstreamKey {
    let organisation: OrganisationID
    /// Sent beside the gateway's key; `nil` where none was.
    let callers: SecretBytes?

    /// `false`: there is none. The span must not outlive the call.
    func read(for deployment: Deployment, _ credentials: any Credentials, _ body: (Span<UInt8>) -> Void) -> Bool {
        guard deployment.takesCallersKey else {
            return credentials.withKey(of: deployment.id, for: organisation, body)
        }
        callers?.withBytes(body)
        return callers != nil
    }
}

/// What a request that is passed on has otherwise than a conversation.
struct UpstreamTarget {
    let method: HTTPMethod
    /// `nil`: JSON, where there is a body.
    let contentType: ByteBuffer?
    /// The connection is to become a WebSocket.
    var upgrade: UpstreamUpgrade?
}

/// A provider's answer head, reduced to what may be used of it.
struct UpstreamHead {
    var status: UInt16
    var isEventStream: Bool
    /// AWS's binary frames.
    var isFrameStream: Bool
    var contentType: AnswerHead.ContentType?
    var retryAfter: ByteBuffer?
    var isEncoded: Bool
    /// Declared length of the body.
    var length: Int?
}

/// One call on its way; an HTTP/1.1 connection or an HTTP/2 stream.
protocol UpstreamCall: AnyObject {
    /// The next bytes of a body that was left open. Only after `upstreamStarted`.
    /// - Parameter isLast: the body is complete.
    func send(_ bytes: ByteBuffer, isLast: Bool)
    /// Stops or goes on reading the answer (back-pressure).
    func setReading(_ isReading: Bool)
    /// The answer is not wanted any more: the provider is told at once.
    func cancel()
    /// Nothing more is to be told, but the answer's framing may still end: it is read to its end for a moment, so that
    /// the connection can serve again.
    func drain()
}

/// Who waits for a provider's answer. All calls on the event loop; after `upstreamEnded` or `upstreamFailed` none.
protocol UpstreamObserver: AnyObject {
    /// A connection is there and the request, or the beginning of one left open, is written to it.
    func upstreamStarted(_ call: any UpstreamCall)
    /// The provider takes an open body faster or slower than it comes.
    func upstreamWritabilityChanged(_ isWritable: Bool)
    func upstreamHead(_ head: UpstreamHead)
    /// The provider goes on by WebSocket; the connection is the observer's now, and the call is over.
    func upstreamUpgraded(_ connection: UpgradedConnection)
    func upstreamBody(_ bytes: ByteBuffer)
    /// The bytes of one read from the socket are all delivered.
    func upstreamReadCompleted()
    func upstreamEnded()
    func upstreamFailed(_ code: ErrorCode, onReusedConnection: Bool)
}
