import Vocabulary

extension RelaySettings {
    /// The origin as it is allowed: whole or not at all.
    func page(_ origin: Span<UInt8>) -> [UInt8]? {
        pageOrigins.first { page in page.count == origin.count && page.indices.allSatisfy { page[$0] == origin[$0] } }
    }
}

/// What an answer says to the browser of a page that may read it. Nothing asks for the browser's own credentials: a key
/// stands in a field that the page sets.
enum PageFields {
    static func of(_ head: borrowing AnswerHead, _ page: [UInt8]) -> [(name: StaticString, value: [UInt8])] {
        var fields: [(name: StaticString, value: [UInt8])] = [
            ("access-control-allow-origin", page), ("vary", Array("origin".utf8)),
        ]
        if head.isPreflight {
            let methods = head.allow.map { "\($0.name)" }.joined(separator: ", ")
            fields.append(("access-control-allow-methods", Array(methods.utf8)))
            fields.append(("access-control-allow-headers", Array("authorization, content-type".utf8)))
            fields.append(("access-control-max-age", Array("600".utf8)))
        } else {
            let ours = "x-tacet-request-id, x-tacet-model, x-tacet-route, x-tacet-cache, retry-after"
            fields.append(("access-control-expose-headers", Array(ours.utf8)))
        }
        return fields
    }

    /// Bytes that they take at most in a head.
    static func room(_ page: [UInt8]) -> Int { 320 + page.count }
}
