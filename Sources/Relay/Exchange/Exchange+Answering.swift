import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// relay → meter → settle (DESIGN §3.8 to 3.10): what a provider sends, on its way to the client.
extension Exchange: UpstreamObserver {
    /// A plain answer above this is refused; chat answers are far below.
    static var answerLimit: Int { 32 << 20 }
    /// Bytes of events without content that wait at most.
    static var heldBack: Int { 64 << 10 }
    /// Bytes of an event on trust, before the process's budget is asked.
    private static var freeEventBytes: Int { 64 << 10 }
    /// Error bodies are read up to this; what is longer is replaced.
    static var errorLimit: Int { 1 << 20 }

    func upstreamStarted(_ call: any UpstreamCall) {
        clocks.started(limits, loop.soon)
        if passed?.form?.isOpen == true { formStarted(call) }
    }

    func upstreamHead(_ head: UpstreamHead) {
        clocks.heard(limits, loop.soon)
        guard let request, let plan else { return }
        let frames = bedrockEvents(plan.candidates[state.candidate])
        var head = head
        if frames != nil { head.isEventStream = head.isFrameStream }
        if hedge != nil, hedgeTakesOver(from: head) { return }
        self.head = head
        learn(from: head)
        guard head.isUsable else {
            // An encoding nobody asked for, or a redirect: never followed (`RULES.md` 4).
            return abandon(.upstreamMalformed)
        }
        // An array that grows says of itself that it is JSON.
        let isArray = dialect == .gemini && request.dialect == .gemini && request.framing == .array
        switch state.upstreamHead(
            status: head.status, isStream: head.isEventStream || isArray || request.answersBytes,
            wantsStream: request.isStreamed || request.answersBytes, next: nextCandidate, retry: retryDelay)
        {
        case .call(let index):
            call?.cancel()
            callUpstream(index)
        case .wait(let milliseconds):
            call?.cancel()
            endAttempt()
            callAgain(afterMilliseconds: milliseconds)
        case .buffer:
            if let length = head.length, length > Self.answerLimit || !draw(length) { abandon(.upstreamTooLarge) }
        case .stream:
            clocks.streamBegan(limits, loop.soon)
            guard request.passed == nil else {
                stream = ProviderStream(passedAs: head.isEventStream, to: target(request))
                return
            }
            stream = ProviderStream(from: dialect, to: target(request))
            stream?.frames = frames
            stream?.tagging = keepsTags ? TaggedStream(tag: tag(plan.candidates[state.candidate])) : nil
            if loop.shared.settings.verifiesStreams {
                watch = StreamWatch(to: request.dialect, from: dialect, array: request.framing == .array)
            }
        case .ignore: break
        }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        clocks.heard(limits, loop.soon)
        switch state.phase {
        case .buffering:
            guard answer.readableBytes + bytes.readableBytes <= Self.answerLimit else {
                return abandon(.upstreamTooLarge)
            }
            if head?.length == nil, !draw(bytes.readableBytes) { return abandon(.upstreamTooLarge) }
            if answer.readableBytes == 0 { answer = bytes } else { answer.writeImmutableBuffer(bytes) }
        case .streaming: relay(bytes)
        case .receiving, .attempting, .finished: break
        }
    }

    func upstreamReadCompleted() {
        if state.phase == .streaming { flushPart() }
    }

    func upstreamEnded() {
        clocks.upstreamEnded()
        call = nil
        endAttempt()
        switch state.phase {
        case .buffering: answerWhole()
        case .streaming: finishStream()
        case .receiving, .attempting, .finished: break
        }
    }

    func upstreamFailed(_ code: ErrorCode, onReusedConnection: Bool) {
        clocks.upstreamEnded()
        call = nil
        if code.isDeploymentsTrouble, !onReusedConnection { attemptFailed() }
        endAttempt()
        if receipt.deployment != .none, !isFinished {
            loop.shared.doors.log.record(.upstreamFailed(deployment: receipt.deployment, error: code))
        }
        if hedge != nil, state.phase == .attempting { return takeOver() }
        switch state.upstreamFailed(
            code, onReusedConnection: onReusedConnection, next: nextCandidate, retry: retryDelay)
        {
        case .call(let index): callUpstream(index)
        case .wait(let milliseconds): callAgain(afterMilliseconds: milliseconds)
        case .answer(let code): refuse(code)
        case .endStream(let code): endStream(code)
        case .ignore: break
        }
    }

