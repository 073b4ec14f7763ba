import Vocabulary

/// Something that was looked at on one installation.
public struct Fact: Equatable, Sendable {
    public var name: String
    /// The promises it stands behind.
    public var promises: [PromiseID]
    /// Whether it is as promised; `nil` when it could not be looked at.
    public var isSound: Bool?
    public var found: String

    public init(name: String, promises: [PromiseID], isSound: Bool?, found: String) {
        self.name = name
        self.promises = promises
        self.isSound = isSound
        self.found = found
    }
}

/// What `policy check` says of one promise on one installation.
public struct Verdict: Equatable, Sendable {
    public var id: PromiseID
    public var status: Status
    public var evidence: String

    public enum Status: String, CaseIterable, Sendable {
        case kept
        case broken
        case notYet = "not_yet"
        case notApplicable = "not_applicable"
    }

    /// One for every promise of the register, in its order.
    public static func all(of policy: DeploymentPolicy, facts: [Fact]) -> [Verdict] {
        Register.promises.map { verdict(on: $0, policy: policy, facts: facts) }
    }

    private static func verdict(on promise: Promise, policy: DeploymentPolicy, facts: [Fact]) -> Verdict {
        let facts = facts.filter { $0.promises.contains(promise.id) }
        let unsound = facts.filter { $0.isSound == false }
        func verdict(_ status: Status, _ evidence: String) -> Verdict {
            Verdict(id: promise.id, status: status, evidence: evidence)
        }
        if promise.state == .notYet {
            let found = facts.isEmpty ? "" : texts(facts) + "; "
            return verdict(.notYet, found + "\(promise.home.text): \(promise.mechanism)")
        }
        if !unsound.isEmpty {
            let found = texts(unsound)
            return policy.makes(promise)
                ? verdict(.broken, found)
                : verdict(.notApplicable, "the profile \(policy.base.name) does not promise this; \(found)")
        }
        if case .notApplicable(let why) = promise.state { return verdict(.notApplicable, why) }
        let tests = promise.proofs.map { "\($0.file) \($0.test)" }.joined(separator: ", ")
        return verdict(.kept, (facts.isEmpty ? "" : texts(facts) + "; ") + "tests: " + tests)
    }

    private static func texts(_ facts: [Fact]) -> String {
        facts.map { "\($0.name)\($0.isSound == nil ? " not checked" : ""): \($0.found)" }.joined(separator: "; ")
    }
}
