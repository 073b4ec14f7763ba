/// Refuses what metadata may not be (OL-2, OL-6): every endpoint that takes fields about requests, keys or accounts asks it
/// before anything is written. The schema is closed, and declared text is looked at for words and keys all the same.
public struct MetadataFilter: Sendable {
    /// What a declared field may hold.
    public enum Rule: Equatable, Sendable {
        case number
        case flag
        /// A name or a number of somebody's own: short, of few words, and no secret.
        case label(characters: Int)
        case choice([String])
        /// Not looked at: a secret that its field is for, or a hash.
        case opaque
        /// Members or items, each with a rule of its own; it may have none.
        case section
    }

    /// Why a document was refused, and where. The path is told to who sent it and goes nowhere else: names are words too.
    public struct Violation: Error, Equatable, Sendable {
        public enum Reason: String, CaseIterable, Sendable {
            case notJSON = "not_json"
            case unknownField = "unknown_field"
            /// The field is named after what people write or after a credential.
            case contentField = "content_field"
            case wrongKind = "wrong_kind"
            case notAllowed = "not_allowed"
            case tooLong = "too_long"
            case tooManyWords = "too_many_words"
            case controlCharacter = "control_character"
            case secretLike = "secret_like"
        }

        /// `a.b[2].c`; empty for the document itself.
        public var path: String
        public var reason: Reason

        public init(path: String, reason: Reason) {
            self.path = path
            self.reason = reason
        }
    }

    /// By path; the items of a list have the path of the list and `[]`.
    public var fields: [String: Rule]

    public init(fields: [String: Rule]) { self.fields = fields }

    /// The schema of a document that a closed type made: its fields and no other.
    public init(shapeOf tree: JSONTree, opaque: Set<String> = [], characters: Int = 128) {
        var fields: [String: Rule] = [:]
        func walk(_ tree: JSONTree, _ path: String) {
            switch tree {
            case .object(let members):
                if !path.isEmpty { fields[path] = .section }
                for member in members { walk(member.value, path.isEmpty ? member.name : "\(path).\(member.name)") }
            case .list(let items):
                fields[path] = .section
                for item in items { walk(item, path + "[]") }
            case .text: fields[path] = opaque.contains(path) ? .opaque : .label(characters: characters)
            case .number: fields[path] = .number
            case .flag: fields[path] = .flag
            case .null: break
            }
        }
        walk(tree, "")
        self.fields = fields
    }

    /// The most words a label has.
    static let wordLimit = 6

    /// `nil`: nothing is against it.
    public func check(_ document: [UInt8]) -> Violation? {
        guard let tree = JSONTree(document) else { return Violation(path: "", reason: .notJSON) }
        return check(tree, at: "", declared: "")
    }

    private func check(_ tree: JSONTree, at path: String, declared: String) -> Violation? {
        switch tree {
        case .object(let members):
            for member in members {
                let place = path.isEmpty ? member.name : "\(path).\(member.name)"
                let name = declared.isEmpty ? member.name : "\(declared).\(member.name)"
                if !isDeclared(name) {
                    let reason: Violation.Reason = ContentName.isOne(member.name) ? .contentField : .unknownField
                    return Violation(path: place, reason: reason)
                }
                if let violation = check(member.value, at: place, declared: name) { return violation }
            }
            return nil
        case .list(let items):
            for (index, item) in items.enumerated() {
                if let violation = check(item, at: "\(path)[\(index)]", declared: declared + "[]") { return violation }
            }
            return nil
        default:
            return reason(against: tree, under: fields[declared]).map { Violation(path: path, reason: $0) }
        }
    }

    /// A field itself, or one that fields stand in.
    private func isDeclared(_ name: String) -> Bool {
        fields[name] != nil || fields.keys.contains { $0.hasPrefix(name + ".") || $0.hasPrefix(name + "[]") }
    }

    private func reason(against tree: JSONTree, under rule: Rule?) -> Violation.Reason? {
        switch (rule, tree) {
        case (.number, .number), (.flag, .flag), (.opaque, .text): nil
        case (.choice(let values), .text(let text)): values.contains(text) ? nil : .notAllowed
        case (.label(let characters), .text(let text)): Self.reason(against: text, characters: characters)
        default: .wrongKind
        }
    }

    /// Why a text may not be a label.
    public static func reason(against text: String, characters: Int) -> Violation.Reason? {
        if text.unicodeScalars.count > characters { return .tooLong }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return .controlCharacter
        }
        if SecretShape.isOne(text) { return .secretLike }
        return words(in: text) > wordLimit ? .tooManyWords : nil
    }

    /// Runs of letters and digits that hold a letter; in scripts that are written without spaces every two characters are
    /// counted as a word.
    static func words(in text: String) -> Int {
        var words = 0
        var dense = 0
        var isCounted = false
        for scalar in text.unicodeScalars {
            if isDense(scalar.value) {
                dense += 1
                isCounted = false
            } else if scalar.properties.isAlphabetic {
                if !isCounted { words += 1 }
                isCounted = true
            } else if scalar.properties.numericType == nil, scalar != "'", scalar != "’" {
                isCounted = false
            }
        }
        return words + (dense + 1) / 2
    }

    /// Thai and Lao, kana, Chinese characters, Hangul.
    private static func isDense(_ value: UInt32) -> Bool {
        switch value {
        case 0x0e00...0x0eff, 0x3040...0x30ff, 0x3400...0x9fff, 0xac00...0xd7af, 0x20000...0x3ffff: true
        default: false
        }
    }
}

/// Names of members that hold what people write, or a credential.
enum ContentName {
    private static let words: Set<String> = [
        "prompt", "prompts", "message", "messages", "content", "contents", "completion", "completions", "output",
        "outputs", "input", "inputs", "response", "responses", "answer", "answers", "text", "transcript", "document",
        "documents", "conversation", "query", "question", "instructions", "system", "user", "assistant", "body",
        "arguments", "tool", "tools", "choices", "delta", "embedding", "image", "audio", "file", "files", "comment",
        "note", "notes", "description", "title", "summary", "apikey", "authorization", "credential", "credentials",
        "password", "passwd", "secret", "token", "bearer", "cookie", "email", "phone", "address", "card", "cvc", "iban",
    ]

    /// Whether a name, or a word of it, is one of these: `api_key`, `apiKey`, `x-api-key`, `user_prompt`, `Prompts`.
    static func isOne(_ name: String) -> Bool {
        let parts = parts(of: name)
        if parts.contains(where: words.contains) || words.contains(parts.joined()) { return true }
        return parts.indices.dropFirst().contains { words.contains(parts[$0 - 1] + parts[$0]) }
    }

    private static func parts(of name: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var wasLower = false
        for scalar in name.unicodeScalars {
            let isLetter = scalar.properties.isAlphabetic
            if !isLetter || (wasLower && scalar.properties.isUppercase) {
                if !part.isEmpty { parts.append(part) }
                part = ""
            }
            if isLetter { part += scalar.properties.lowercaseMapping }
            wasLower = scalar.properties.isLowercase
        }
        return part.isEmpty ? parts : parts + [part]
    }
}
