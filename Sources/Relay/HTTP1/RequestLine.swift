/// A request line: method, target, version, single spaces between them.
struct RequestLine {
    let method: HTTPMethod
    let path: Range<Int>
    let query: Range<Int>?
    /// Of the absolute form.
    let authority: Range<Int>?
    let isHTTP10: Bool

    /// - Parameter end: where the CR stands; before it there is no control byte.
    init(_ bytes: Span<UInt8>, _ end: Int) throws(HTTP1Refusal) {
        var space = 0
        while space < end, Byte.isToken(bytes[space]) { space += 1 }
        guard space > 0, space < end, bytes[space] == Byte.space else { throw .malformedRequestLine }
        let start = space + 1
        var (index, question) = (start, end)
        while index < end, bytes[index] != Byte.space {
            let byte = bytes[index]
            guard byte < Byte.delete, byte != UInt8(ascii: "#") else { throw .invalidTarget }
            if byte == UInt8(ascii: "?"), question == end { question = index }
            index += 1
        }
        // Without a version this would be HTTP/0.9.
        guard index > start, index < end else { throw .malformedRequestLine }
        isHTTP10 = try Self.isHTTP10(bytes, index + 1..<end)
        let path = start..<min(question, index)
        method = try Self.method(bytes, 0..<space)
        query = question < index ? question + 1..<index : nil
        if bytes[start] == UInt8(ascii: "/") {
            (self.path, authority) = (path, nil)
        } else if method == .options, index == start + 1, bytes[start] == UInt8(ascii: "*") {
            throw .methodNotAllowed
        } else {
            let schemeEnd = try Self.schemeEnd(bytes, path)
            var slash = schemeEnd
            while slash < path.upperBound, bytes[slash] != UInt8(ascii: "/") { slash += 1 }
            guard bytes.isHost(schemeEnd..<slash) else { throw .invalidTarget }
            (self.path, authority) = (slash..<path.upperBound, schemeEnd..<slash)
        }
    }

    private static func isHTTP10(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Refusal) -> Bool {
        if bytes.matches(range, "HTTP/1.1") { return false }
        if bytes.matches(range, "HTTP/1.0") { return true }
        guard range.count == 8, bytes.matches(range.lowerBound..<range.lowerBound + 5, "HTTP/") else {
            throw .malformedRequestLine
        }
        throw .unsupportedVersion
    }

    private static func schemeEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Refusal) -> Int {
        if range.count > 7, bytes.beginsFolded(range, "http://") { return range.lowerBound + 7 }
        if range.count > 8, bytes.beginsFolded(range, "https://") { return range.lowerBound + 8 }
        throw .invalidTarget
    }

    private static func method(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Refusal) -> HTTPMethod {
        switch range.count {
        case 3:
            if bytes.matches(range, "GET") { return .get }
            if bytes.matches(range, "PUT") { return .put }
        case 4:
            if bytes.matches(range, "POST") { return .post }
            if bytes.matches(range, "HEAD") { return .head }
        case 5:
            if bytes.matches(range, "PATCH") { return .patch }
            if bytes.matches(range, "TRACE") { throw .methodNotAllowed }
        case 6:
            if bytes.matches(range, "DELETE") { return .delete }
        case 7:
            if bytes.matches(range, "OPTIONS") { return .options }
            if bytes.matches(range, "CONNECT") { throw .methodNotAllowed }
        default: break
        }
        throw .unsupportedMethod
    }
}
