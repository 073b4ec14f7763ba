public import Vocabulary

/// A request's cacheable parts as hashes under a secret of the process: enough to tell what moved, nothing to tell what it
/// said.
public struct PrefixPrint: Sendable, Equatable {
    public var model: UInt64
    public var tools: [UInt64]
    public var system: [UInt64]
    public var messages: [UInt64]

    public init(model: UInt64, tools: [UInt64], system: [UInt64], messages: [UInt64]) {
        self.model = model
        self.tools = tools
        self.system = system
        self.messages = messages
    }
}

/// Watches sessions for requests that do not begin as the one before did, in two generations of five minutes, as long as
/// providers keep a cache.
public struct PrefixWatch: Sendable {
    static let generation: Int64 = 300_000
    static let entries = 8192

    /// What is kept of a session's last request.
    private struct Mark: Sendable {
        var model: UInt64
        var tools: UInt64
        /// Whatever their order is.
        var toolSet: UInt64
        var system: UInt64
        var count: Int
        var messages: UInt64

        init(_ print: PrefixPrint) {
            model = print.model
            tools = Self.rolled(print.tools[...])
            toolSet = print.tools.reduce(0, &+)
            system = Self.rolled(print.system[...])
            count = print.messages.count
            messages = Self.rolled(print.messages[...])
        }

        static func rolled(_ hashes: ArraySlice<UInt64>) -> UInt64 {
            hashes.reduce(14_695_981_039_346_656_037) { ($0 ^ $1) &* 1_099_511_628_211 }
        }
    }

    private var young: [Int: Mark] = [:]
    private var old: [Int: Mark] = [:]
    private var turnsAt = Instant(microseconds: 0)

    public init() {}

    /// `nil` when the request begins as the session's last one did, or is its first.
    public mutating func take(_ print: PrefixPrint, of session: Int, at now: Instant) -> PrefixBreak? {
        if now >= turnsAt || young.count >= Self.entries {
            old = now >= turnsAt.after(milliseconds: Self.generation) ? [:] : young
            young = [:]
            turnsAt = now.after(milliseconds: Self.generation)
        }
        let last = young[session] ?? old[session]
        young[session] = Mark(print)
        return last.flatMap { Self.difference($0, print) }
    }

    /// In the order in which a provider reads: what comes first breaks all behind it.
    private static func difference(_ last: Mark, _ print: PrefixPrint) -> PrefixBreak? {
        let next = Mark(print)
        if last.model != next.model { return .model }
        if last.tools != next.tools { return last.toolSet == next.toolSet ? .toolOrder : .tools }
        if last.system != next.system { return .system }
        if next.count < last.count { return .shortened }
        return Mark.rolled(print.messages.prefix(last.count)) == last.messages ? nil : .earlierMessage
    }
}
