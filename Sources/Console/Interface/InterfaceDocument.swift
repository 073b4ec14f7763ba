import HTTPTypes
import Policy

/// The interface as OpenAPI 3.1 describes it, from the table of routes.
enum InterfaceDocument {
    static let route = Route(
        method: .get, path: "/api/openapi.json", work: .open { .json(document(version: $0.desk.version)) })

    static func document(version: String) -> JSONTree {
        let routes = Route.all.compactMap { route in route.operation.map { (route, $0) } }
        var paths: [JSONTree.Member] = []
        for (route, operation) in routes {
            let entry = JSONTree.Member(
                name: "\(route.method)".lowercased(), value: describe(route, operation))
            if let place = paths.firstIndex(where: { $0.name == route.path }),
                case .object(let others) = paths[place].value
            {
                paths[place].value = .object(others + [entry])
            } else {
                paths.append(.init(name: route.path, value: .object([entry])))
            }
        }
        var named = Problem.schema.named
        for (_, operation) in routes {
            guard case .json(let schema) = operation.gives else { continue }
            named += schema.named
        }
        var schemas: [JSONTree.Member] = []
        for (name, properties) in named where !schemas.contains(where: { $0.name == name }) {
            schemas.append(.init(name: name, value: Schema.document(properties)))
        }
        return [
            "openapi": .text("3.1.0"),
            "info": ["title": .text("Tacet console"), "version": .text(version)],
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": ["bearer": ["type": .text("http"), "scheme": .text("bearer")]],
            ],
        ]
    }

    private static func describe(_ route: Route, _ operation: Operation) -> JSONTree {
        let names = route.parameterNames
        var parameters: [JSONTree] = names.map { name in
            [
                "name": .text(name), "in": .text("path"), "required": .flag(true), "schema": Schema.text.document,
            ]
        }
        if route.method == .get {
            parameters += operation.takes.map { property in
                [
                    "name": .text(property.name), "in": .text("query"), "description": .text(property.meaning),
                    "schema": property.schema.document,
                ]
            }
        }
        var members: [JSONTree.Member] = [
            .init(name: "summary", value: .text(operation.summary)),
            .init(name: "operationId", value: .text(name(route))),
            .init(name: "security", value: .list(route.isOpen ? [] : [["bearer": .list([])]])),
            .init(name: "responses", value: responses(operation)),
        ]
        if !parameters.isEmpty { members.append(.init(name: "parameters", value: .list(parameters))) }
        if route.method != .get, !operation.takes.isEmpty {
            let isRequired = operation.takes.contains { !$0.isOptional }
            members.append(
                .init(
                    name: "requestBody",
                    value: [
                        "required": .flag(isRequired), "content": content(Schema.document(operation.takes)),
                    ]))
        }
        return .object(members)
    }

    /// `get_keys`, `put_provider_keys_provider`.
    private static func name(_ route: Route) -> String {
        let parts = route.path.dropFirst("/api/".count).filter { $0 != "{" && $0 != "}" }
        return "\(route.method)".lowercased() + "_" + parts.map { $0 == "/" || $0 == "-" ? "_" : String($0) }.joined()
    }

    private static func responses(_ operation: Operation) -> JSONTree {
        let problem: JSONTree = [
            "description": .text("What went wrong."), "content": content(Problem.schema.document),
        ]
        switch operation.gives {
        case .nothing: return ["204": ["description": .text("Done.")], "default": problem]
        case .json(let schema):
            return [
                "200": ["description": .text("The answer."), "content": content(schema.document)], "default": problem,
            ]
        case .archive:
            return [
                "200": ["description": .text("The archive."), "content": ["application/zip": [:]]], "default": problem,
            ]
        case .events:
            return [
                "200": [
                    "description": .text("A stream of events."),
                    "content": ["text/event-stream": ["schema": Schema.text.document]],
                ], "default": problem,
            ]
        }
    }

    private static func content(_ schema: JSONTree) -> JSONTree { ["application/json": ["schema": schema]] }
}
