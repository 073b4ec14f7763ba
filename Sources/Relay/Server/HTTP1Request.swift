import NIOCore
import Planning
import Secrets
import Vocabulary
import Wire

extension IncomingRequest {
    /// Reads what an HTTP/1.1 head says.
    init(_ head: RequestHead, hasher: KeyHasher, memo: inout CredentialMemo) {
        method = head.method
        let method = head.method
        match = head.withSpan(head.target) { Route.match(method, $0) }
        if case .route(let route, let offset?) = match {
            if route.hasAction {
                let whole = head.target.lowerBound..<(head.query ?? head.target).upperBound
                geminiPath = head.withSpan(whole) { GeminiPath.read($0) }
                if geminiPath == nil { match = .unknown(.gemini) }
            } else {
                let suffix = route.suffix.utf8CodeUnitCount
                name = head.withSpan(head.target) { PercentEncoding.decoded($0.extracting(offset..<$0.count - suffix)) }
            }
        }
        if case .route(let route, _) = match, route.endpoint.isPassed {
            func copy(_ range: Range<Int>?) -> ByteBuffer { range.flatMap { head.bytes.copy($0) } ?? ByteBuffer() }
            passed = PassedHead(
                contentType: copy(head.field(.contentType)), provider: copy(head.field(.xTacetRoute)),
                query: copy(head.query), upgrade: route.endpoint == .realtime ? UpgradeRequest(head) : nil)
        }
        credential = Self.credential(head, hasher, &memo)
        if head.field(.xTacetKey) != nil,
            let range = head.field(.authorization) ?? head.field(.xApiKey) ?? head.field(.xGoogApiKey)
        {
            providerKey = head.withSpan(range) { Self.providerKey($0) }
        }
        switch head.framing {
        case .none: length = 0
        case .length(let count): length = count
        case .chunked, .untilClose: length = nil
        }
        if let type = head.field(.contentType) {
            mayBeJSON = head.withSpan(type) { ContentType.mayBeJSON($0) }
        }
        anthropicVersion = head.field(.anthropicVersion).flatMap { head.bytes.copy($0) }.flatMap(Self.header)
        anthropicBeta = head.field(.anthropicBeta).flatMap { head.bytes.copy($0) }.flatMap(Self.header)
        if let value = head.field(.xTacetTranslation) {
            isStrictTranslation = head.withSpan(value) { $0.equalsIgnoringCase("strict") }
        }
        if let value = head.field(.xTacetCompress) {
            compression = head.withSpan(value) { CompressionMode(header: $0) }
            isCompressionKnown = compression != nil
        }
        if let value = head.field(.xTacetHedge) {
            hedge = head.withSpan(value) { Int64(hedge: $0) }
            isHedgeKnown = hedge != nil
        }
        let (tacet, control) = (head.field(.xTacetCache), head.field(.cacheControl))
        let idempotency = head.field(.idempotencyKey)
        if tacet != nil || control != nil || idempotency != nil {
            func copy(_ range: Range<Int>?) -> ByteBuffer? { range.flatMap { head.bytes.copy($0) } }
            sharing = SharingHead(idempotencyKey: copy(idempotency), tacet: copy(tacet), control: copy(control))
        }
        if let encoding = head.field(.contentEncoding) {
            isEncoded = !head.withSpan(encoding) { $0.equalsIgnoringCase("identity") }
        }
    }

    /// A value that may go on to a provider.
    static func header(_ value: ByteBuffer) -> ByteBuffer? {
        value.readableBytes <= 1024 && value.isVisible ? value : nil
    }

    /// `x-tacet-key` goes before the dialects' own fields (`RULES.md` 9); `?key=` comes last and is never logged.
    private static func credential(
        _ head: RequestHead, _ hasher: KeyHasher, _ memo: inout CredentialMemo
    ) -> Credential {
        if let range = head.field(.xTacetKey) { return head.withSpan(range) { Credential(key: $0, hasher: hasher) } }
        if let range = head.field(.authorization) {
            return head.withSpan(range) { memo.credential(authorization: $0, hasher: hasher) }
        }
        if let range = head.field(.xApiKey) ?? head.field(.xGoogApiKey) {
            return head.withSpan(range) { Credential(key: $0, hasher: hasher) }
        }
        if let range = head.field(.secWebSocketProtocol),
            let credential = head.withSpan(range, { Credential(protocols: $0, hasher: hasher) })
        {
            return credential
        }
        if let query = head.query { return head.withSpan(query) { Credential(query: $0, hasher: hasher) } }
        return .missing
    }
}

extension IncomingRequest.Credential {
    /// Finds a browser's key among the subprotocols it offers; `nil` when there is none.
    init?(protocols: Span<UInt8>, hasher: KeyHasher) {
        let name = UpgradeRequest.keyProtocol
        guard let place = protocols.element(where: { $0.begins(with: name) }) else { return nil }
        let key = protocols.extracting(place)
        self.init(key: key.extracting(droppingFirst: name.utf8CodeUnitCount), hasher: hasher)
    }

    /// Finds `key=` among the parameters of a query.
    init(query: Span<UInt8>, hasher: KeyHasher) {
        var start = 0
        while start < query.count {
            var end = start
            while end < query.count, query[end] != 0x26 { end += 1 }
            let parameter = query.extracting(start..<end)
            if parameter.begins(with: "key=") {
                self.init(key: parameter.extracting(droppingFirst: 4), hasher: hasher)
                return
            }
            start = end + 1
        }
        self = .missing
    }
}

/// The credential that a connection's last request showed: most connections show the same on every request, and a digest
/// costs more than comparing the bytes. It lives and dies with the connection.
struct CredentialMemo {
    private var value: [UInt8] = []
    private var credential = IncomingRequest.Credential.missing

    mutating func credential(authorization bytes: Span<UInt8>, hasher: KeyHasher) -> IncomingRequest.Credential {
        if isSame(bytes) { return credential }
        credential = IncomingRequest.Credential(authorization: bytes, hasher: hasher)
        value.removeAll(keepingCapacity: true)
        guard case .key = credential else { return credential }
        for index in bytes.indices { value.append(bytes[index]) }
        return credential
    }

    private func isSame(_ bytes: Span<UInt8>) -> Bool {
        guard !value.isEmpty, value.count == bytes.count else { return false }
        var difference: UInt8 = 0
        for index in value.indices { difference |= value[index] ^ bytes[index] }
        return difference == 0
    }
}

enum ContentType {
    /// JSON, or the kinds that careless clients send JSON as.
    static func mayBeJSON(_ value: Span<UInt8>) -> Bool {
        value.beginsIgnoringCase("application/json") || value.beginsIgnoringCase("text/plain")
            || value.beginsIgnoringCase("application/x-www-form-urlencoded") || hasJSONSuffix(value)
    }

    private static func hasJSONSuffix(_ value: Span<UInt8>) -> Bool {
        var end = 0
        while end < value.count, value[end] != 0x3b, value[end] != 0x20 { end += 1 }
        return end > 5 && value.extracting(end - 5..<end).equalsIgnoringCase("+json")
    }
}

enum PercentEncoding {
    /// `%2F` and its like become bytes; what is not an encoding stays as it is.
    static func decoded(_ text: Span<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == 0x25, index + 2 < text.count, let high = hex(text[index + 1]),
                let low = hex(text[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(text[index])
                index += 1
            }
        }
        return out
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