    private func abandon(_ code: ErrorCode) {
        call?.cancel()
        upstreamFailed(code, onReusedConnection: false)
    }

    // MARK: Plain answers

    private func answerWhole() {
        guard let head, let plan, let request else { return }
        let candidate = plan.candidates[state.candidate]
        state.finished()
        guard (200..<300).contains(head.status) else { return answerError(head, candidate) }
        guard !hasBegun else { return refuse(.upstreamMalformed) }
        if let passed = request.passed { return answerPassed(passed, head, candidate) }
        guard let answer = unwrapped(answer, candidate), let answer = tagged(answer, candidate),
            let whole = ProviderAnswer(
                answer, from: dialect, to: target(request), isStreamed: request.isStreamed)
        else { return refuse(.upstreamMalformed) }
        intern(candidate)
        losses += whole.losses
        if receipt.endpoint.countsTokens {
            // Nothing was generated, and nobody bills it.
        } else if let usage = whole.meter.usage {
            receipt.tokens = usage
        } else {
            return countAnswer(answer, visibleBytes: whole.meter.visibleOutputBytes) {
                self.finishWhole(whole.body, head, candidate)
            }
        }
        finishWhole(whole.body, head, candidate)
    }

    private func finishWhole(_ body: ByteBuffer, _ head: UpstreamHead, _ candidate: Candidate) {
        guard let client else { return }
        receipt.status = head.status
        receipt.completion = .complete
        settle(cost: candidate.price.cost(of: receipt.tokens))
        let reply = answerHead(head, candidate)
        clocks.answered()
        share(body, isStream: false, candidate)
        close()
        client.send(reply, body: body)
        client.flush()
    }

    func answerHead(_ head: UpstreamHead, _ candidate: Candidate) -> AnswerHead {
        var reply = AnswerHead(status: head.status)
        reply.contentType = contentType(head)
        reply.request = id
        reply.provider = serving.deployments[candidate.deployment].name
        reply.model = candidate.upstreamModel
        reply.route = receipt.route
        reply.rates = rates
        reply.warnings = Self.warnings(losses)
        return reply
    }

    func target(_ request: ClientRequest) -> AnswerTarget {
        request.target(created: receipt.openedAt.microseconds / 1_000_000, customTools: customTools)
    }

    /// A translated answer is of the client's kind, another one is as the provider says.
    private func contentType(_ head: UpstreamHead) -> AnswerHead.ContentType {
        guard let request, request.dialect != dialect, (200..<300).contains(head.status) else {
            return head.isEventStream ? .eventStream : head.contentType ?? .json
        }
        return request.isStreamed && request.framing == .events ? .eventStream : .json
    }

