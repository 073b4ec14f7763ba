import Accounts
import HTTPTypes
import Policy
import Records

/// What the interface's document says of a route, and what the route may be given.
struct Operation: Sendable {
    var summary: String
    /// Members of the body; of the query where the method is GET.
    var takes: [Schema.Property] = []
    var gives: Answer

    enum Answer: Sendable {
        case json(Schema)
        /// 204.
        case nothing
        /// A ZIP.
        case archive
        /// Server-sent events, each with the JSON of one object.
        case events
    }
}

/// A route of the interface: a bearer's, in JSON. What is sent goes through the shape that the document shows.
extension Route {
    typealias Act<Value> = @Sendable (Visit, Account) async throws -> Value

    static func api<Value>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, _ permission: Permission?,
        takes: [Schema.Property] = [], isConfirmed: Bool = false, gives shape: Shape<Value>, _ act: @escaping Act<Value>
    ) -> Route {
        api(
            method, path, Operation(summary: summary, takes: takes, gives: .json(shape.schema)), permission, isConfirmed
        ) {
            .json(shape.json(try await act($0, $1)))
        }
    }

    static func api<Value>(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, _ permission: Permission?,
        takes: [Schema.Property] = [], isConfirmed: Bool = false, lists shape: Shape<Value>,
        _ act: @escaping Act<[Value]>
    ) -> Route {
        let answer = Operation.Answer.json(.list(shape.schema))
        return api(method, path, Operation(summary: summary, takes: takes, gives: answer), permission, isConfirmed) {
            .json(.list(try await act($0, $1).map(shape.json)))
        }
    }

    static func api(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, _ permission: Permission?,
        takes: [Schema.Property] = [], isConfirmed: Bool = false, _ act: @escaping Act<Void>
    ) -> Route {
        api(method, path, Operation(summary: summary, takes: takes, gives: .nothing), permission, isConfirmed) {
            try await act($0, $1)
            return .json(nil)
        }
    }

    static func api(
        _ method: HTTPRequest.Method, _ path: String, _ operation: Operation, _ permission: Permission?,
        _ isConfirmed: Bool = false, _ answer: @escaping Act<PageAnswer>
    ) -> Route {
        let work: Work =
            isConfirmed ? .confirmed(permission, returnTo: "", answer) : .member(permission, answer)
        return Route(method: method, path: path, work: work, operation: operation)
    }

    /// For anyone: the ways in.
    static func api<Value>(
        open path: String, _ summary: String, takes: [Schema.Property], gives shape: Shape<Value>,
        _ act: @escaping @Sendable (Visit) async throws -> Value
    ) -> Route {
        let operation = Operation(summary: summary, takes: takes, gives: .json(shape.schema))
        return Route(
            method: .post, path: path, work: .open { .json(shape.json(try await act($0))) }, operation: operation)
    }
}

extension Form {
    /// What a JSON object of a closed schema says, as a form would: an unknown member, or one of another type, is refused
    /// by its name.
    init(_ tree: JSONTree, _ properties: [Schema.Property]) throws {
        guard case .object(let members) = tree else { throw PageFault.unreadable }
        var values: [String: String] = [:]
        for member in members {
            guard let property = properties.first(where: { $0.name == member.name }) else {
                let allowed = properties.map(\.name).joined(separator: ", ")
                throw PageFault.member(member.name, allowed: allowed.isEmpty ? "{}" : allowed)
            }
            guard let text = property.schema.formText(member.value) else {
                throw PageFault.member(member.name, allowed: property.schema.allowed)
            }
            values[member.name] = text
        }
        for property in properties where !property.isOptional && values[property.name] == nil {
            throw PageFault.member(property.name, allowed: property.schema.allowed)
        }
        self.init(values)
    }
}

extension Schema {
    /// A value as a form's member; `nil` when it is of another type.
    fileprivate func formText(_ value: JSONTree) -> String? {
        switch (self, value) {
        case (.text, .text(let text)) where !text.utf8.contains(0): text
        case (.oneOf(let choices), .text(let text)) where choices.contains(text): text
        case (.number, .number(let text)) where Int64(text) != nil: text
        case (.flag, .flag(let isSet)): isSet ? "1" : ""
        case (.list(let item), .list(let values)):
            values.map(item.formText).reduce(into: String?("")) { all, text in
                guard let list = all, let text else {
                    all = nil
                    return
                }
                all = list.isEmpty ? text : "\(list),\(text)"
            }
        default: nil
        }
    }

    /// What can be sent, in the document's words.
    fileprivate var allowed: String {
        switch self {
        case .oneOf(let choices): choices.joined(separator: ", ")
        case .list(let item): "[\(item.allowed)]"
        case .number: "integer"
        case .flag: "true, false"
        default: "string"
        }
    }
}
