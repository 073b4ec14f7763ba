import Policy

/// What a value of the interface can be.
indirect enum Schema: Sendable {
    case text
    /// RFC 3339 in UTC.
    case time
    case number
    case flag
    case oneOf([String])
    case list(Schema)
    /// An object that stands in the document by its name.
    case named(String, [Property])
    /// A receipt, whose members `docs/receipts.md` tells.
    case receipt
    case optional(Schema)

    struct Property: Sendable {
        var name: String
        var schema: Schema
        var meaning: String
        /// Of a body: whether it may be left out. Members of answers are always there.
        var isOptional = false

        init(_ name: String, _ schema: Schema, _ meaning: String, isOptional: Bool = false) {
            self.name = name
            self.schema = schema
            self.meaning = meaning
            self.isOptional = isOptional
        }
    }

    /// In the words of JSON Schema 2020-12; named objects stand below `#/components/schemas`.
    var document: JSONTree {
        switch self {
        case .text: ["type": .text("string")]
        case .time: ["type": .text("string"), "format": .text("date-time")]
        case .number: ["type": .text("integer"), "format": .text("int64")]
        case .flag: ["type": .text("boolean")]
        case .oneOf(let choices): ["type": .text("string"), "enum": .list(choices.map(JSONTree.text))]
        case .list(let item): ["type": .text("array"), "items": item.document]
        case .named(let name, _): ["$ref": .text("#/components/schemas/\(name)")]
        case .receipt: ["type": .text("object"), "additionalProperties": .flag(true)]
        case .optional(let schema): ["anyOf": .list([schema.document, ["type": .text("null")]])]
        }
    }

    /// The named objects in it, those within them first.
    var named: [(name: String, properties: [Property])] {
        switch self {
        case .list(let item): item.named
        case .optional(let schema): schema.named
        case .named(let name, let properties): properties.flatMap(\.schema.named) + [(name, properties)]
        default: []
        }
    }

    /// An object's document.
    static func document(_ properties: [Property]) -> JSONTree {
        [
            "type": .text("object"), "additionalProperties": .flag(false),
            "required": .list(properties.filter { !$0.isOptional }.map { .text($0.name) }),
            "properties": .object(
                properties.map { property in
                    var tree = property.schema.document
                    // Beside a reference nothing else stands.
                    if case .object(let members) = tree, tree["$ref"] == nil {
                        tree = .object(members + [.init(name: "description", value: .text(property.meaning))])
                    }
                    return .init(name: property.name, value: tree)
                }),
        ]
    }
}
