import NIOCore
import Planning
import Vocabulary
import Wire

/// A provider's error answer (`RULES.md` 14): what speaks of our account is replaced, the rest passes after a look for
/// our key. Status and `retry-after` stay.
extension Exchange {
    func answerError(_ head: UpstreamHead, _ candidate: Candidate) {
        let deployment = serving.deployments[candidate.deployment]
        receipt.completion = .failed
        if candidate.isCatalogued { receipt.servedModel = candidate.model }
        settle(cost: .zero)
        receipt.error = Self.code(of: head.status)
        guard !hasBegun, !deployment.hasKey || !speaksOfOurAccount(head, deployment) else {
            let code = receipt.error
            var message = ErrorMessage(retryAfter: code == .upstreamRateLimited ? retryAfterSeconds(head) ?? 1 : nil)
            message.upstreamStatus = head.status
            receipt.status = hasBegun ? 200 : code.status
            return sendError(code, message)
        }
        receipt.status = head.status
        clocks.answered()
        guard let client else { return }
        var reply = answerHead(head, candidate)
        reply.retryAfter = head.retryAfter
        // Google says it in the body alone.
        if head.retryAfter == nil, dialect == .gemini { reply.retryAfterSeconds = GeminiErrorReader.retryAfter(answer) }
        // A cloud's errors are in its own shape, which the reader of errors knows.
        let isForeign = dialect != receipt.dialect || deployment.messagesPlatform != nil
        let body = ProviderAnswer.error(
            answer, status: head.status, from: dialect, to: receipt.dialect, isForeign: isForeign)
        if isForeign { reply.contentType = .json }
        close()
        client.send(reply, body: body)
        client.flush()
    }

    private static func code(of status: UInt16) -> ErrorCode {
        switch status {
        case 401, 402, 403: .upstreamRefusedKey
        case 429: .upstreamRateLimited
        case 500...: .upstreamFailed
        default: .upstreamRejected
        }
    }

    private func speaksOfOurAccount(_ head: UpstreamHead, _ deployment: DeploymentRuntime) -> Bool {
        switch head.status {
        case 401, 402, 403: return true
        case 429 where answer.holds("insufficient_quota"): return true
        default: break
        }
        guard answer.readableBytes <= Self.errorLimit else { return true }
        var found = false
        _ = upstreamKey.read(for: deployment.deployment, loop.shared.doors.credentials) { key in
            found = ProviderErrorBody.containsKey(answer, key: key)
        }
        return found
    }

    func retryAfterSeconds(_ head: UpstreamHead) -> Int64? {
        guard let value = head.retryAfter, (1...6).contains(value.readableBytes) else { return nil }
        var seconds: Int64 = 0
        for byte in value.readableBytesView {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            seconds = seconds * 10 + Int64(byte - 0x30)
        }
        return seconds
    }
}
