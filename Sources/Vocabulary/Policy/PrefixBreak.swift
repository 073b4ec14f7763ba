/// Why a session's next request cannot use what the provider has cached: the class of what moved, never what it said. Raw
/// values are stored: append, never renumber.
public enum PrefixBreak: UInt8, Sendable, CaseIterable {
    case model = 0
    case toolOrder = 1
    case tools = 2
    case system = 3
    /// Messages are fewer than before: history was cleared.
    case shortened = 4
    case earlierMessage = 5

    public var name: StaticString {
        switch self {
        case .model: "model"
        case .toolOrder: "tool_order"
        case .tools: "tools"
        case .system: "system"
        case .shortened: "shortened"
        case .earlierMessage: "earlier_message"
        }
    }
}
