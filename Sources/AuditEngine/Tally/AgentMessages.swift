import Vocabulary

/// Messages of coding agents, each to count once although logs repeat them.
///
/// A streamed answer is written several times with growing counts: the largest stays. A sidechain's copy of its parent's
/// message goes under another request: it does not count when the parent's does (`CONTROL.md` 1.1).
struct AgentMessages {
    /// One call, with only what a session's line can say: hundreds of thousands are held until the end.
    struct Message {
        var request: UInt64
        private var time: Int64
        private var counts: [5 of Int64]
        private var searches: Int32
        private var model: Int32
        private var project: Int32
        private var provider: Int32
        var next: Int32
        private var tier: ServiceTier
        private var modes: UInt8
        var isSidechain: Bool

        private static let classes = [UsageClass.input, .cacheRead, .cacheWrite5m, .cacheWrite1h, .output]

        init(_ row: UsageRow, request: UInt64, isSidechain: Bool, next: Int32) {
            self.request = request
            time = row.time ?? .min
            counts = .init(repeating: 0)
            for (place, kind) in Self.classes.enumerated() { counts[place] = row.usage[kind] }
            searches = Int32(clamping: row.usage[.searches])
            model = row.model
            project = row.project
            provider = row.provider
            self.next = next
            tier = row.tier
            modes = (row.isFast ? 1 : 0) | (row.isRegional ? 2 : 0) | (row.isLongContext ? 4 : 0)
            self.isSidechain = isSidechain
        }

        var row: UsageRow {
            var row = UsageRow()
            row.time = time == .min ? nil : time
            for (place, kind) in Self.classes.enumerated() { row.usage[kind] = counts[place] }
            row.usage[.searches] = Int64(searches)
            row.model = model
            row.project = project
            row.provider = provider
            row.tier = tier
            row.isFast = modes & 1 != 0
            row.isRegional = modes & 2 != 0
            row.isLongContext = modes & 4 != 0
            row.requests = 1
            row.isRequest = true
            row.hasHour = true
            row.isAgent = true
            return row
        }

        /// All tokens.
        var size: Int64 { counts[0] + counts[1] + counts[2] + counts[3] + counts[4] }
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
        var message = Message(row, request: request, isSidechain: isSidechain, next: -1)
        guard id != 0 else {
            messages.append(message)
            return .new
        }
        let head = heads[id] ?? -1
        var at = head
        while at >= 0 {
            let known = messages[Int(at)]
            message.next = known.next
            if known.request == request {
                message.isSidechain = known.isSidechain && isSidechain
                if message.size > known.size {
                    messages[Int(at)] = message
                } else {
                    messages[Int(at)].isSidechain = message.isSidechain
                }
                return .repeated
            }
            if isSidechain, !known.isSidechain { return .copy }
            if !isSidechain, known.isSidechain {
                messages[Int(at)] = message
                return .copy
            }
            at = known.next
        }
        message.next = head
        messages.append(message)
        heads[id] = Int32(messages.count - 1)
        return .new
    }
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
