import Vocabulary

/// Messages of coding agents, each to count once although logs repeat them.
///
/// A streamed answer is written several times with growing counts: the largest stays. A sidechain's copy of its parent's
/// message goes under another request: it does not count when the parent's does (`CONTROL.md` 1.1).
struct AgentMessages {
    struct Message {
        var request: UInt64
        var isSidechain: Bool
        var row: UsageRow
        var next: Int32
    }

    enum Outcome {
        case new
        case repeated
        case copy
    }

    private(set) var messages: [Message] = []
    private var heads: [UInt64: Int32] = [:]

    /// Keeps a message; `id` and `request` are keyed hashes, 0 where the line has none.
    mutating func add(_ row: UsageRow, id: UInt64, request: UInt64, isSidechain: Bool) -> Outcome {
        guard id != 0 else {
            messages.append(Message(request: request, isSidechain: isSidechain, row: row, next: -1))
            return .new
        }
        var at = heads[id] ?? -1
        while at >= 0 {
            let known = messages[Int(at)]
            if known.request == request {
                if Self.size(row) > Self.size(known.row) { messages[Int(at)].row = row }
                if !isSidechain { messages[Int(at)].isSidechain = false }
                return .repeated
            }
            if isSidechain, !known.isSidechain { return .copy }
            if !isSidechain, known.isSidechain {
                messages[Int(at)].row = row
                messages[Int(at)].request = request
                messages[Int(at)].isSidechain = false
                return .copy
            }
            at = known.next
        }
        messages.append(Message(request: request, isSidechain: isSidechain, row: row, next: heads[id] ?? -1))
        heads[id] = Int32(messages.count - 1)
        return .new
    }

    private static func size(_ row: UsageRow) -> Int64 { row.usage.totalInput + row.usage.totalOutput }
}

/// Hashes of rows of earlier files, so that a period exported twice counts once.
struct KnownRows {
    /// 32 MiB at most; rows beyond are not remembered and the report says so.
    static let limit = 1 << 21
    private var files: [UInt64: Int32] = [:]
    private(set) var isFull = false

    /// Whether a row of an earlier file is this one.
    mutating func isKnown(_ hash: UInt64, file: Int32) -> Bool {
        if let known = files[hash] { return known != file }
        if files.count < Self.limit { files[hash] = file } else { isFull = true }
        return false
    }
}
