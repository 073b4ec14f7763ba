import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// What a candidate is asked, and how its answer is read.
extension Exchange {
    /// A conversation as one provider is sent it.
    struct Conversation {
        let request: UpstreamRequest
        let losses: [Loss]
        let customTools: [RawText]
    }

    /// Calls a candidate of the plan.
    func callUpstream(_ index: Int) {
        guard let plan, let request, !loop.shared.doors.purse.limitsCalls || takesTurn(index, plan) else { return }
        // Where the one asked for has no room, it is another.
        let index = state.candidate
        let candidate = plan.candidates[index]
        let runtime = serving.deployments[candidate.deployment]
        dialect = runtime.dialect(for: request.dialect)
        var path: [UInt8] = []
        if request.passed == nil {
            guard let found = self.path(request, candidate, runtime, dialect) else {
                return countTokens(request, model: candidate.upstreamModel)
            }
            path = found
        }
        guard mayHaveKey(runtime) else { return refuse(.providerKeyMissing) }
        if runtime.deployment.takesCallersKey { ownKeyProvider = runtime.id }
        receipt.deployment = runtime.id
        receipt.route = isSubstitute ? .budget : plan.reason(for: index, isFirst: state.tried.count == 1)
        receipt.attempts = UInt8(clamping: state.attempts)
        answer = ByteBuffer()
        head = nil
        stream = nil
        watch = nil
        isPartPrepared = false
        drawnForEvent = 0
        if let passed = request.passed {
            dialect = request.dialect
            return callPassed(passed, candidate, runtime)
        }
        if let passed {
            guard let own = passed.path(receipt.endpoint, inPlaceOf: path) else { return refuse(.notServedByProvider) }
            path = own
        }
        let conversation: Conversation
        do throws(RequestRejection) {
            conversation = try self.conversation(request, candidate, runtime, dialect, path: path)
        } catch {
            return refuse(error.code, ErrorMessage(error))
        }
        losses = conversation.losses
        customTools = conversation.customTools
        if isStrictTranslation && !losses.isEmpty {
            var message = ErrorMessage()
            message.losses = losses.map(\.path)
            return refuse(.untranslatable, message)
        }
        begin(conversation.request)
    }

    /// A caller's own key goes to the provider that was asked for, never to one behind it.
    func mayHaveKey(_ runtime: DeploymentRuntime) -> Bool {
        !runtime.deployment.takesCallersKey
            || upstreamKey.callers != nil && ownKeyProvider ?? runtime.id == runtime.id
    }

    func conversation(
        _ request: ClientRequest, _ candidate: Candidate, _ runtime: DeploymentRuntime, _ dialect: Dialect,
        path: [UInt8]
    ) throws(RequestRejection) -> Conversation {
        var sent = try UpstreamBody(
            request, body, model: candidate.upstreamModel, limit: limit(request, candidate),
            cap: candidate.price.maximumOutput, in: dialect, betas: anthropicBeta, for: runtime)
        if decided.breakpoints == .auto, dialect == .anthropic { sent.placeBreakpoints() }
        let upstream = UpstreamRequest(
            deployment: runtime, path: path, body: sent.pieces,
            length: sent.pieces.reduce(0) { $0 + $1.readableBytes },
            acceptsEventStream: request.isStreamed && framing(request, dialect) == .events,
            anthropicVersion: anthropicVersion, anthropicBeta: request.dialect == dialect ? anthropicBeta : nil,
            target: passed?.target, key: upstreamKey)
        return Conversation(request: upstream, losses: sent.losses, customTools: sent.customTools)
    }

    /// `nil`: the tokens are to be counted, and this provider does not do it.
    func path(
        _ request: ClientRequest, _ candidate: Candidate, _ runtime: DeploymentRuntime, _ dialect: Dialect
    ) -> [UInt8]? {
        let path: RequestPath? =
            if receipt.endpoint.countsTokens {
                dialect == request.dialect ? runtime.deployment.paths.counting : nil
            } else if runtime.speaksConverse(to: candidate.upstreamModel) {
                request.isStreamed ? runtime.deployment.paths.converseStreamed : runtime.deployment.paths.converse
            } else if dialect != runtime.deployment.dialect {
                runtime.deployment.paths.responses
            } else if request.isStreamed {
                framing(request, dialect) == .events
                    ? runtime.deployment.paths.streamed : runtime.deployment.paths.array
            } else {
                runtime.deployment.paths.whole
            }
        return path?.bytes(model: candidate.upstreamModel)
    }

    /// Of a stream: the client's own where it passes through, events where it is translated.
    private func framing(_ request: ClientRequest, _ dialect: Dialect) -> GeminiFraming {
        request.dialect == dialect ? request.framing : .events
    }
}
