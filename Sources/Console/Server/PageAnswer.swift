import HTTPTypes
import NIOCore
import Policy

/// What a page answers.
enum PageAnswer {
    /// - Parameter connects: the origin that the page's script may ask, in place of our own.
    case html(String, status: HTTPResponse.Status = .ok, cookie: CookieChange = .keep, connects: String? = nil)
    /// To a path of ours, by GET.
    case redirect(String, cookie: CookieChange = .keep)
    /// The interface's; `nil` for nothing (204).
    case json(JSONTree?, status: HTTPResponse.Status = .ok, retryAfter: Int64? = nil)
    /// A download.
    case file(name: String, type: String, bytes: [UInt8])
    /// Server-sent events.
    case events(AsyncStream<ByteBuffer>)

    /// The one cookie.
    enum CookieChange: Equatable {
        case keep
        case set(String)
        case clear
    }
}

/// Why a page has no answer of its own.
enum PageFault: Error, Equatable {
    /// There is no such thing, or it is not this organisation's: never told apart.
    case notFound
    /// The form cannot be read.
    case unreadable
    /// What was asked for is not possible; the key of the sentence that says what is.
    case refused(String)
    /// A member of the interface's body is missing, unknown or of another type.
    case member(String, allowed: String)
    case notSignedIn
    /// It is too long ago that the person proved who it is.
    case notProved
    /// A page in force, or the age, is to be agreed to first.
    case notAgreed
    /// Sent by another page, or too long ago.
    case foreign
}