    /// The header names at most a kilobyte of paths; a path that is not visible ASCII is told as `?`.
    private static func warnings(_ losses: [Loss]) -> [UInt8] {
        var out: [UInt8] = []
        for loss in losses {
            let path = loss.path
            guard out.count + path.count < 1024 else { break }
            if !out.isEmpty { out += [0x2c, 0x20] }
            out += path.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2c } ? path : [0x3f]
        }
        return out
    }

    // MARK: Streams

    private func relay(_ bytes: ByteBuffer) {
        guard let client, let stream else { return }
        preparePart(client)
        let start = part.writerIndex
        do throws(StreamFault) {
            try stream.read(bytes, into: &part)
        } catch {
            verify(from: start)
            if stream.report.hasContent { state.committed() }
            return abandon(error == .eventTooLarge ? .upstreamTooLarge : .upstreamMalformed)
        }
        if watch != nil { verify(from: start) }
        if sharing != nil { record(from: start) }
        if stream.report.hasContent { state.committed() }
        if stream.report.errorSeen, errorIsHidden() { return }
        let waiting = stream.waitingBytes
        guard waiting > max(drawnForEvent, Self.freeEventBytes) else { return }
        guard draw(waiting - drawnForEvent) else { return abandon(.upstreamTooLarge) }
        drawnForEvent = waiting
    }

    /// An error among the first events of a good answer is a failure before it.
    /// - Returns: `true` when another call is made instead.
    private func errorIsHidden() -> Bool {
        guard !state.isCommitted else { return false }
        attemptFailed()
        switch state.errorEvent(next: nextCandidate, retry: retryDelay) {
        case .call(let index):
            call?.cancel()
            callUpstream(index)
        case .wait(let milliseconds):
            call?.cancel()
            endAttempt()
            callAgain(afterMilliseconds: milliseconds)
        case .buffer, .stream, .ignore: return false
        }
        return true
    }

    /// Events before the first content wait while another provider could still be asked, until a ping is due.
    private func holdsBack(_ stream: ProviderStream) -> Bool {
        !state.isCommitted && state.isReplayable && state.tried.count < plan?.candidates.count ?? 0
            && !stream.report.errorSeen
            && part.readableBytes < Self.heldBack
    }

    func preparePart(_ client: any ClientSide) {
        guard !isPartPrepared else { return }
        client.prepare(&part)
        isPartPrepared = true
    }

    /// Sends what one read from the provider brought. The receipt is closed before `[DONE]` leaves.
    func flushPart() {
        guard let client, let stream else { return }
        if stream.report.isDone { return finishStream() }
        // A sent part keeps its bytes until the next one is prepared.
        guard isPartPrepared, part.readableBytes > 0, !holdsBack(stream) else { return }
        if grant.isBudgeted, let denial = shortage(stream) {
            call?.cancel()
            return endStream(denial.code, ErrorMessage(denial, at: Clock.moment(), isUnderWay: true))
        }
        state.committed()
        if clocks.firstByte == nil { firstPart(client) }
        client.send(part: &part)
        isPartPrepared = false
        clocks.sent(limits, loop.soon)
        client.flush()
        if !client.isWritable { call?.setReading(false) }
    }

    private func firstPart(_ client: any ClientSide) {
        guard let head, let plan else { return }
        let candidate = plan.candidates[state.candidate]
        intern(candidate)
        receipt.status = head.status
        clocks.answered()
        if body.readableBytes > Self.keptBody {
            bodyEstimate = TokenEstimate.tokens(visibleBytes: Int64(body.readableBytes))
            releaseBody()
        }
        if !hasBegun { beginAnswer(head, candidate, client) }
    }

    /// The provider's stream is over, by `[DONE]` or by its end.
    private func finishStream() {
        guard let client, let head, let plan, let stream else { return }
        let candidate = plan.candidates[state.candidate]
        call?.drain()
        call = nil
        preparePart(client)
        let start = part.writerIndex
        stream.finish(into: &part)
        verify(from: start, isEnd: true)
        intern(candidate)
        clocks.upstreamEnded()
        clocks.answered()
        meterStream()
        receipt.status = head.status
        receipt.completion = .complete
        if stream.report.errorSeen {
            receipt.error = .upstreamErrorEvent
            receipt.completion = hasGenerated ? .cut : .failed
        }
        settle(cost: candidate.price.cost(of: receipt.tokens))
        if sharing != nil {
            record(from: start)
            if !stream.report.errorSeen { share(sharing?.recording, isStream: true, candidate) }
        }
        state.finished()
        var last = part
        part = ByteBuffer()
        close()
        if !hasBegun { beginAnswer(head, candidate, client) }
        if last.readableBytes > 0 { client.send(part: &last) }
        client.end()
        client.flush()
    }

    /// The client reads again, or no longer.
    func clientWritabilityChanged(_ isWritable: Bool) {
        if state.phase == .streaming { call?.setReading(isWritable) }
    }
}
