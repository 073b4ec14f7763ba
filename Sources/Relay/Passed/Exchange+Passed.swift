import Metering
import NIOCore
import Planning
import Vocabulary
import Wire

/// read → decide → call of requests that pass to a provider of their own dialect, without translation.
extension Exchange {
    func decidePassed() {
        let endpoint = receipt.endpoint
        if endpoint == .realtime { return decideRealtime() }
        let request: PassedRequest
        do throws(RequestRejection) {
            if let form = passed?.form {
                if !form.isOpen { try form.checkEnd(endpoint) }
                request = PassedRequest(form.scanner, endpoint, declared: form.isOpen ? form.declared : nil)
            } else if let geminiPath {
                request = try PassedRequest.read(body, endpoint, path: geminiPath)
            } else if passed?.method == .post, passed?.object.isEmpty == true {
                guard resolveReferences() else { return refuse(.unknownObject) }
                request = try PassedRequest.read(body, endpoint)
            } else {
                request = PassedRequest(endpoint: endpoint)
            }
        } catch {
            return refuse(error.code, ErrorMessage(error))
        }
        let client = ClientRequest(request, receipt.dialect)
        self.request = client
        if endpoint.namesModel {
            decide(client)
        } else if passed?.method == .get, passed?.object.isEmpty == true {
            refuse(.needsOwnKey)
        } else if passed?.head.asksForEvents == true {
            var message = ErrorMessage()
            message.member = .stream
            refuse(.outOfRange, message)
        } else {
            decideObject(request)
        }
    }

    /// The candidates that speak the path's own dialect.
    func ofOwnDialect(_ plan: Plan) -> Plan? {
        var plan = plan
        plan.candidates.removeAll { !speaksOwnDialect(serving.deployments[$0.deployment]) }
        return plan.candidates.isEmpty ? nil : plan
    }

    /// Providers of OpenAI's dialect may be configured for chats or for responses; the paths beside are the same.
    private func speaksOwnDialect(_ runtime: DeploymentRuntime) -> Bool {
        let dialect = runtime.deployment.dialect
        if dialect == receipt.dialect { return true }
        return dialect == .openAIResponses && receipt.dialect == .openAI && receipt.endpoint != .completions
    }

    // MARK: Objects

    private func decideObject(_ request: PassedRequest) {
        guard grant.environment != .test else { return refuse(.testKeyOnLiveModel) }
        let deployment: Int
        if let object = passed?.object, !object.isEmpty {
            guard let found = find(object), speaksOwnDialect(serving.deployments[found.deployment]) else {
                return refuse(.unknownObject)
            }
            passed?.upstreamObject = found.name
            deployment = found.deployment
        } else if let object = request.objects.first {
            guard let found = find(object), speaksOwnDialect(serving.deployments[found.deployment]) else {
                return refuse(.unknownObject)
            }
            passed?.objects = [found.name]
            deployment = found.deployment
        } else if receipt.endpoint == .messageBatches {
            guard let found = resolve(request.batchModels) else { return }
            deployment = found
        } else {
            guard let named = namedDeployment() else { return }
            deployment = named
        }
        let isFree = serving.deployments[deployment].deployment.pricing == .free
        if receipt.endpoint.startsBatch, grant.isBudgeted, !isFree { return refuse(.needsUnlimitedKey) }
        hold(Plan(deployment: deployment), ClientRequest(request, receipt.dialect))
    }

    /// Every model of a batch must be one provider's.
    private func resolve(_ models: [[UInt8]]) -> Int? {
        var deployment: Int?
        for model in models {
            guard case .plan(let plan) = serving.plan(model, sandboxOnly: false, at: receipt.openedAt) else {
                refuse(.unknownModel, ErrorMessage(model: model))
                return nil
            }
            guard let candidate = ofOwnDialect(plan)?.candidates[0],
                candidate.deployment == deployment ?? candidate.deployment
            else {
                refuse(.notServedByProvider)
                return nil
            }
            deployment = candidate.deployment
            passed?.batchModels.append(candidate.upstreamModel)
        }
        return deployment
    }

