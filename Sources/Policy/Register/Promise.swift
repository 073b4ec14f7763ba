public import Vocabulary

/// One sentence of a published privacy policy as a capability that can be tested, with what keeps it and what proves it.
public struct Promise: Sendable {
    public var id: PromiseID
    /// What is promised, in our words.
    public var sentence: String
    public var scope: Scope
    /// What keeps it; of a promise that is not yet kept, what stands of it and what is missing.
    public var mechanism: String
    /// Tests of this repository that fail when it is broken.
    public var proofs: [Proof]
    public var makers: Makers
    /// The issue or later round that builds it, or built it (`RULES.md` 44–45).
    public var home: Home
    public var state: State

    public enum State: Equatable, Sendable {
        /// The code of today keeps it, and the proofs show it.
        case kept
        case notYet
        case notApplicable(why: String)

        public var name: String {
            switch self {
            case .kept: "kept"
            case .notYet: "not_yet"
            case .notApplicable: "not_applicable"
            }
        }
    }

    /// What the promise is about.
    public enum Scope: String, CaseIterable, Sendable {
        case relay
        case telemetry
        case logs
        case keys
        case audit
        case accounts
        case billing
        case privateAI = "private_ai"
        case sharing
        case rights
        case retention
        case site
        case operations
    }

    /// Which profiles make the promise.
    public enum Makers: Sendable {
        /// The profile of the policy it is from.
        case own
        /// That one and `strict`, which makes every promise that keeps less or shows less.
        case ownAndStrict
        /// All six, because no setting could break it.
        case everyone
    }

    public func isMade(by profile: ProfileID) -> Bool {
        switch makers {
        case .own: profile == id.seed.profile
        case .ownAndStrict: profile == id.seed.profile || profile == .strict
        case .everyone: true
        }
    }

    /// As a refusal tells it: the id and the sentence that would be broken.
    public var quoted: String { "\(id): \(sentence)" }

    public var profiles: [ProfileID] { ProfileID.allCases.filter { isMade(by: $0) } }
}

/// A test that exists: its file from the repository's `Tests`, and its function's name.
public struct Proof: Equatable, Sendable {
    public var file: String
    public var test: String

    init(_ file: String, _ test: String) {
        self.file = file
        self.test = test
    }
}

/// Where a promise is built.
public enum Home: Equatable, Sendable {
    case issue(Int)
    case later(Round)

    /// The later rounds of `RULES.md` 45 that promises wait for.
    public enum Round: String, CaseIterable, Sendable {
        case payments = "payment processors and invoices"
        case controlPlane = "the self-hosted relay's control plane"
        case privateAI = "private AI"
    }

    public var text: String {
        switch self {
        case .issue(let number): "issue \(number)"
        case .later(let round): "later: \(round.rawValue)"
        }
    }
}
