import Metering
import NIOCore
import Planning
import Vocabulary

/// shape (DESIGN §3.5), before a provider is chosen: what is held, hashed and sent is what was compressed.
extension Exchange {
    /// `nil` when there is nothing to do. The header says, else key, model and configuration, where the policy lets them.
    func compressing(_ request: ClientRequest) -> RequestCompression? {
        guard !isShaped, passed == nil, request.passed == nil else { return nil }
        let mode = compression ?? (grant.mayCompress == .key ? decided.compression : nil) ?? .off
        return RequestCompression(body, receipt.dialect, guarded(mode))
    }

    /// What leaves something out is compared with a control arm where the operator wants it, and off once it did harm. What
    /// a request asks for itself is its own to judge.
    private func guarded(_ mode: CompressionMode) -> CompressionMode {
        guard mode == .balanced || mode == .strong, compression == nil, let book = loop.shared.doors.decisions else {
            return mode
        }
        if book.hasStopped(.compression, grant.organisation) { return .off }
        let share = serving.routing.compressionControl
        guard share > 0,
            let prompt = RoutePrompt(body, receipt.dialect, grant.key, upTo: RequestCompression.largestBody)
        else { return mode }
        // A session stays in its arm: its blocks are sent the same in every turn.
        let isControl = Int(UInt(bitPattern: prompt.session) % 1000) < share
        isCompressionControl = isControl
        return isControl ? .off : mode
    }

    /// Compresses tools' answers, at most 256 KiB in one turn of the loop (`RULES.md` 2).
    func shape(_ work: RequestCompression) {
        guard state.phase == .receiving else { return }
        var work = work
        if work.advance() {
            let bound = NIOLoopBound((exchange: self, work: work), eventLoop: loop.eventLoop)
            return loop.eventLoop.execute { bound.value.exchange.shape(bound.value.work) }
        }
        receipt.tokensBeforeCompression = work.before
        receipt.tokensAfterCompression = work.after
        body = work.result
        isShaped = true
        read()
    }

    /// What the request saved, in terms of what the wallet pays (`RULES.md` 27). Nothing is saved by what failed.
    func bookSavings() {
        receipt.baseline = receipt.charge
        let isCompressed = receipt.tokensBeforeCompression > receipt.tokensAfterCompression
        guard let plan, let requested = routing?.asked ?? plan.candidates.first, receipt.completion != .failed,
            isCompressed || state.candidate > 0 || plan.lead != nil
        else { return }
        let served = plan.candidates[state.candidate]
        let saved = Savings(
            requested: requested.price, served: served.price, usage: receipt.tokens,
            before: receipt.tokensBeforeCompression, after: receipt.tokensAfterCompression, isHit: false,
            charge: receipt.charge, tariff: serving.routing.tariff)
        receipt.baseline = saved.baseline
        receipt.savedByRouting = saved.routing
        receipt.savedByCompression = saved.compression
    }
}
