import Metering
import NIOCore
import Planning
import Vocabulary

/// shape (DESIGN §3.5), before anything is decided: what is held, hashed and sent is what was compressed.
extension Exchange {
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
        decide()
    }

    /// What the request saved, in terms of what the wallet pays (`RULES.md` 27). Nothing is saved by what failed.
    func bookSavings() {
        receipt.baseline = receipt.charge
        let isCompressed = receipt.tokensBeforeCompression > receipt.tokensAfterCompression
        guard let plan, let requested = plan.candidates.first, receipt.charge > .zero,
            isCompressed || state.candidate > 0
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
