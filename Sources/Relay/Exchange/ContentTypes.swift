import NIOCore

extension AnswerHead.ContentType {
    /// A provider's content type; `nil` for one that could break a header.
    init?(_ value: ByteBuffer) {
        guard value.readableBytes <= 128, value.isVisible else { return nil }
        self = value.readableBytesUInt8Span.equalsIgnoringCase("application/json") ? .json : .other(value)
    }

    var text: String {
        switch self {
        case .json: "application/json"
        case .eventStream: "text/event-stream"
        case .text: "text/plain"
        case .other(let value): String(buffer: value)
        }
    }
}

extension ByteBuffer {
    /// Whether every byte is a space or visible ASCII.
    var isVisible: Bool {
        for byte in readableBytesView where byte < 0x20 || byte > 0x7e { return false }
        return true
    }
}
