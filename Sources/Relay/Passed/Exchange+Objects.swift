import NIOCore
import Planning
import Secrets
import Vocabulary
import Wire

/// What providers keep for an organisation: its ids leave with a tag and come back in with it alone (`RULES.md` 8).
extension Exchange {
    /// The provider's id and deployment of an object that this organisation was given (`RULES.md` 8). Another's is as
    /// unknown as one that never was.
    func find(_ object: [UInt8]) -> (name: [UInt8], deployment: Int)? {
        guard let (name, tag) = ProviderObject.split(object) else { return nil }
        let hasher = loop.shared.doors.hasher
        for (index, runtime) in serving.deployments.enumerated()
        where hasher.isTag(tag, of: name, grant.organisation, runtime.id) {
            return (name, index)
        }
        return nil
    }

    /// Puts the provider's own ids in place of the tagged ones that the body names its files by. An id without a tag was
    /// never given by Tacet: it is one of the operator's own, made with the provider, and passes as it came.
    ///
    /// - Returns: `false` when a tag is not the caller's, or the files are with different providers.
    func resolveReferences() -> Bool {
        guard let references = ObjectReferences.find(body) else { return true }
        var names: [[UInt8]] = []
        for reference in references.names {
            guard reference.contains(0x2e) else {
                names.append(reference)
                continue
            }
            guard let found = find(reference), found.deployment == referenced ?? found.deployment else { return false }
            referenced = found.deployment
            names.append(found.name)
        }
        if referenced != nil { body = references.replaced(in: body, by: names) }
        return true
    }

    func holdingReferences(_ plan: Plan) -> Plan? {
        guard let referenced else { return plan }
        var plan = plan
        plan.candidates.removeAll { $0.deployment != referenced }
        return plan.candidates.isEmpty ? nil : plan
    }

    /// The provider's own id of an earlier answer or a conversation. One without a tag is as unknown as one with
    /// another's: both can hold what others wrote.
    func ownID(_ id: [UInt8]) -> [UInt8]? {
        guard let found = find(id), found.deployment == referenced ?? found.deployment else { return nil }
        referenced = found.deployment
        return found.name
    }

    /// Whether the ids of the answer at hand are to be tagged: it passes as it is, and its provider keeps it.
    var keepsTags: Bool { dialect == .openAIResponses && request?.isKept == true }

    func tagged(_ answer: ByteBuffer, _ candidate: Candidate) -> ByteBuffer? {
        keepsTags ? TaggedAnswer.write(answer, receipt.endpoint, tag: tag(candidate)) : answer
    }

    /// The tag of an id of a candidate's provider.
    func tag(_ candidate: Candidate) -> @Sendable ([UInt8]) -> [UInt8] {
        let (hasher, organisation) = (loop.shared.doors.hasher, grant.organisation)
        let deployment = serving.deployments[candidate.deployment].id
        return { hasher.tag(of: $0, organisation, deployment) }
    }
}
