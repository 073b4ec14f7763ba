import Policy
import Vocabulary

/// What the interface sends of a value: each member's name, type and meaning beside how it is read, so that the document
/// cannot say other than what is sent.
struct Shape<Value>: Sendable {
    struct Member: Sendable {
        let property: Schema.Property
        let read: @Sendable (Value) -> JSONTree
    }

    let name: String
    private let members: [Member]

    init(_ name: String, _ members: [Member]) {
        self.name = name
        self.members = members
    }

    var schema: Schema { .named(name, members.map(\.property)) }

    func json(_ value: Value) -> JSONTree {
        .object(members.map { .init(name: $0.property.name, value: $0.read(value)) })
    }
}

extension Shape.Member {
    private init(
        _ name: String, _ schema: Schema, _ meaning: String, _ read: @escaping @Sendable (Value) -> JSONTree
    ) {
        self.init(property: Schema.Property(name, schema, meaning), read: read)
    }

    static func text(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> String) -> Self {
        Self(name, .text, meaning) { .text(read($0)) }
    }

    static func choice(
        _ name: String, _ meaning: String, of choices: [String], _ read: @escaping @Sendable (Value) -> String
    ) -> Self {
        Self(name, .oneOf(choices), meaning) { .text(read($0)) }
    }

    static func optionalText(
        _ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> String?
    ) -> Self {
        Self(name, .optional(.text), meaning) { read($0).map(JSONTree.text) ?? .null }
    }

    static func texts(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> [String]) -> Self {
        Self(name, .list(.text), meaning) { .list(read($0).map(JSONTree.text)) }
    }

    static func number(
        _ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> Int64
    ) -> Self {
        Self(name, .number, meaning) { .number(read($0)) }
    }

    static func optionalNumber(
        _ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> Int64?
    ) -> Self {
        Self(name, .optional(.number), meaning) { read($0).map { .number($0) } ?? .null }
    }

    /// In nano-USD: the name ends so.
    static func money(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> NanoUSD) -> Self {
        Self(name + "_nano_usd", .number, meaning) { .number(read($0).value) }
    }

    static func flag(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> Bool) -> Self {
        Self(name, .flag, meaning) { .flag(read($0)) }
    }

    static func time(_ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> Moment) -> Self {
        Self(name, .time, meaning) { .text(read($0).iso) }
    }

    static func optionalTime(
        _ name: String, _ meaning: String, _ read: @escaping @Sendable (Value) -> Moment?
    ) -> Self {
        Self(name, .optional(.time), meaning) { read($0).map { .text($0.iso) } ?? .null }
    }

    static func list<Item>(
        _ name: String, _ meaning: String, _ shape: Shape<Item>, _ read: @escaping @Sendable (Value) -> [Item]
    ) -> Self {
        Self(name, .list(shape.schema), meaning) { .list(read($0).map(shape.json)) }
    }

    static func object<Item>(
        _ name: String, _ meaning: String, _ shape: Shape<Item>, _ read: @escaping @Sendable (Value) -> Item
    ) -> Self {
        Self(name, shape.schema, meaning) { shape.json(read($0)) }
    }
}
