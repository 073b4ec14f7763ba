/// Why something of a request or answer was not carried into the other dialect. Closed: the list is `docs/translation.md`.
public enum LossReason: UInt8, Sendable, CaseIterable {
    /// A member that this dialect's reader does not know.
    case unknownMember
    /// A known member, a block or a source of one that the target dialect has no place for.
    case unsupported
    /// The target takes a smaller range; the nearest value was sent.
    case clamped
    /// Carried, but as another kind: a document as text, a developer message as system.
    case converted
    /// Carried at another place: a system message from between the turns.
    case moved
    /// Not well-formed where the target demands it: arguments that are no JSON object, base64 that is none.
    case malformed
    /// A tool that the provider runs itself: the target's provider does not know it.
    case serverTool
    /// A thinking block without a signature that the target would take, or signed by another provider.
    case unsigned

    /// The word used in `x-tacet-warnings`.
    public var name: StaticString {
        switch self {
        case .unknownMember: "unknown"
        case .unsupported: "unsupported"
        case .clamped: "clamped"
        case .converted: "converted"
        case .moved: "moved"
        case .malformed: "malformed"
        case .serverTool: "server_tool"
        case .unsigned: "unsigned"
        }
    }
}

/// One thing that could not be carried, with the path of the field in the client's own words, such as
/// `messages[3].content[1].source`. It goes to the client that sent it and nowhere else: member names are words.
public struct Loss: Sendable, Equatable, CustomReflectable {
    public var reason: LossReason
    /// ASCII, from `[A-Za-z0-9_.\[\]-]`.
    public var path: [UInt8]

    /// - Parameters:
    ///   - place: the turn or block it happened in.
    ///   - member: the member below that place; empty for the place itself.
    public init(_ reason: LossReason, at place: Place, _ member: StaticString = "") {
        self.reason = reason
        path = place.path
        guard member.utf8CodeUnitCount > 0 else { return }
        if !path.isEmpty { path.append(.point) }
        for index in 0..<member.utf8CodeUnitCount { path.append(member.byte(index)) }
    }

    /// A member whose name the client chose. A name beyond 64 bytes or outside `[A-Za-z0-9_-]` is shown as `?`.
    public init(_ reason: LossReason, at place: Place, clientMember name: [UInt8]) {
        self.init(reason, at: place)
        if !path.isEmpty { path.append(.point) }
        let isPlain = !name.isEmpty && name.count <= 64 && name.allSatisfy(Self.isPlain)
        if isPlain { path.append(contentsOf: name) } else { path.append(UInt8(ascii: "?")) }
    }

    public var customMirror: Mirror { Mirror(self, children: ["reason": reason.rawValue], displayStyle: .struct) }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case .zero ... .nine, UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"), .minus:
            true
        default: false
        }
    }
}

/// Where a turn or block stood in the client's request: `messages[3].content[1].content[0]`.
public struct Place: Sendable, Equatable {
    /// Arrays and members that hold turns, blocks or tools in some dialect.
    public enum List: UInt8, Sendable {
        case body
        case messages, system, input, instructions, contents, systemInstruction, tools
        case content, toolCalls, functionCall, parts, output, summary, reasoningDetails, thinkingBlocks,
            functionDeclarations

        var name: StaticString {
            switch self {
            case .body: ""
            case .messages: "messages"
            case .system: "system"
            case .input: "input"
            case .instructions: "instructions"
            case .contents: "contents"
            case .systemInstruction: "systemInstruction"
            case .tools: "tools"
            case .content: "content"
            case .toolCalls: "tool_calls"
            case .functionCall: "function_call"
            case .parts: "parts"
            case .output: "output"
            case .summary: "summary"
            case .reasoningDetails: "reasoning_details"
            case .thinkingBlocks: "thinking_blocks"
            case .functionDeclarations: "functionDeclarations"
            }
        }
    }

    /// A list and an index in it; -1 for a list that is a single value.
    private var lists: [3 of List] = .init(repeating: .body)
    private var indexes: [3 of Int32] = .init(repeating: -1)
    private var depth = 0

    /// The request's body itself.
    public static let body = Place()

    private init() {}

    /// An entry of a list of the body.
    public init(_ list: List, _ index: Int? = nil) { self = Self.body.inside(list, index) }

    /// An entry of a list below this place. Below the third level the path stays at the third.
    public func inside(_ list: List, _ index: Int? = nil) -> Place {
        guard depth < 3 else { return self }
        var place = self
        place.lists[depth] = list
        place.indexes[depth] = Int32(clamping: index ?? -1)
        place.depth += 1
        return place
    }

    public static func == (a: Place, b: Place) -> Bool { a.path == b.path }

    /// The path in the client's words; empty for the body.
    public var path: [UInt8] {
        var path: [UInt8] = []
        for level in 0..<depth {
            let name = lists[level].name
            if !path.isEmpty { path.append(.point) }
            for index in 0..<name.utf8CodeUnitCount { path.append(name.byte(index)) }
            guard indexes[level] >= 0 else { continue }
            path.append(.bracket)
            var digits: [UInt8] = []
            var rest = indexes[level]
            repeat {
                digits.append(.zero + UInt8(rest % 10))
                rest /= 10
            } while rest > 0
            path.append(contentsOf: digits.reversed())
            path.append(.bracketEnd)
        }
        return path
    }
}
