import HTTPTypes
import NIOCore

/// What a page answers.
enum PageAnswer {
    case html(String, status: HTTPResponse.Status = .ok, cookie: CookieChange = .keep)
    /// To a path of ours, by GET.
    case redirect(String, cookie: CookieChange = .keep)
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
}
