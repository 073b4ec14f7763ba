import NIOCore
import Planning
import Vocabulary
import Wire

/// What an exchange knows of a request that is passed on.
struct PassedCall {
    let head: PassedHead
    let method: HTTPMethod
    /// The object that the path names, with its tag.
    let object: [UInt8]
    /// The provider's own id of it.
    var upstreamObject: [UInt8] = []
    /// The provider's own ids of the objects that the body names.
    var objects: [[UInt8]] = []
    /// The provider's own names of a batch's models.
    var batchModels: [[UInt8]] = []
    /// A form while it arrives.
    var form: FormIntake?
    /// The provider is to go on by WebSocket.
    let upgrade: UpstreamUpgrade?

    /// `nil` when the request is not passed on.
    init?(_ request: borrowing IncomingRequest) {
        guard let head = request.passed else { return nil }
        self.head = head
        method = request.method
        object = request.name
        upgrade = head.upgrade.map(UpstreamUpgrade.init)
        form = head.boundary.map { FormIntake($0, declared: request.length) }
    }

    var target: UpstreamTarget {
        UpstreamTarget(method: method, contentType: form == nil ? nil : head.contentType, upgrade: upgrade)
    }

    /// Where it goes at the provider: the conversation's path with another end.
    ///
    /// - Parameters:
    ///   - conversation: `/v1/chat/completions`, with a query where the provider needs one. `nil` where it ends
    ///     otherwise: such a provider has no other endpoints of the dialect.
    ///   - model: the provider's name of it, where the query says it.
    func path(_ endpoint: Endpoint, inPlaceOf conversation: [UInt8], model: [UInt8]? = nil) -> [UInt8]? {
        let own = endpoint.action ?? endpoint.path(object: upstreamObject)
        let mark = conversation.firstIndex(of: 0x3f) ?? conversation.count
        let query = conversation[mark...].dropFirst()
        let path = conversation[..<mark]
        let ends: [StaticString] = ["/chat/completions", "/responses", "/messages", ":generateContent"]
        guard let end = ends.first(where: { path.ends(in: $0) }) else { return nil }
        let named = model.map { RequestPath(Array("model={model}".utf8)).bytes(model: $0) } ?? []
        let parameters = [Array(query), Array(head.query.dropFirst()), named].filter { !$0.isEmpty }
        let root = Array(path.prefix(path.count - end.utf8CodeUnitCount))
        return root + own + (parameters.isEmpty ? [] : [0x3f] + parameters.joined(separator: [0x26]))
    }
}

/// A form on its way: read as it comes, and from a point on sent on as it comes.
///
/// A body over `streamedBody` whose length is declared leaves as soon as what a decision needs is known: the model's name,
/// or nothing where none is named. Up to there it is kept, by the byte budget. What that means:
/// - The hold is made from the declared length, and from the highest values of fields that have not come yet.
/// - There is one attempt at one provider, over a connection of its own: what was sent cannot be sent again.
/// - Each piece is read before it is sent, and the last only if the form ends well. A fault found late, or a second model,
///   cancels the call: the provider never has a whole request that Tacet refused.
struct FormIntake {
    /// Bytes of a body that is kept whole.
    static let streamedBody = 1 << 20

    var scanner: MultipartScanner
    let declared: Int?
    /// The call was made, and what comes is sent on.
    private(set) var isOpen = false
    /// The provider's connection, once it is there.
    private(set) var call: (any UpstreamCall)?
    /// What came before it was.
    private var waiting: [ByteBuffer] = []

    init(_ boundary: MultipartBoundary, declared: Int?) {
        scanner = MultipartScanner(boundary)
        self.declared = declared
    }

    var mayStream: Bool { (declared ?? 0) > Self.streamedBody }

    /// All bytes that were declared have come.
    var isWhole: Bool { scanner.offset == declared }

    /// The form is known well enough, and some of it is still to come.
    func canOpen(_ endpoint: Endpoint) -> Bool {
        !isOpen && mayStream && !isWhole && (scanner.model != nil || !endpoint.namesModel)
    }

    mutating func read(_ bytes: ByteBuffer) throws(RequestRejection) {
        try scanner.read(bytes.readableBytesUInt8Span)
        guard !isOpen || !isWhole || scanner.isComplete else { throw incomplete }
    }

    /// At the end of the body.
    func checkEnd(_ endpoint: Endpoint) throws(RequestRejection) {
        guard scanner.isComplete else { throw incomplete }
        if endpoint.namesModel, scanner.model == nil {
            throw RequestRejection(code: .missingMember, member: .model, offset: scanner.offset)
        }
    }

    private var incomplete: RequestRejection {
        RequestRejection(code: .malformedForm, member: .form, offset: scanner.offset)
    }

    mutating func open() { isOpen = true }

    /// The next bytes wait for the connection.
    mutating func keep(_ bytes: ByteBuffer) { waiting.append(bytes) }

    /// The connection is there.
    /// - Returns: what waited for it.
    mutating func started(_ call: any UpstreamCall) -> [ByteBuffer] {
        self.call = call
        defer { waiting = [] }
        return waiting
    }
}

extension ArraySlice<UInt8> {
    fileprivate func ends(in text: StaticString) -> Bool {
        text.withUTF8Buffer { unsafe suffix($0.count).elementsEqual($0) }
    }
}
