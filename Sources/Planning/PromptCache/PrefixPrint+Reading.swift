import NIOCore
public import Vocabulary
import Wire

extension RoutePrompt {
    /// What a provider would find changed from one turn to the next; marks of its cache are no part of it.
    public func print(_ dialect: Dialect) -> PrefixPrint {
        let system: [Int?]
        let turns: StaticString
        switch dialect {
        case .openAI: (system, turns) = ([], "messages")
        case .openAIResponses: (system, turns) = ([tape.member(0, "instructions")], "input")
        case .anthropic: (system, turns) = ([tape.member(0, "system")], "messages")
        case .gemini: (system, turns) = ([tape.member(0, "systemInstruction")], "contents")
        }
        return PrefixPrint(
            model: hash(tape.member(0, "model")), tools: tape.elements(tape.member(0, "tools")).map { hash($0) },
            system: system.map { hash($0) },
            messages: tape.elements(tape.member(0, turns)).map { hash($0) })
    }

    /// Under a secret of the process.
    private func hash(_ node: Int?) -> UInt64 {
        var hasher = Hasher()
        if let node { combine(node, into: &hasher) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private func combine(_ node: Int, into hasher: inout Hasher) {
        switch tape.nodes[node].kind {
        case .object:
            for member in tape.members(node) where !tape.isNamed(member, "cache_control") {
                hasher.combine(tape.name(member))
                // A text alone and a list of that one text are the same to a provider.
                if tape.nodes[member].kind == .string, tape.isNamed(member, "content") {
                    hasher.combine([0x74] as [UInt8])
                    combine(text: member, into: &hasher)
                } else {
                    combine(member, into: &hasher)
                }
            }
        case .array:
            let elements = tape.children(node)
            if elements.count == 1, tape.equals(tape.member(elements[0], "type"), "text"),
                let text = tape.member(elements[0], "text"), tape.nodes[text].kind == .string
            {
                hasher.combine([0x74] as [UInt8])
                return combine(text: text, into: &hasher)
            }
            hasher.combine(elements.count)
            for element in elements { combine(element, into: &hasher) }
        case .string: combine(text: node, into: &hasher)
        default: hasher.combine(Array(buffer: tape.slice(tape.range(node))))
        }
    }

    private func combine(text node: Int, into hasher: inout Hasher) { hasher.combine(tape.text(node)) }
}
