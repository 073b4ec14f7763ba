/// The fields that Tacet reads; every other field is checked and forgotten. Names with an underscore are never equal
/// to one of these, so they cannot pass for the dashed name.
enum KnownField: UInt8, CaseIterable, Sendable {
    case host
    case connection
    case contentLength
    case transferEncoding
    case expect
    case authorization
    case xApiKey
    case xGoogApiKey
    case xTacetKey
    case contentType
    case contentEncoding
    case accept
    case origin
    case idempotencyKey
    case traceparent
    case anthropicVersion
    case anthropicBeta
    case xTacetRoute
    case xTacetCache
    case xTacetCompress
    case xTacetTranslation
    case xTacetHedge
    case retryAfter
    case cacheControl
    case upgrade
    case secWebSocketKey
    case secWebSocketVersion
    case secWebSocketProtocol
    case secWebSocketAccept
    case openAIBeta

    /// In lower case.
    var name: StaticString {
        switch self {
        case .host: "host"
        case .connection: "connection"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .expect: "expect"
        case .authorization: "authorization"
        case .xApiKey: "x-api-key"
        case .xGoogApiKey: "x-goog-api-key"
        case .xTacetKey: "x-tacet-key"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .accept: "accept"
        case .origin: "origin"
        case .idempotencyKey: "idempotency-key"
        case .traceparent: "traceparent"
        case .anthropicVersion: "anthropic-version"
        case .anthropicBeta: "anthropic-beta"
        case .xTacetRoute: "x-tacet-route"
        case .xTacetCache: "x-tacet-cache"
        case .xTacetCompress: "x-tacet-compress"
        case .xTacetTranslation: "x-tacet-translation"
        case .xTacetHedge: "x-tacet-hedge"
        case .retryAfter: "retry-after"
        case .cacheControl: "cache-control"
        case .upgrade: "upgrade"
        case .secWebSocketKey: "sec-websocket-key"
        case .secWebSocketVersion: "sec-websocket-version"
        case .secWebSocketProtocol: "sec-websocket-protocol"
        case .secWebSocketAccept: "sec-websocket-accept"
        case .openAIBeta: "openai-beta"
        }
    }

    /// Whether a request that repeats the field is read as the first one says. A repeated credential, framing or
    /// content field is refused: two readers could choose differently.
    var mayRepeat: Bool {
        switch self {
        case .connection, .accept, .origin, .traceparent, .anthropicBeta, .retryAfter, .cacheControl, .upgrade,
            .openAIBeta:
            true
        default: false
        }
    }

    /// The field whose name stands in `range`, which holds token bytes only.
    @inline(__always) init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count >= 4,
            let candidate = Self.candidate(
                range.count, bytes[range.lowerBound] | 0x20, bytes[range.upperBound - 2] | 0x20),
            bytes.matchesFolded(range, candidate.name)
        else { return nil }
        self = candidate
    }

    /// The only field of this length with this first and this last letter but one.
    private static func candidate(_ length: Int, _ first: UInt8, _ late: UInt8) -> KnownField? {
        switch (length, first) {
        case (4, UInt8(ascii: "h")): .host
        case (6, UInt8(ascii: "a")): .accept
        case (6, UInt8(ascii: "e")): .expect
        case (6, UInt8(ascii: "o")): .origin
        case (7, UInt8(ascii: "u")): .upgrade
        case (9, UInt8(ascii: "x")): .xApiKey
        case (10, UInt8(ascii: "c")): .connection
        case (11, UInt8(ascii: "x")): .xTacetKey
        case (11, UInt8(ascii: "t")): .traceparent
        case (11, UInt8(ascii: "r")): .retryAfter
        case (11, UInt8(ascii: "o")): .openAIBeta
        case (12, UInt8(ascii: "c")): .contentType
        case (13, UInt8(ascii: "a")): .authorization
        case (13, UInt8(ascii: "x")):
            switch late {
            case UInt8(ascii: "t"): .xTacetRoute
            case UInt8(ascii: "h"): .xTacetCache
            case UInt8(ascii: "g"): .xTacetHedge
            default: nil
            }
        case (13, UInt8(ascii: "c")): .cacheControl
        case (14, UInt8(ascii: "c")): .contentLength
        case (14, UInt8(ascii: "x")): .xGoogApiKey
        case (14, UInt8(ascii: "a")): .anthropicBeta
        case (15, UInt8(ascii: "i")): .idempotencyKey
        case (16, UInt8(ascii: "c")): .contentEncoding
        case (16, UInt8(ascii: "x")): .xTacetCompress
        case (17, UInt8(ascii: "t")): .transferEncoding
        case (17, UInt8(ascii: "a")): .anthropicVersion
        case (17, UInt8(ascii: "s")): .secWebSocketKey
        case (19, UInt8(ascii: "x")): .xTacetTranslation
        case (20, UInt8(ascii: "s")): .secWebSocketAccept
        case (21, UInt8(ascii: "s")): .secWebSocketVersion
        case (22, UInt8(ascii: "s")): .secWebSocketProtocol
        default: nil
        }
    }
}

/// Where the first occurrence of each known field stands: fixed, inline, no allocation.
struct FieldTable: Sendable {
    /// Start in the low half, end in the high one; 0 is absent, since no value starts at 0.
    private var places = [32 of UInt32](repeating: 0)

    subscript(field: KnownField) -> Range<Int>? {
        let place = places[Int(field.rawValue)]
        return place == 0 ? nil : Int(place & 0xffff)..<Int(place >> 16)
    }

    /// `false` when the field was there before; the first one stays.
    mutating func set(_ field: KnownField, _ range: Range<Int>) -> Bool {
        let index = Int(field.rawValue)
        guard places[index] == 0 else { return false }
        places[index] = UInt32(UInt16(range.lowerBound)) | UInt32(UInt16(range.upperBound)) << 16
        return true
    }
}
