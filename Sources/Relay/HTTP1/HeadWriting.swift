import NIOCore

// Heads are written piece by piece into a buffer, without a String. Texts are ours; what comes from elsewhere passes
// `writeField`, which refuses what could end a line (CONTROL 4.6, outbound).

extension ByteBuffer {
    /// `HTTP/1.1 status reason` and the line's end. A status without a known reason gets none.
    mutating func writeStatusLine(_ status: UInt16) {
        writeStaticString("HTTP/1.1 ")
        writeDecimal(Int(status))
        writeStaticString(" ")
        writeStaticString(reason(of: status))
        writeStaticString("\r\n")
    }

    /// A field of our own: name in any case, value without line ends.
    mutating func writeField(_ name: StaticString, _ value: StaticString) {
        writeStaticString(name)
        writeStaticString(": ")
        writeStaticString(value)
        writeStaticString("\r\n")
    }

    mutating func writeField(_ name: StaticString, decimal value: Int) {
        writeStaticString(name)
        writeStaticString(": ")
        writeDecimal(value)
        writeStaticString("\r\n")
    }

    /// A field with a value from elsewhere. `false`, with nothing written, unless every byte is a tab or 0x20 to 0x7e.
    mutating func writeField(_ name: StaticString, _ value: Span<UInt8>) -> Bool {
        for index in value.indices where !(value[index] >= Byte.space && value[index] < Byte.delete) {
            guard value[index] == Byte.tab else { return false }
        }
        writeStaticString(name)
        writeStaticString(": ")
        writeSpan(value)
        writeStaticString("\r\n")
        return true
    }

    mutating func writeSpan(_ span: Span<UInt8>) {
        writeWithOutputRawSpan(minimumWritableBytes: span.count) { output in
            for index in span.indices { output.append(span[index]) }
        }
    }

    /// A number from 0 in decimal digits.
    mutating func writeDecimal(_ number: Int) {
        precondition(number >= 0)
        var digits = [20 of UInt8](repeating: 0)
        var (rest, start) = (number, 20)
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        writeSpan(digits.span.extracting(start..<20))
    }

    /// The size line before the bytes of a chunk. After them comes `writeChunkEnd`.
    ///
    /// - Precondition: `size` is above 0, for a chunk of 0 ends the body.
    mutating func writeChunkHeader(_ size: Int) {
        precondition(size > 0)
        var digits = [18 of UInt8](repeating: 0)
        (digits[16], digits[17]) = (Byte.cr, Byte.lf)
        var (rest, start) = (size, 16)
        while rest > 0 {
            start -= 1
            let digit = UInt8(rest & 15)
            digits[start] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            rest >>= 4
        }
        writeSpan(digits.span.extracting(start..<18))
    }

    mutating func writeChunkEnd() { writeStaticString("\r\n") }

    /// The last chunk and the empty trailers.
    mutating func writeLastChunk() { writeStaticString("0\r\n\r\n") }
}

/// The reason phrases of RFC 9110 and RFC 6585, and of what our statuses are called elsewhere.
func reason(of status: UInt16) -> StaticString {
    switch status {
    case 100: "Continue"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 402: "Payment Required"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 422: "Unprocessable Content"
    case 424: "Failed Dependency"
    case 425: "Too Early"
    case 428: "Precondition Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 451: "Unavailable For Legal Reasons"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 529: "Overloaded"
    default: ""
    }
}
