public import NIOCore
public import Vocabulary

/// What Tacet needs to know of a request that is passed, and where it stands in the body.
public struct PassedRequest: Sendable {
    public let endpoint: Endpoint
    /// The name, escapes resolved; empty where the endpoint takes none.
    public internal(set) var model: [UInt8] = []
    public internal(set) var isStreamed = false
    /// `n`, 1 to 128.
    public internal(set) var samples: Int64 = 1
    /// `partial_images`, 0 to 16.
    public internal(set) var partialImages: Int64 = 0
    /// Texts that are each worked on: inputs, documents.
    public internal(set) var texts: Int64 = 0
    /// Unicode scalars of `input`, where it is a string.
    public internal(set) var characters: Int64 = 0
    /// Bytes that are text: the whole of a JSON body, the fields of a form.
    public internal(set) var textBytes: Int64 = 0
    /// Bytes of a form's files; of a form that is still arriving, all that it may yet hold.
    public internal(set) var fileBytes: Int64 = 0
    public internal(set) var files: Int64 = 0
    /// Ids of the provider's objects, escapes resolved, in the order in which they stand.
    public internal(set) var objects: [[UInt8]] = []
    /// Models of the parts of a batch, in the order in which they stand.
    public internal(set) var batchModels: [[UInt8]] = []

    var isForm = false
    /// The body, and the model was not named: it is put in behind the opening brace.
    var lacksModel = false
    var firstMember = 0
    var modelValue = 0..<0
    var objectValues: [Range<Int>] = []
    var batchModelValues: [Range<Int>] = []
    /// `models/…`, where the body of a request in Gemini's dialect repeats the path.
    var repeatedModelValues: [Range<Int>] = []

    /// A request without a body that is read.
    public init(endpoint: Endpoint, model: [UInt8] = []) {
        self.endpoint = endpoint
        self.model = model
    }

    /// The model that OpenAI's reference says is taken where a request for moderation names none.
    static let moderationModel: StaticString = "omni-moderation-latest"

    /// Reads the body of a request in Gemini's dialect, whose path names the model.
    public static func read(
        _ body: ByteBuffer, _ endpoint: Endpoint, path: GeminiPath
    ) throws(RequestRejection) -> PassedRequest {
        let gemini = try GeminiRequest.read(body, path: path)
        var request = PassedRequest(endpoint: endpoint)
        request.model = path.model
        request.repeatedModelValues = gemini.modelValues
        request.textBytes = Int64(gemini.byteCount)
        return request
    }

    /// Reads a JSON body. A fault in its JSON is told before anything that the members say.
    public static func read(_ body: ByteBuffer, _ endpoint: Endpoint) throws(RequestRejection) -> PassedRequest {
        let bytes = body.readableBytesUInt8Span
        var reader = PassedRequestReader(bytes, endpoint)
        do throws(JSONFault) { try reader.scan(bytes) } catch { throw RequestRejection(error) }
        if let rejection = reader.rejection { throw rejection }
        return reader.request
    }

    /// The bytes to send upstream: the original but for names. Unchanged parts are slices of `body`.
    ///
    /// - Parameters:
    ///   - model: the name to send instead, `nil` for the client's own.
    ///   - objects: the provider's own ids, one for each of `objects`.
    ///   - batchModels: the names to send, one for each of `batchModels`.
    public func forwarded(
        _ body: ByteBuffer, model: [UInt8]?, objects: [[UInt8]] = [], batchModels: [[UInt8]] = []
    ) -> [ByteBuffer] {
        var edits = Edits(textBytes: 64)
        var isEdited = false
        if lacksModel {
            isEdited = true
            edits.replace(firstMember..<firstMember) {
                $0.writeStaticString("\"model\":")
                $0.writeJSONString(model ?? self.model)
                $0.writeInteger(UInt8.comma)
            }
        } else if let model, endpoint.action == nil {
            isEdited = true
            edits.replace(modelValue) { if isForm { $0.writeBytes(model) } else { $0.writeJSONString(model) } }
        }
        if let model {
            for range in repeatedModelValues {
                isEdited = true
                edits.replace(range) { $0.writeJSONString(Array("models/".utf8) + model) }
            }
        }
        for (range, name) in zip(objectValues, objects) {
            isEdited = true
            edits.replace(range) { $0.writeJSONString(name) }
        }
        for (range, name) in zip(batchModelValues, batchModels) {
            isEdited = true
            edits.replace(range) { $0.writeJSONString(name) }
        }
        return isEdited ? edits.applied(to: body) : [body]
    }
}

/// The pass of `PassedRequest.read`. The first rejection is kept and the scan goes on.
private struct PassedRequestReader: BodyReading {
    var request: PassedRequest
    var rejection: RequestRejection?
    var cursor: JSONCursor
    var seen: UInt64 = 0

    init(_ bytes: Span<UInt8>, _ endpoint: Endpoint) {
        request = PassedRequest(endpoint: endpoint)
        request.textBytes = Int64(bytes.count)
        cursor = JSONCursor(bytes)
    }

