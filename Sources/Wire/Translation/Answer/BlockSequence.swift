import NIOCore

/// Puts what a provider tells of several blocks at once into the order of `AnswerEvent`: one block open at a time, indexes
/// without gaps, no empty block (`PAINS.md` 1, 3, 4).
///
/// The block that is open streams on. Pieces of later blocks wait until it is complete: text and thinking are complete when
/// another block begins, a call when its JSON text is whole. So calls that come one after another stream without delay, and
/// interleaved ones still come out whole.
public struct BlockSequence: Sendable {
    private struct Waiting: Sendable {
        var key: Int
        var kind: BlockKind
        var pieces: [AnswerEvent] = []
        var arguments = ArgumentScanner()
        var isClosed = false
    }

    /// All of a later block that may wait, in bytes of its pieces.
    private let limit: Int
    private var waitingBytes = 0
    /// The block told last is open while `isOpen`.
    private var current: Waiting?
    private var isTold = false
    private var waiting: [Waiting] = []
    /// Blocks told so far: the next index.
    public private(set) var count = 0
    /// Keys of calls that are finished, to tell a late piece of one from a new call.
    private var finished: Set<Int> = []
    /// Pieces that came for a block after its end, for one of another kind, for a call without a name, or were more than
    /// may wait.
    public private(set) var droppedPieces = 0
    /// The answer's id, for ids of calls that have none of their own.
    var answerID = RawText()
    private var callIDs = CallIDs()

    public init(limit: Int = 32 << 20) { self.limit = limit }

    /// A piece of the block `key`, which is begun as `kind` when it is not there yet. Blocks are told in the order in which
    /// they began.
    ///
    /// - Parameter key: the provider's own number of the block, or one of the reader's choice.
    public mutating func add(
        _ piece: AnswerEvent?, to key: Int, _ kind: @autoclosure () -> BlockKind, into events: inout [AnswerEvent]
    ) {
        if let open = current?.key, open != key, let block = current, Self.isComplete(block),
            waiting.isEmpty || block.isClosed
        {
            closeCurrent(into: &events)
        }
        if current == nil, waiting.isEmpty, !finished.contains(key) {
            guard let kind = named(kind()) else { return }
            current = Waiting(key: key, kind: kind)
        }
        if current?.key == key {
            if let piece { tell(piece, into: &events) } else { openIfWhole(into: &events) }
            return
        }
        if let place = waiting.firstIndex(where: { $0.key == key }) {
            keep(piece, at: place)
        } else if finished.contains(key) {
            if let piece, Self.size(piece) > 0, !Self.isBlank(piece) { droppedPieces += 1 }
        } else {
            guard let kind = named(kind()) else { return }
            waiting.append(Waiting(key: key, kind: kind))
            keep(piece, at: waiting.count - 1)
        }
        advance(into: &events)
    }

    /// The provider said that the block `key` is complete.
    public mutating func close(_ key: Int, into events: inout [AnswerEvent]) {
        if current?.key == key {
            closeCurrent(into: &events)
            advance(into: &events)
        } else if let place = waiting.firstIndex(where: { $0.key == key }) {
            waiting[place].isClosed = true
        }
    }

    /// The answer is complete: all that waits is told and closed.
    public mutating func closeAll(into events: inout [AnswerEvent]) {
        closeCurrent(into: &events)
        while !waiting.isEmpty {
            promote(into: &events)
            closeCurrent(into: &events)
        }
    }

    /// A call without a name is none: there is nothing to call.
    private mutating func named(_ kind: BlockKind) -> BlockKind? {
        guard case .toolCall(_, let name, _) = kind, name.isEmpty else { return kind }
        droppedPieces += 1
        return nil
    }

    private mutating func keep(_ piece: AnswerEvent?, at place: Int) {
        guard let piece else { return }
        let size = Self.size(piece)
        guard waitingBytes + size <= limit, waiting[place].kind.takes(piece) else {
            droppedPieces += 1
            return
        }
        waitingBytes += size
        if case .arguments(let text) = piece { waiting[place].arguments.take(text) }
        waiting[place].pieces.append(piece)
    }

