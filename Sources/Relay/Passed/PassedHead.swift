import NIOCore
import Vocabulary
import Wire

/// What the head of a request that is passed on says, beside what all requests say.
struct PassedHead {
    /// Of a form; `nil` for another content type, and for a form without a boundary that may be.
    let boundary: MultipartBoundary?
    /// The form's content type as sent, which names the boundary.
    let contentType: ByteBuffer
    /// Says that the body is a form, readable or not.
    let isForm: Bool
    /// `x-tacet-route`: the provider for a request that names no model.
    let provider: [UInt8]
    /// Parameters that may go on, as sent, with a question mark; empty for none.
    let query: [UInt8]
    /// `stream=true`: events of a stored answer.
    let asksForEvents: Bool
    /// `model=`: of a realtime session.
    let model: [UInt8]
    /// The client wants to go on by WebSocket.
    let upgrade: UpgradeRequest?

    init(contentType: ByteBuffer, provider: ByteBuffer, query: ByteBuffer, upgrade: UpgradeRequest?) {
        self.upgrade = upgrade
        self.contentType = contentType
        let type = contentType.readableBytesUInt8Span
        isForm = type.beginsIgnoringCase("multipart/form-data")
        boundary =
            isForm && contentType.readableBytes <= 256 && contentType.isVisible
            ? MultipartBoundary(contentType: type) : nil
        self.provider = Array(provider.readableBytesView)
        (self.query, asksForEvents, model) = Self.parameters(query.readableBytesUInt8Span)
    }

    /// Paging of a stored response's items, and what to include: nothing else goes on.
    private static let allowed: [StaticString] = [
        "after=", "before=", "limit=", "order=", "include=", "include%5B%5D=", "include[]=",
    ]

    private static func parameters(
        _ query: Span<UInt8>
    ) -> (kept: [UInt8], asksForEvents: Bool, model: [UInt8]) {
        var kept: [UInt8] = []
        var model: [UInt8] = []
        var asksForEvents = false
        var start = 0
        while start < query.count {
            var end = start
            while end < query.count, query[end] != 0x26 { end += 1 }
            let parameter = query.extracting(start..<end)
            if parameter.begins(with: "stream=true") { asksForEvents = true }
            if parameter.begins(with: "model=") {
                model = PercentEncoding.decoded(parameter.extracting(droppingFirst: 6))
            }
            if allowed.contains(where: { parameter.begins(with: $0) }) {
                kept.append(kept.isEmpty ? 0x3f : 0x26)
                for index in parameter.indices { kept.append(parameter[index]) }
            }
            start = end + 1
        }
        return (kept, asksForEvents, model)
    }
}
