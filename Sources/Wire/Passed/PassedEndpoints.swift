public import Vocabulary

/// Facts of the endpoints that pass to a provider of the same dialect, with splices and without translation.
extension Endpoint {
    /// Whether requests are passed, not translated.
    public var isPassed: Bool { rawValue >= Endpoint.completions.rawValue && self != .unknown }

    /// Whether the body names a model; other requests are about an object, or make one, at a provider.
    public var namesModel: Bool {
        switch self {
        case .completions, .embeddings, .imageGenerations, .imageEdits, .imageVariations, .speech, .transcriptions,
            .translations, .moderations, .rerank, .embedContent, .batchEmbedContents,
            .realtime:
            true
        default: false
        }
    }

    /// What a request in Gemini's dialect asks for, where its path says so behind the model: `:embedContent`.
    public var action: [UInt8]? {
        guard self == .embedContent || self == .batchEmbedContents else { return nil }
        let template = self.template.bytes
        return template.firstIndex(of: .colon).map { Array(template[$0...]) }
    }

    /// Whether the body is or may be `multipart/form-data`.
    public var takesForm: Bool {
        switch self {
        case .imageEdits, .imageVariations, .transcriptions, .translations, .files: true
        default: false
        }
    }

    /// Whether the body may be JSON.
    public var takesJSON: Bool {
        switch self {
        case .imageVariations, .transcriptions, .translations, .files: false
        default: true
        }
    }

    /// Whether a good answer is bytes without a form that is read: sound, a file, lines of results. They go on as they
    /// come, whatever their length.
    public var answersBytes: Bool {
        switch self {
        case .speech, .fileContent, .messageBatchResults: true
        default: false
        }
    }

    /// Whether it starts work that is billed when the request is long over (`RULES.md` 8).
    public var startsBatch: Bool { self == .batches || self == .messageBatches }

    /// The path below a provider's version, the object's name put in: `/files/file-1/content`.
    /// - Parameter object: letters, digits, `-`, `_`; others are dropped, so that no path can be left.
    public func path(object: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var at = 3  // behind `/v1`
        let template = self.template
        while at < template.utf8CodeUnitCount {
            if template.byte(at) == .brace {
                for byte in object where ProviderObject.isNameByte(byte) { out.append(byte) }
                while template.byte(at) != .braceEnd { at += 1 }
            } else {
                out.append(template.byte(at))
            }
            at += 1
        }
        return out
    }
}

/// Objects that a provider keeps for a client: files, batches, stored responses. Their ids leave Tacet as `<id>.<tag>`,
/// and only an id with the tag of the caller's organisation comes back in (`RULES.md` 8): nothing needs to be stored.
public enum ProviderObject {
    /// The longest id, its tag not counted.
    public static let nameLimit = 256

    public static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
        default: false
        }
    }

    /// The provider's id and the tag of a text such as `file-1.Zm9v…`; `nil` when it is not of that form.
    public static func split(_ text: [UInt8]) -> (name: [UInt8], tag: [UInt8])? {
        guard let point = text.lastIndex(of: 0x2e), point > 0, point <= nameLimit else { return nil }
        let name = Array(text[..<point])
        guard name.allSatisfy(isNameByte) else { return nil }
        return (name, Array(text[(point + 1)...]))
    }
}
