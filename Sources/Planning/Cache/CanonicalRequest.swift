public import NIOCore
public import Vocabulary
import Wire

/// Whose answer it is and how it came about, beside the request's own body.
public struct CacheScope: Sendable, Equatable {
    public var organisation: OrganisationID
    /// `nil` where an organisation's keys share their answers (`RULES.md` 6).
    public var key: KeyID?
    public var deployment: DeploymentID
    public var endpoint: Endpoint
    /// The name the provider knows the model by.
    public var model: [UInt8]
    /// Headers that change what a provider does: its version and beta features, in the order they were sent.
    public var headers: [[UInt8]]

    public init(
        organisation: OrganisationID, key: KeyID?, deployment: DeploymentID, endpoint: Endpoint, model: [UInt8],
        headers: [[UInt8]] = []
    ) {
        self.organisation = organisation
        self.key = key
        self.deployment = deployment
        self.endpoint = endpoint
        self.model = model
        self.headers = headers
    }
}

/// The bytes under whose keyed hash an answer is kept: the scope, every part with its length, then the body as JSON with
/// members sorted, no white space and no needless escapes. Requests that mean the same give the same bytes; requests that
/// may not do not.
///
/// Members that change nothing of the answer are left out: `stream`, `stream_options`, `user` and `metadata`; `model` too,
/// for the scope has the one that is asked.
public struct CanonicalRequest: Sendable {
    private static let leftOut: [StaticString] = ["stream", "stream_options", "user", "metadata", "model"]

    /// What to hash; it holds words.
    public private(set) var bytes = ByteBuffer()
    /// The request asks for the likeliest answer: `temperature` is 0, at the top or among Gemini's settings.
    public let temperatureIsZero: Bool
    /// Its question is compared by its meaning.
    public private(set) var isSimilar = false
    private var question: (node: Int, text: [UInt8])?

    /// `nil` for a body that is no JSON object, or names a member twice: providers differ in which of two they believe.
    ///
    /// - Parameter similar: the request's dialect, where one question without tools is to be the same as others that mean the
    ///   same (`SimilarText`).
    public init?(_ body: ByteBuffer, in scope: CacheScope, similar: Dialect? = nil) {
        guard let tape = JSONTape.container(body), tape.nodes[0].kind == .object else { return nil }
        let settings = tape.member(0, "generationConfig") ?? tape.member(0, "generation_config")
        let place = tape.member(0, "temperature") ?? settings.flatMap { tape.member($0, "temperature") }
        temperatureIsZero = place.map { Self.isZero(tape.slice(tape.range($0))) } ?? false
        bytes.reserveCapacity(body.readableBytes + 128)
        question = similar.flatMap { Self.question(tape, $0) }
        isSimilar = question != nil
        write(scope)
        guard write(tape, 0, isRoot: true) else { return nil }
    }

    /// The one question of a request without tools, history and media.
    private static func question(_ tape: JSONTape, _ dialect: Dialect) -> (node: Int, text: [UInt8])? {
        guard tape.member(0, "tools") == nil, tape.member(0, "functions") == nil else { return nil }
        let node: Int?
        switch dialect {
        case .openAI, .anthropic:
            let turns = tape.elements(tape.member(0, "messages"))
            let isAlone = turns.dropLast().allSatisfy {
                tape.equals(tape.member($0, "role"), "system") || tape.equals(tape.member($0, "role"), "developer")
            }
            guard let last = turns.last, isAlone, tape.equals(tape.member(last, "role"), "user") else { return nil }
            node = tape.member(last, "content")
        case .openAIResponses:
            guard tape.member(0, "previous_response_id") == nil, tape.member(0, "conversation") == nil else {
                return nil
            }
            node = tape.member(0, "input")
        case .gemini:
            let turns = tape.elements(tape.member(0, "contents"))
            guard turns.count == 1 else { return nil }
            let parts = tape.elements(tape.member(turns[0], "parts"))
            guard parts.count == 1 else { return nil }
            node = tape.member(parts[0], "text")
        }
        guard let node, tape.nodes[node].kind == .string,
            let text = SimilarText.normalised(Array(buffer: tape.unescaped(node)))
        else { return nil }
        return (node, text)
    }

    /// `0`, `0.0`, `-0`, `0e5`: a number without a digit above nought before its exponent.
    private static func isZero(_ number: ByteBuffer) -> Bool {
        let digits = number.readableBytesView.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        return !digits.isEmpty
            && digits.allSatisfy { [UInt8(ascii: "0"), UInt8(ascii: "."), UInt8(ascii: "-")].contains($0) }
    }

    private mutating func write(_ scope: CacheScope) {
        bytes.writeInteger(UInt8(isSimilar ? 2 : 1))
        bytes.writeInteger(scope.organisation.value)
        bytes.writeInteger(scope.key == nil ? 0 : 1, as: UInt8.self)
        bytes.writeInteger(scope.key?.value ?? 0)
        bytes.writeInteger(scope.deployment.value)
        bytes.writeInteger(scope.endpoint.rawValue)
        bytes.writeInteger(UInt32(scope.headers.count))
        for part in [scope.model] + scope.headers {
            bytes.writeInteger(UInt32(part.count))
            bytes.writeBytes(part)
        }
    }

    private mutating func write(_ tape: JSONTape, _ node: Int, isRoot: Bool = false) -> Bool {
        switch tape.nodes[node].kind {
        case .object: return writeObject(tape, node, isRoot: isRoot)
        case .array:
            bytes.writeInteger(UInt8(ascii: "["))
            var isFirst = true
            for element in tape.members(node) {
                if !isFirst { bytes.writeInteger(UInt8(ascii: ",")) }
                isFirst = false
                guard write(tape, element) else { return false }
            }
            bytes.writeInteger(UInt8(ascii: "]"))
        case .string where node == question?.node:
            bytes.writeInteger(UInt8(ascii: "\""))
            bytes.writeBytes(question?.text ?? [])
            bytes.writeInteger(UInt8(ascii: "\""))
        case .string:
            bytes.writeInteger(UInt8(ascii: "\""))
            if tape.nodes[node].isEscaped {
                bytes.writeJSONNormalised(tape.slice(tape.textRange(node)))
            } else {
                bytes.writeImmutableBuffer(tape.slice(tape.textRange(node)))
            }
            bytes.writeInteger(UInt8(ascii: "\""))
        default: bytes.writeImmutableBuffer(tape.slice(tape.range(node)))
        }
        return true
    }

    private mutating func writeObject(_ tape: JSONTape, _ node: Int, isRoot: Bool) -> Bool {
        var members: [(name: [UInt8], node: Int)] = []
        for member in tape.members(node) {
            if isRoot, Self.leftOut.contains(where: { tape.isNamed(member, $0) }) { continue }
            members.append((tape.name(member), member))
        }
        members.sort { $0.name.lexicographicallyPrecedes($1.name) }
        bytes.writeInteger(UInt8(ascii: "{"))
        for index in members.indices {
            if index > 0 {
                if members[index].name == members[index - 1].name { return false }
                bytes.writeInteger(UInt8(ascii: ","))
            }
            bytes.writeInteger(UInt8(ascii: "\""))
            bytes.writeBytes(members[index].name)
            bytes.writeStaticString("\":")
            guard write(tape, members[index].node) else { return false }
        }
        bytes.writeInteger(UInt8(ascii: "}"))
        return true
    }
}