    /// Goes on to the next block while the one before is complete.
    private mutating func advance(into events: inout [AnswerEvent]) {
        while !waiting.isEmpty {
            if let open = current {
                guard open.isClosed || Self.isComplete(open) else { return }
                closeCurrent(into: &events)
            }
            promote(into: &events)
        }
    }

    private mutating func promote(into events: inout [AnswerEvent]) {
        var block = waiting.removeFirst()
        let pieces = block.pieces
        block.pieces = []
        block.arguments = ArgumentScanner()
        current = block
        isTold = false
        openIfWhole(into: &events)
        for piece in pieces {
            waitingBytes -= Self.size(piece)
            tell(piece, into: &events)
        }
        if block.isClosed { closeCurrent(into: &events) }
    }

    /// Tells a piece of the current block, and before the first one that has content that the block begins.
    private mutating func tell(_ piece: AnswerEvent, into events: inout [AnswerEvent]) {
        // The kind alone: a copy of the whole block for every piece is a copy of all that it holds.
        guard let kind = current?.kind else { return }
        guard kind.takes(piece) else {
            droppedPieces += 1
            return
        }
        if Self.size(piece) == 0 {
            openIfWhole(into: &events)
            return
        }
        if case .arguments(let text) = piece { current?.arguments.take(text) }
        if !isTold { open(kind, into: &events) }
        events.append(piece)
    }

    /// A call, or what comes whole, begins without content too; text does not.
    private mutating func openIfWhole(into events: inout [AnswerEvent]) {
        guard let kind = current?.kind else { return }
        switch kind {
        case .text, .thinking, .refusal: break
        case .redactedThinking, .reasoningItem, .toolCall, .media, .foreign: open(kind, into: &events)
        }
    }

    private mutating func open(_ kind: BlockKind, into events: inout [AnswerEvent]) {
        guard !isTold else { return }
        isTold = true
        guard case .toolCall(let id, let name, let isCustom) = kind else {
            events.append(.blockStart(count, kind))
            return
        }
        let own = callIDs.own(id, answer: answerID, name: name)
        events.append(.blockStart(count, .toolCall(id: own, name: name, isCustom: isCustom)))
    }

    private mutating func closeCurrent(into events: inout [AnswerEvent]) {
        guard let block = current else { return }
        if isTold {
            events.append(.blockStop(count))
            count += 1
        }
        isTold = false
        current = nil
        // A text that goes on later is a new block; a call that goes on later is a piece too late.
        if case .toolCall = block.kind { finished.insert(block.key) }
    }

    private static func isComplete(_ block: Waiting) -> Bool {
        guard case .toolCall(_, _, let isCustom) = block.kind else { return true }
        return block.isClosed || isCustom || block.arguments.isWhole
    }

    private static func size(_ piece: AnswerEvent) -> Int {
        switch piece {
        case .text(let text), .thinking(let text), .arguments(let text), .signature(let text), .refusal(let text):
            text.bytes.readableBytes
        case .citation(let citation): citation.json.bytes.readableBytes
        default: 1
        }
    }

    private static func isBlank(_ piece: AnswerEvent) -> Bool {
        guard case .arguments(let text) = piece else { return false }
        return text.unescaped.allSatisfy { $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }
    }
}

/// Tells when the pieces of a JSON text, escaped for a string, make a whole object or array.
struct ArgumentScanner: Sendable {
    private var depth = 0
    private var isInString = false
    private var isBehindBackslash = false
    /// An object or array was closed again.
    private(set) var isWhole = false

    mutating func take(_ text: RawText) {
        let plain = text.unescaped
        for byte in plain {
            if isInString {
                if isBehindBackslash {
                    isBehindBackslash = false
                } else if byte == .backslash {
                    isBehindBackslash = true
                } else if byte == .quote {
                    isInString = false
                }
                continue
            }
            switch byte {
            case .quote: isInString = true
            case .brace, .bracket: depth += 1
            case .braceEnd, .bracketEnd:
                depth -= 1
                if depth == 0 { isWhole = true }
            default: break
            }
        }
    }
}
