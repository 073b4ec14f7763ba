/// Makes up arguments that fit a tool's JSON schema: the shape is right, the values are plainly invented.
enum ToolCall {
    /// The tool a message asks for: the first whose name stands in it, any at all when `always` holds.
    static func wanted(in tools: [JSONValue], message: String, always: Bool) -> (name: String, arguments: JSONValue)? {
        var first: (String, JSONValue)?
        for tool in tools {
            guard let function = tool["function"], let name = function["name"]?.string else { continue }
            let arguments = value(for: function["parameters"] ?? .object([:]), named: "", depth: 0)
            if message.contains(name) { return (name, arguments) }
            if first == nil { first = (name, arguments) }
        }
        return always ? first : nil
    }

    static func value(for schema: JSONValue, named name: String, depth: Int) -> JSONValue {
        guard depth < 8 else { return .null }
        if let allowed = schema["enum"]?.array?.first { return allowed }
        if let constant = schema["const"] { return constant }
        for choice in ["anyOf", "oneOf", "allOf"] {
            if let first = schema[choice]?.array?.first { return value(for: first, named: name, depth: depth + 1) }
        }
        let type = schema["type"]?.string ?? schema["type"]?.array?.first?.string
        switch type {
        case "string": return .string(name.isEmpty ? "sandbox" : "sandbox \(name)")
        case "integer", "number": return .integer(max(1, schema["minimum"]?.integer ?? 1))
        case "boolean": return .bool(true)
        case "null": return .null
        case "array":
            guard let item = schema["items"] else { return .array([]) }
            return .array([value(for: item, named: name, depth: depth + 1)])
        default:
            guard case .object(let properties)? = schema["properties"] else { return .object([:]) }
            let required = schema["required"]?.array?.compactMap(\.string)
            var members: [String: JSONValue] = [:]
            for (key, property) in properties where required?.contains(key) ?? true {
                members[key] = value(for: property, named: key, depth: depth + 1)
            }
            return .object(members)
        }
    }
}
