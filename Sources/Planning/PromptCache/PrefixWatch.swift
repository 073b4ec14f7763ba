/// A request's cacheable parts as keyed hashes, made by whoever holds the words: enough to tell what moved, nothing to tell
/// what it said.
public struct PrefixPrint: Sendable, Equatable {
    public var model: UInt64
    public var tools: [UInt64]
    public var system: [UInt64]
    public var messages: [UInt64]
    /// Of white space outside of strings and the order of members, where both are not the dialect's.
    public var spelling: UInt64

    public init(model: UInt64, tools: [UInt64], system: [UInt64], messages: [UInt64], spelling: UInt64 = 0) {
        self.model = model
        self.tools = tools
        self.system = system
        self.messages = messages
        self.spelling = spelling
    }
}

/// Why a session's next request cannot use what the provider has cached: the class of what moved.
public enum PrefixBreak: UInt8, Sendable, CaseIterable {
    case model
    case toolOrder
    case tools
    case system
    /// Messages are fewer than before: history was cleared.
    case shortened
    case earlierMessage
    case spelling

    public var name: StaticString {
        switch self {
        case .model: "model"
        case .toolOrder: "tool_order"
        case .tools: "tools"
        case .system: "system"
        case .shortened: "shortened"
        case .earlierMessage: "earlier_message"
        case .spelling: "spelling"
        }
    }
}

/// Watches one session's requests.
public struct PrefixWatch: Sendable {
    private var last: PrefixPrint?
    /// How often each class broke the prefix, by raw value.
    public private(set) var breaks = [Int64](repeating: 0, count: PrefixBreak.allCases.count)

    public init() {}

    /// `nil` when the request begins as the last one did, or is the first.
    public mutating func take(_ print: PrefixPrint) -> PrefixBreak? {
        defer { last = print }
        guard let last, let found = Self.difference(last, print) else { return nil }
        breaks[Int(found.rawValue)] += 1
        return found
    }

    /// In the order in which a provider reads: what comes first breaks all behind it.
    private static func difference(_ old: PrefixPrint, _ new: PrefixPrint) -> PrefixBreak? {
        if old.model != new.model { return .model }
        if old.tools != new.tools { return old.tools.sorted() == new.tools.sorted() ? .toolOrder : .tools }
        if old.system != new.system { return .system }
        let common = min(old.messages.count, new.messages.count)
        if old.messages[..<common] != new.messages[..<common] { return .earlierMessage }
        if new.messages.count < old.messages.count { return .shortened }
        return old.spelling != new.spelling ? .spelling : nil
    }
}
