public import NIOCore

extension AnswerTarget {
    /// Appends what tells a client, and every proxy on the way, that the answer is still being made (`RULES.md` 5). No
    /// client reads it as a part of the answer.
    public func writeKeepAlive(into out: inout ByteBuffer) {
        switch self {
        case .chat, .responses: out.writeStaticString(": ping\n\n")
        case .messages: out.writeStaticString("event: ping\ndata: {\"type\": \"ping\"}\n\n")
        // Google's clients take a comment for the beginning of an error; white space stands between events and elements.
        case .gemini: out.writeStaticString("\n")
        }
    }
}
