import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// What was used and what it costs: the provider's own report, else a count of ours marked as an estimate.
extension Exchange {
    /// Whether the provider has sent any content.
    var hasGenerated: Bool {
        switch state.phase {
        case .buffering: answer.readableBytes > 0 && (head.map { (200..<300).contains($0.status) } ?? false)
        default: stream?.report.hasContent ?? false
        }
    }

    func meterStream() {
        if let request = request?.passed, let plan, let passed = stream?.passed {
            return book(passed.usage, request, plan.candidates[state.candidate])
        }
        if let usage = stream?.report.usage {
            receipt.tokens = usage
        } else {
            estimate(outputBytes: stream?.report.visibleOutputBytes ?? 0)
        }
    }

    /// For a cut call (`RULES.md` 32): streamed, what was generated so far; plain, the input only.
    func meterWhatWasGenerated() {
        guard let plan else { return }
        if stream != nil {
            meterStream()
        } else if let request = request?.passed {
            receipt.flags.insert(.estimated)
            receipt.tokens[.input] = request.textBytes / 4
        } else {
            estimate(outputBytes: 0)
        }
        settle(cost: plan.candidates[state.candidate].price.cost(of: receipt.tokens))
    }

    func estimate(outputBytes: Int64) {
        receipt.flags.insert(.estimated)
        receipt.tokens = TokenUsage()
        receipt.tokens[.input] = inputEstimate
        receipt.tokens[.output] = TokenEstimate.tokens(visibleBytes: outputBytes)
    }

    var inputEstimate: Int64 {
        guard body.readableBytes > 0 else { return bodyEstimate }
        guard body.readableBytes <= Self.keptBody else {
            return TokenEstimate.tokens(visibleBytes: Int64(body.readableBytes))
        }
        let text = body
        return TokenEstimate.tokens(inText: text.readableBytesUInt8Span)
    }

    /// Before each flush: what the stream has cost so far is held, or can be. Only a provider that goes past the maximum
    /// it was told gets here (`RULES.md` 29); more is asked for at four fifths, so that it is there when it is needed.
    /// - Returns: what is not covered.
    func shortage(_ stream: ProviderStream) -> HoldDenial? {
        guard let candidate = plan?.candidates[state.candidate], candidate.price != .free, var hold else { return nil }
        var usage = TokenUsage()
        usage[.input] = 0
        usage[.output] = TokenEstimate.tokens(visibleBytes: stream.report.visibleOutputBytes)
        let cost = serving.routing.tariff.charge(for: candidate.price.cost(of: usage))
        guard cost.value > held.value / 5 * 4 else { return nil }
        let more = max(NanoUSD(max(held.value / 2, 1)), cost - held)
        guard let denial = loop.shared.doors.purse.extend(&hold, by: more, at: Clock.moment()) else {
            self.hold = hold
            return nil
        }
        return cost <= held ? nil : denial
    }

    func writeProgress() {
        if realtime != nil { return writeProgress(realtimeTally.usage, cost: realtimeTally.cost) }
        guard let stream, let plan else { return }
        var usage = stream.report.usage ?? TokenUsage()
        if stream.report.usage == nil {
            usage[.input] = inputEstimate
            usage[.output] = TokenEstimate.tokens(visibleBytes: stream.report.visibleOutputBytes)
        }
        writeProgress(usage, cost: plan.candidates[state.candidate].price.cost(of: usage))
    }

    private func writeProgress(_ usage: TokenUsage, cost: NanoUSD) {
        let progress = ProgressRecord(
            id: id, input: usage.totalInput, output: usage.totalOutput, cost: cost,
            charge: min(held, serving.routing.tariff.charge(for: cost)), at: Clock.moment())
        _ = loop.shared.journal.write(progress)
    }

    /// A provider has answered to this model's name: it may now stand in a receipt (`RULES.md` 12).
    func intern(_ candidate: Candidate) {
        guard let plan, let request, receipt.servedModel != candidate.model else { return }
        if loop.lastNamed.map({ $0 != (grant.organisation, candidate.model) }) ?? true {
            guard candidate.isCatalogued || loop.shared.names.admits(candidate.model, of: grant.organisation) else {
                receipt.servedModel = .other
                return
            }
            name(candidate.model, serving.deployments[candidate.deployment].name + [0x2f], candidate.upstreamModel)
            loop.lastNamed = (grant.organisation, candidate.model)
        }
        receipt.servedModel = candidate.model
        if receipt.requestedModel == .other, !isSubstitute {
            if plan.requested != .other && plan.requested != candidate.model { name(plan.requested, [], request.model) }
            receipt.requestedModel = plan.requested == .other ? candidate.model : plan.requested
        }
    }

    /// Journals a name once in the life of the process.
    func name(_ model: ModelID, _ label: @autoclosure () -> [UInt8], _ text: [UInt8]) {
        if loop.shared.names.isNew(model) { _ = loop.shared.journal.write(NamedRecord(model, name: label() + text)) }
    }
}
