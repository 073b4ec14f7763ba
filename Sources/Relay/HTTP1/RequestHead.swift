import NIOCore

/// The methods Tacet serves; CONNECT and TRACE are refused, and so is what nobody knows.
enum HTTPMethod: UInt8, Sendable, CaseIterable {
    case get
    case head
    case post
    case put
    case patch
    case delete
    case options
}

/// The head of a request: one slice of what was received, and offsets into it.
struct RequestHead: Sendable {
    /// The head from the request line to the empty line.
    let bytes: ByteBuffer
    let method: HTTPMethod
    /// The path without query. Empty means `/`, which only the absolute form can leave out.
    let target: Range<Int>
    /// Without the question mark.
    let query: Range<Int>?
    let keepAlive: Bool
    /// `.none`, `.length` or `.chunked`.
    let framing: BodyFraming
    /// Whether the client waits for `100 Continue` before it sends the body.
    let expectsContinue: Bool
    let isHTTP10: Bool
    let table: FieldTable

    /// The value of the first such field, without white space around it.
    func field(_ name: KnownField) -> Range<Int>? { table[name] }

    func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        bytes.readableBytesUInt8Span.matches(range, text)
    }

    /// The bytes of a range, for as long as `body` runs.
    func withSpan<Result>(_ range: Range<Int>, _ body: (Span<UInt8>) -> Result) -> Result {
        body(bytes.readableBytesUInt8Span.extracting(range))
    }
}