    /// The provider that `x-tacet-route` names, or the only one of the dialect.
    private func namedDeployment() -> Int? {
        let fitting = serving.deployments.indices.filter {
            speaksOwnDialect(serving.deployments[$0]) && !serving.deployments[$0].deployment.isSandbox
        }
        let name = passed?.head.provider ?? []
        if let found = fitting.first(where: { serving.deployments[$0].name == name }) { return found }
        if name.isEmpty, fitting.count == 1 { return fitting[0] }
        guard !fitting.isEmpty else {
            refuse(.notServedByProvider)
            return nil
        }
        var message = ErrorMessage()
        message.near = fitting.map { serving.deployments[$0].name }
        refuse(.providerNotNamed, message)
        return nil
    }

    // MARK: The call

    func callPassed(_ request: PassedRequest, _ candidate: Candidate, _ runtime: DeploymentRuntime) {
        guard let passed else { return }
        let conversation = runtime.deployment.paths.whole.bytes(model: candidate.upstreamModel)
        let named = receipt.endpoint == .realtime ? candidate.upstreamModel : nil
        guard let path = passed.path(receipt.endpoint, inPlaceOf: conversation, model: named) else {
            return refuse(.notServedByProvider)
        }
        let isOpen = passed.form?.isOpen ?? false
        let pieces =
            passed.method == .post && passed.object.isEmpty
            ? request.forwarded(
                body, model: candidate.upstreamModel == request.model ? nil : candidate.upstreamModel,
                objects: passed.objects, batchModels: passed.batchModels)
            : []
        let edited = pieces.reduce(0) { $0 + $1.readableBytes }
        let rest = isOpen ? (passed.form?.declared ?? 0) - body.readableBytes : 0
        let upstream = UpstreamRequest(
            deployment: runtime, path: path, body: pieces, length: edited + rest,
            acceptsEventStream: request.isStreamed,
            anthropicVersion: anthropicVersion, anthropicBeta: anthropicBeta, target: passed.target,
            key: upstreamKey, isOpen: isOpen)
        begin(upstream)
    }

    func upperBound(_ request: PassedRequest, _ price: Price) -> NanoUSD {
        let bound = PassedBound(request, context: price.context, maximumOutput: price.maximumOutput)
        let tokens = price.upperBound(inputBytes: bound.input, maximumOutput: bound.output, samples: bound.samples)
        // The units' cost is rounded half up: one more covers it.
        return bound.units.isEmpty ? tokens : tokens + price.cost(of: bound.units) + NanoUSD(1)
    }

    // MARK: The answer

    /// Books what an answer, or a stream so far, reports.
    func book(_ usage: PassedUsage, _ request: PassedRequest, _ candidate: Candidate) {
        let price = candidate.price
        let units = PassedPriceUnits(
            countsCharacters: price[.characters] > .zero, countsMilliseconds: price[.milliseconds] > .zero,
            countsImages: price[.images] > .zero,
            countsOutput: max(price[.output], price[.outputImage], price[.outputAudio]) > .zero)
        let booked = usage.booked(request, units)
        receipt.tokens = booked.usage
        if booked.isEstimated { receipt.flags.insert(.estimated) }
    }

    func answerPassed(_ request: PassedRequest, _ head: UpstreamHead, _ candidate: Candidate) {
        guard let client else { return }
        guard receipt.endpoint != .realtime else { return refuse(.upstreamMalformed) }
        var body = answer
        if !receipt.endpoint.namesModel, body.readableBytes > 0 {
            guard let tagged = TaggedAnswer.write(body, receipt.endpoint, tag: tag(candidate)) else {
                return refuse(.upstreamMalformed)
            }
            body = tagged
        }
        intern(candidate)
        book(PassedUsage.read(answer), request, candidate)
        receipt.status = head.status
        receipt.completion = .complete
        settle(cost: candidate.price.cost(of: receipt.tokens))
        let reply = answerHead(head, candidate)
        clocks.answered()
        close()
        client.send(reply, body: body)
        client.flush()
    }
}

extension ClientRequest {
    /// A good answer is bytes that go on as they come.
    var answersBytes: Bool {
        passed?.endpoint.answersBytes ?? false
    }
}
