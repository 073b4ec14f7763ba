import NIOCore
import Vocabulary

extension HTTP1ServerHandler: ClientSide {
    var isWritable: Bool { context?.channel.isWritable ?? false }

    var address: Network.Address? { context?.channel.remoteAddress?.network }

    func send(_ head: borrowing AnswerHead, body: ByteBuffer) {
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

    func begin(_ head: borrowing AnswerHead) {
        guard let context else { return }
        // HTTP/1.0 has no chunks: there the end of the connection ends the body.
        chunked = !isHTTP10
        if isHTTP10 { keepsAlive = false }
        write(head, framing: chunked ? .chunked : .untilClose)
        context.write(wrapOutboundOut(scratch), promise: nil)
    }

    /// A chunk's size line stands in front of what is appended: its room is left free, and filled in when known.
    func prepare(_ part: inout ByteBuffer) {
        if isHTTP10 { part.clear() } else { part.beginChunk() }
    }

    func send(part: inout ByteBuffer) {
        guard let context, part.readableBytes > 0 else { return }
        if chunked { part.endChunk() }
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
        if chunked, let context { context.write(wrapOutboundOut(lastChunk), promise: nil) }
        answerEnded()
    }

    func abort() { context?.close(promise: nil) }

    func upgrade(_ answer: ByteBuffer, to handler: WebSocketHandler) -> Bool {
        guard let context, case .answering = phase,
            (try? context.pipeline.syncOperations.addHandler(handler)) != nil
        else { return false }
        exchange = nil
        context.write(wrapOutboundOut(answer), promise: nil)
        handler.keep(takeInbound())
        setReading(true)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        return true
    }

    func writeContinue() {
        context?.writeAndFlush(wrapOutboundOut(Self.continueLine), promise: nil)
    }

    private static let continueLine = ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")

    private func answerEnded() {
        answerIsOver = true
        // A request that was not read to its end leaves its rest in the way.
        if case .body(let decoder) = phase, !decoder.isEnded { keepsAlive = false }
    }

    private func write(_ head: borrowing AnswerHead, framing: BodyFraming) {
        if case .body(let decoder) = phase, !decoder.isEnded { keepsAlive = false }
        // Taken out while it is written to, so that nothing else refers to its memory.
        var out = scratch
        scratch = ByteBuffer()
        out.clear()
        let room = Self.headRoom + head.variableLength + (page.map(PageFields.room) ?? 0)
        out.writeHead(capacity: room) { span in compose(head, framing, &span) }
        scratch = out
    }

    /// What all our own fields together take at most.
    private static let headRoom = 640

    private func compose(_ head: borrowing AnswerHead, _ framing: BodyFraming, _ out: inout OutputRawSpan) {
        if head.status == 200 {
            out.text("HTTP/1.1 200 OK\r\ncontent-type: ")
        } else {
            out.text("HTTP/1.1 ")
            out.decimal(Int(head.status))
            out.text(" ")
            out.text(reason(of: head.status))
            out.text("\r\ncontent-type: ")
        }
        switch head.contentType {
        case .json: out.text("application/json\r\n")
        case .eventStream: out.text("text/event-stream\r\ncache-control: no-store\r\n")
        case .text: out.text("text/plain\r\n")
        case .other(let value):
            out.bytes(value)
            out.text("\r\n")
        }
        switch framing {
        case .length(let count): field("content-length: ", count, &out)
        case .chunked: out.text("transfer-encoding: chunked\r\n")
        case .none, .untilClose: break
        }
        if head.status == ErrorCode.upgradeRequired.status { out.text("upgrade: websocket\r\n") }
        if let seconds = head.retryAfterSeconds { field("retry-after: ", Int(clamping: seconds), &out) }
        if let value = head.retryAfter, value.isVisible {
            out.text("retry-after: ")
            out.bytes(value)
            out.text("\r\n")
        }
        if !head.allow.isEmpty {
            out.text("allow: ")
            for (index, method) in head.allow.enumerated() {
                if index > 0 { out.text(", ") }
                out.text(method.name)
            }
            out.text("\r\n")
        }
        if let id = head.request {
            out.text("x-tacet-request-id: ")
            out.id(id)
            out.text("\r\n")
        }
        if !head.model.isEmpty {
            out.text("x-tacet-model: ")
            out.bytes(head.provider)
            out.text("/")
            out.bytes(head.model)
            out.text("\r\nx-tacet-route: ")
            out.text(head.route.name)
            out.text("\r\n")
        }
        if head.cache.isFromMemory {
            out.text("x-tacet-cache: ")
            out.text(head.cache.name)
            out.text("\r\n")
        }
        if let rates = head.rates {
            for field in rates.fields {
                out.text(field.name)
                out.text(": ")
                out.bytes(field.value)
                out.text("\r\n")
            }
        }
        if !head.warnings.isEmpty {
            out.text("x-tacet-warnings: ")
            out.bytes(head.warnings)
            out.text("\r\n")
        }
        if let page {
            for field in PageFields.of(head, page) {
                out.text(field.name)
                out.text(": ")
                out.bytes(field.value)
                out.text("\r\n")
            }
        }
        if !keepsAlive {
            out.text("connection: close\r\n\r\n")
        } else {
            out.text(isHTTP10 ? "connection: keep-alive\r\n\r\n" : "\r\n")
        }
    }

    private func field(_ name: StaticString, _ value: Int, _ out: inout OutputRawSpan) {
        out.text(name)
        out.decimal(max(0, value))
        out.text("\r\n")
    }
}

extension AnswerHead {
    /// Bytes of the values that have no fixed length.
    fileprivate var variableLength: Int {
        var length = provider.count + model.count + warnings.count + (retryAfter?.readableBytes ?? 0)
        // Six fields of names, numbers and times.
        if rates != nil { length += 6 * 80 }
        if case .other(let value) = contentType { length += value.readableBytes }
        return length
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
