import NIOCore
import NIOHPACK
import Planning
import Secrets
import Vocabulary
import Wire

extension IncomingRequest {
    /// Reads what an HTTP/2 header list says; `nil` when it is not a request Tacet can serve.
    init?(_ headers: HPACKHeaders, hasher: KeyHasher) {
        let path = Array((headers.first(name: ":path") ?? "").utf8)
        let split = path.firstIndex(of: 0x3f) ?? path.count
        let query = Array(path[split...].dropFirst())
        guard let text = headers.first(name: ":method"), headers.contains(name: ":path"),
            let method = HTTPMethod.allCases.first(where: { "\($0.name)" == text }),
            path.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x23 }),
            let credential = Self.credential(headers, query: query, hasher)
        else { return nil }
        self.method = method
        self.credential = credential
        let only = Array(path[..<split])
        match = Route.match(method, only.span)
        if case .route(let route, let offset?) = match {
            if route.hasAction {
                geminiPath = GeminiPath.read(path.span)
                if geminiPath == nil { match = .unknown(.gemini) }
            } else {
                let end = only.count - route.suffix.utf8CodeUnitCount
                name = PercentEncoding.decoded(only.span.extracting(offset..<end))
            }
        }
        if case .route(let route, _) = match, route.endpoint.isPassed {
            passed = PassedHead(
                contentType: ByteBuffer(string: headers.first(name: "content-type") ?? ""),
                provider: ByteBuffer(string: headers.first(name: "x-tacet-route") ?? ""),
                query: ByteBuffer(bytes: query), upgrade: nil)
        }
        if !headers["x-tacet-key"].isEmpty,
            let own = ["authorization", "x-api-key", "x-goog-api-key"].lazy.compactMap({ headers.first(name: $0) })
                .first
        {
            var bytes = Array(own.utf8)
            providerKey = Self.providerKey(bytes.span)
            wipe(&bytes)
        }
        length = headers.first(name: "content-length").flatMap(Int.init)
        if let type = headers.first(name: "content-type") { mayBeJSON = ContentType.mayBeJSON(Array(type.utf8).span) }
        anthropicVersion = headers.first(name: "anthropic-version").flatMap { Self.header(ByteBuffer(string: $0)) }
        let beta = headers["anthropic-beta"].joined(separator: ",")
        if !beta.isEmpty { anthropicBeta = Self.header(ByteBuffer(string: beta)) }
        isStrictTranslation = headers.first(name: "x-tacet-translation") == "strict"
        if let value = headers.first(name: "x-tacet-compress") {
            compression = CompressionMode(header: Array(value.utf8).span)
            isCompressionKnown = compression != nil
        }
        if let value = headers.first(name: "x-tacet-hedge") {
            hedge = Int64(hedge: Array(value.utf8).span)
            isHedgeKnown = hedge != nil
        }
        func value(_ name: String) -> ByteBuffer? { headers.first(name: name).map { ByteBuffer(string: $0) } }
        sharing = SharingHead(
            idempotencyKey: value("idempotency-key"), tacet: value("x-tacet-cache"), control: value("cache-control"))
        if let encoding = headers.first(name: "content-encoding") { isEncoded = encoding != "identity" }
    }

    /// `nil` when a credential is there twice: two readers could choose differently.
    private static func credential(_ headers: HPACKHeaders, query: [UInt8], _ hasher: KeyHasher) -> Credential? {
        for name in ["x-tacet-key", "authorization", "x-api-key", "x-goog-api-key"] {
            let values = headers[name]
            guard let value = values.first else { continue }
            guard values.count == 1 else { return nil }
            let bytes = Array(value.utf8)
            return name == "authorization"
                ? Credential(authorization: bytes.span, hasher: hasher) : Credential(key: bytes.span, hasher: hasher)
        }
        return query.isEmpty ? .missing : Credential(query: query.span, hasher: hasher)
    }
}