    mutating func scan(_ b: Span<UInt8>) throws(JSONFault) {
        guard let members = try members(b) else { return }
        request.firstMember = members.first
        require(isEmpty: members.isEmpty, b.count)
    }

    private mutating func require(isEmpty: Bool, _ end: Int) {
        switch request.endpoint {
        case .moderations where !wasSeen(.model) && !isEmpty:
            request.lacksModel = true
            request.model = PassedRequest.moderationModel.bytes
        case .batches: if request.objects.isEmpty { reject(.missingMember, .inputFile, end) }
        case .messageBatches: if request.batchModels.isEmpty { reject(.missingMember, .batchModel, end) }
        case let endpoint where endpoint.namesModel:
            if !wasSeen(.model) { reject(.missingMember, .model, end) }
        default: break
        }
    }

    mutating func value(of member: RequestMember, _ b: Span<UInt8>) throws(JSONFault) {
        let kind = try cursor.peek(b)
        switch member {
        case .input, .documents:
            if kind == .array {
                request.texts = try cursor.textCount(b)
                return
            }
        case .requests:
            if kind == .array { return try batch(b) }
        default: break
        }
        let value = try cursor.value(b)
        switch member {
        case .model:
            guard request.endpoint.namesModel, require(.string, value, member) else { return }
            request.modelValue = value.range
            request.model = value.text.unescaped(in: b)
            if request.model.isEmpty { reject(.outOfRange, member, value.start) }
        case .stream: request.isStreamed = flag(value, member) ?? false
        case .n: request.samples = count(value, member, 1...128, b) ?? 1
        case .partialImages: request.partialImages = count(value, member, 0...16, b) ?? 0
        case .input:
            request.texts = 1
            if kind == .string { request.characters = value.text.scalarCount(in: b) }
        case .inputFile:
            guard request.endpoint == .batches, require(.string, value, member) else { return }
            request.objects.append(value.text.unescaped(in: b))
            request.objectValues.append(value.range)
        case .requests:
            if request.endpoint == .messageBatches { reject(.wrongType, member, value.start) }
        default: break
        }
    }

    /// The models of Anthropic's `requests[].params.model`.
    private mutating func batch(_ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginArray(b)
        while more {
            let models = request.batchModels.count
            if try cursor.peek(b) == .object {
                try eachMember(b, named: "params") { (reader: inout Self) throws(JSONFault) in
                    guard try reader.cursor.peek(b) == .object else { return false }
                    try reader.eachMember(b, named: "model") { (reader: inout Self) throws(JSONFault) in
                        let value = try reader.cursor.value(b)
                        guard reader.require(.string, value, .batchModel) else { return true }
                        reader.request.batchModels.append(value.text.unescaped(in: b))
                        reader.request.batchModelValues.append(value.range)
                        return true
                    }
                    return true
                }
            } else {
                _ = try cursor.value(b)
            }
            let found = request.batchModels.count - models
            if found == 0 { reject(.missingMember, .batchModel, cursor.at) }
            if found > 1 { reject(.duplicateMember, .batchModel, cursor.at) }
            more = try cursor.nextElement(b)
        }
    }

    /// Visits the members of a name in the object ahead; `visit` answers whether it read the value.
    private mutating func eachMember(
        _ b: Span<UInt8>, named wanted: StaticString, _ visit: (inout Self) throws(JSONFault) -> Bool
    ) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let isRead = name.equals(wanted, in: b) ? try visit(&self) : false
            if !isRead { _ = try cursor.value(b) }
            more = try cursor.nextMember(b)
        }
    }

    static func member(_ name: JSONText, _ b: Span<UInt8>) -> RequestMember? {
        for member in [RequestMember.model, .stream, .n, .input, .documents, .partialImages, .inputFile, .requests]
        where name.equals(member.name, in: b) {
            return member
        }
        return nil
    }
}

extension JSONCursor {
    /// Reads the array ahead: how many texts it holds. An array of numbers is one text, as tokens.
    mutating func textCount(_ b: Span<UInt8>) throws(JSONFault) -> Int64 {
        var texts: Int64 = 0
        var tokens: Int64 = 0
        var more = try beginArray(b)
        while more {
            if try value(b).kind == .number { tokens = 1 } else { texts += 1 }
            more = try nextElement(b)
        }
        return max(texts + tokens, 1)
    }
}

extension JSONText {
    /// Unicode scalars, escapes resolved.
    func scalarCount(in b: Span<UInt8>) -> Int64 {
        var count: Int64 = 0
        if isEscaped {
            for byte in unescaped(in: b) where byte & 0xc0 != 0x80 { count += 1 }
        } else {
            for index in range where b[index] & 0xc0 != 0x80 { count += 1 }
        }
        return count
    }
}

extension StaticString {
    var bytes: [UInt8] { (0..<utf8CodeUnitCount).map(byte) }
}
