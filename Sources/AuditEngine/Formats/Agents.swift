import Metering
import Vocabulary

extension AuditEngine {
    /// A line of a Claude Code session.
    mutating func claudeCode(_ row: Span<UInt8>) {
        guard slots.has(.inputUncached) || slots.has(.output) else { return skip(.noUsage) }
        if slots.has(.event), !slots.matches(.event, "assistant", row) { return skip(.noUsage) }
        if slots.matches(.model, "<synthetic>", row) { return skip(.syntheticModel) }
        guard let layout = file.layout, var out = common(row, layout) else { return }
        func tokens(_ field: Field) -> Int64 { max(0, slots.count(field, row) ?? 0) }
        let long = tokens(.cacheWrite1h)
        var short = tokens(.cacheWrite5m)
        if short + long == 0 { short = tokens(.cacheWrite) }
        out.usage[.input] = tokens(.inputUncached)
        out.usage[.cacheRead] = tokens(.cacheRead)
        out.usage[.cacheWrite5m] = short
        out.usage[.cacheWrite1h] = long
        out.usage[.output] = tokens(.output)
        out.usage[.searches] = tokens(.searches)
        let outcome = messages.add(
            out, id: hash(.message, row), request: hash(.requestID, row), isSidechain: slots.isTrue(.sidechain, row))
        switch outcome {
        case .new: files[files.count - 1].parsed += 1
        case .repeated: skip(.repeatedMessage)
        case .copy: skip(.sidechainCopy)
        }
    }

    /// A line of a Codex session: the model comes first, then counts.
    mutating func codex(_ row: Span<UInt8>) {
        if slots.matches(.event, "turn_context", row) || slots.matches(.event, "session_meta", row) {
            if slots.has(.model) { file.model = names.models.number(row.extracting(slots.range(.model))) }
            if slots.has(.project) {
                let project = slots.bytes(.project, row)
                file.project = names.projects.number(project.span)
            }
            if slots.has(.session), slots.matches(.event, "session_meta", row) { file.session = hash(.session, row) }
            return skip(.noUsage)
        }
        guard slots.matches(.kind, "token_count", row) else { return skip(.noUsage) }
        func tokens(_ field: Field) -> Int64 { max(0, slots.count(field, row) ?? 0) }
        let running = (tokens(.runningInput), tokens(.runningCached), tokens(.runningOutput))
        let hasRunning = slots.has(.runningInput) || slots.has(.runningOutput)
        guard slots.has(.inputTotal) || hasRunning, let layout = file.layout else { return skip(.noUsage) }
        if hasRunning, running == file.lastRunning { return skip(.repeatedMessage) }
        guard var out = common(row, layout) else { return }
        var turn = (tokens(.inputTotal), tokens(.cacheRead), tokens(.output), tokens(.reasoning))
        if !slots.has(.inputTotal) {
            let before = file.lastRunning.0 < 0 || running.0 < file.lastRunning.0 ? (0, 0, 0) : file.lastRunning
            turn = (running.0 - before.0, running.1 - before.1, running.2 - before.2, 0)
        }
        if hasRunning { file.lastRunning = running }
        let write = min(tokens(.cacheWrite), max(0, turn.0 - turn.1))
        out.usage[.cacheRead] = min(turn.1, turn.0)
        out.usage[.cacheWrite5m] = write
        out.usage[.input] = turn.0 - out.usage[.cacheRead] - write
        out.usage[.output] = turn.2
        out.usage[.reasoning] = min(turn.3, turn.2)
        out.model = file.model
        out.project = file.project
        out.requests = 1
        out.isRequest = true
        out.hasHour = true
        out.isAgent = true
        var identity = SipHash(key)
        identity.add(file.session)
        identity.add(row.extracting(slots.range(.time)))
        identity.add(UInt64(bitPattern: running.0 &* 31 &+ running.2))
        count(out, identity: identity.value)
    }

    private func hash(_ field: Field, _ row: Span<UInt8>) -> UInt64 {
        guard slots.has(field) else { return 0 }
        var hash = SipHash(key)
        hash.add(row.extracting(slots.range(field)))
        return max(1, hash.value)
    }
}
