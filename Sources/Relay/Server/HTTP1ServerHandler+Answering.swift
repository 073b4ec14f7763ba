import NIOCore
import Vocabulary

extension HTTP1ServerHandler: ClientSide {
    var isWritable: Bool { context?.channel.isWritable ?? false }

    func send(_ head: AnswerHead, body: ByteBuffer) {
        guard let context else { return }
        write(head, framing: .length(body.readableBytes))
        if isHead {
            context.write(wrapOutboundOut(scratch), promise: nil)
        } else if body.readableBytes <= Self.inlineBody {
            scratch.writeImmutableBuffer(body)
            context.write(wrapOutboundOut(scratch), promise: nil)
        } else {
            context.write(wrapOutboundOut(scratch), promise: nil)
            context.write(wrapOutboundOut(body), promise: nil)
        }
        answerEnded()
    }

    func begin(_ head: AnswerHead) {
        guard let context else { return }
        // HTTP/1.0 has no chunks: there the end of the connection ends the body.
        chunked = !isHTTP10
        if isHTTP10 { keepsAlive = false }
        write(head, framing: chunked ? .chunked : .untilClose)
        context.write(wrapOutboundOut(scratch), promise: nil)
    }

    /// A chunk's size line stands in front of what is appended: its room is left free, and filled in when known.
    func prepare(_ part: inout ByteBuffer) {
        part.clear()
        guard chunked || !isHTTP10 else { return }
        part.writeRepeatingByte(0, count: Self.chunkRoom)
        part.moveReaderIndex(to: Self.chunkRoom)
    }

    func send(part: inout ByteBuffer) {
        guard let context, part.readableBytes > 0 else { return }
        if chunked {
            var size = part.readableBytes
            var at = Self.chunkRoom - 2
            part.setInteger(UInt16(0x0d0a), at: at)
            repeat {
                at -= 1
                let digit = UInt8(size & 15)
                part.setInteger(digit < 10 ? 0x30 + digit : 0x57 + digit, at: at)
                size >>= 4
            } while size > 0
            part.moveReaderIndex(to: at)
            part.writeChunkEnd()
        }
        context.write(wrapOutboundOut(part), promise: nil)
    }

    func flush() {
        context?.flush()
        guard answerIsOver else { return }
        // The next request is begun only after this answer is on its way.
        switch phase {
        case .answering: next()
        case .body(let decoder): if !decoder.isEnded { discardRest() }
        case .head where !keepsAlive: closeAfterWriting()
        case .head, .discarding: break
        }
    }

    func end() {
        if chunked, let context { context.write(wrapOutboundOut(Self.lastChunk), promise: nil) }
        answerEnded()
    }

    func writeContinue() {
        context?.writeAndFlush(wrapOutboundOut(Self.continueLine), promise: nil)
    }

    private static let chunkRoom = 10
    private static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
    private static let continueLine = ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")

    private func answerEnded() {
        answerIsOver = true
        // A request that was not read to its end leaves its rest in the way.
        if case .body(let decoder) = phase, !decoder.isEnded { keepsAlive = false }
    }

    private func write(_ head: AnswerHead, framing: BodyFraming) {
        if case .body(let decoder) = phase, !decoder.isEnded { keepsAlive = false }
        scratch.clear()
        scratch.writeStatusLine(head.status)
        switch head.contentType {
        case .json: scratch.writeField("content-type", "application/json")
        case .eventStream: scratch.writeField("content-type", "text/event-stream")
        case .text: scratch.writeField("content-type", "text/plain")
        case .other(let value): _ = scratch.writeField("content-type", value.readableBytesUInt8Span)
        }
        switch framing {
        case .length(let count): scratch.writeField("content-length", decimal: count)
        case .chunked: scratch.writeField("transfer-encoding", "chunked")
        case .none, .untilClose: break
        }
        if case .eventStream = head.contentType { scratch.writeField("cache-control", "no-store") }
        if let seconds = head.retryAfterSeconds { scratch.writeField("retry-after", decimal: Int(clamping: seconds)) }
        if let value = head.retryAfter { _ = scratch.writeField("retry-after", value.readableBytesUInt8Span) }
        if let allow = head.allow { scratch.writeField("allow", allow.name) }
        if let id = head.request {
            scratch.writeStaticString("x-tacet-request-id: ")
            id.write(into: &scratch)
            scratch.writeStaticString("\r\n")
        }
        if !head.model.isEmpty {
            scratch.writeStaticString("x-tacet-model: ")
            scratch.writeBytes(head.provider)
            scratch.writeInteger(UInt8(ascii: "/"))
            scratch.writeBytes(head.model)
            scratch.writeStaticString("\r\n")
            scratch.writeField("x-tacet-route", head.route.name)
        }
        if !keepsAlive {
            scratch.writeField("connection", "close")
        } else if isHTTP10 {
            scratch.writeField("connection", "keep-alive")
        }
        scratch.writeStaticString("\r\n")
    }
}

extension RequestID {
    /// The written form, without an array in between.
    func write(into out: inout ByteBuffer) {
        let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
        out.writeStaticString(Self.prefix)
        for position in 0..<26 {
            let digit = group(position)
            out.writeInteger(unsafe digits.utf8Start[digit])
        }
    }
}

extension HTTPMethod {
    var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        }
    }
}
