public import Vocabulary

/// What an installation promises: one of the six profiles, and what its operator or an organisation set tighter.
///
/// A profile of the operator's own extends one of the six. It may not loosen what that one promises; knobs without an order
/// are the deployment's to choose.
public struct DeploymentPolicy: Equatable, Sendable {
    /// Whose promises are made.
    public let base: ProfileID
    /// Knobs by name with another value than the base's.
    public private(set) var changed: [String: String] = [:]

    public init(_ base: ProfileID) { self.base = base }

    /// Why a value cannot be had.
    public enum Fault: Error, Equatable, Sendable {
        case unknownKnob(String)
        /// What is allowed.
        case unknownValue(knob: String, allowed: [String])
        /// It would keep or show more than is promised; the sentences it would break.
        case looser(knob: String, promised: String, broken: [PromiseID])
        /// A knob without an order is the deployment's alone.
        case deploymentOnly(knob: String)
    }

    /// - Parameter changed: knobs by name; a value that is the base's own changes nothing.
    public init(extending base: ProfileID, _ changed: [String: String]) throws(Fault) {
        self.base = base
        for (name, value) in changed.sorted(by: { $0.key < $1.key }) { try set(name, value, byOrganisation: false) }
    }

    /// The same, with what an organisation tightened. What its deployment has become tighter than stays.
    public func tightened(by wanted: [String: String]) -> DeploymentPolicy {
        var policy = self
        for (name, value) in wanted { try? policy.set(name, value, byOrganisation: true) }
        return policy
    }

    /// Sets one knob, never looser than now.
    public mutating func set(_ name: String, _ value: String, byOrganisation: Bool) throws(Fault) {
        guard let knob = ProfileTable.knob(name) else { throw .unknownKnob(name) }
        guard knob.values.contains(value) else { throw .unknownValue(knob: name, allowed: knob.values) }
        let now = self.value(of: knob)
        if knob.isOrdered {
            guard knob.mayTighten(to: value, under: now) else {
                throw .looser(knob: name, promised: now, broken: knob.promises(madeBy: base))
            }
        }
        if byOrganisation, knob.changer == .deployment { throw .deploymentOnly(knob: name) }
        changed[name] = value == knob.value(in: base) ? nil : value
    }

    public func value(of knob: Knob) -> String { changed[knob.name] ?? knob.value(in: base) }

    /// - Precondition: there is such a knob.
    public func value(of name: String) -> String { ProfileTable.knob(name).map { value(of: $0) } ?? "" }

    /// What the code paths follow.
    public var profile: PolicyProfile {
        var profile = PolicyProfile(base)
        profile.unencryptedSwap = value(of: "unencrypted_swap") == "refused" ? .refused : .allowed
        profile.logRetentionDays = Int64(value(of: "log_retention_days")) ?? profile.logRetentionDays
        profile.usageRetentionMonths = Int64(value(of: "roll_up_months"))
        profile.accountFields =
            switch value(of: "account_fields") {
            case "named": .named
            case "business": .business
            default: .mailOnly
            }
        profile.snapshotMaxAge = Int64(value(of: "snapshot_max_age_seconds")) ?? profile.snapshotMaxAge
        return profile
    }

    /// Whether this installation makes a promise. One of a single policy that keeps more than others is not made where its
    /// knob was set tighter: nobody can count on thirty days of recovery that were given up.
    public func makes(_ promise: Promise) -> Bool {
        guard promise.isMade(by: base) else { return false }
        guard case .own = promise.makers else { return true }
        return !changed.keys.contains { ProfileTable.knob($0)?.promises.contains(promise.id) ?? false }
    }

    /// Whether it is kept from where a request came.
    public var origins: OriginKeeping {
        switch value(of: "client_address") {
        case "full": .whole
        case "truncated": .network
        default: .none
        }
    }

    /// Who may have prompts shortened.
    public var compression: CompressionLeave {
        switch value(of: "compression") {
        case "by_key": .key
        case "on_request": .request
        default: .nobody
        }
    }

    /// Who may share a cached answer.
    public var cacheSharing: CacheSharing {
        switch value(of: "cache_scope") {
        case "organisation": .organisation
        case "key": .key
        default: .nobody
        }
    }

    /// The years that members confirm to have, where one of the promises about age is made (AI-16, AN-29).
    public var confirmedAge: Int64? {
        let promised: Set = [PromiseID(.aurixel, 16), PromiseID(.auxen, 29)]
        guard Register.promises.contains(where: { promised.contains($0.id) && $0.isMade(by: base) }) else { return nil }
        return value(of: "minimum_age") == "16" ? 16 : 13
    }

    /// Whether outcomes that callers tell may move the router's weights.
    public var learnsFromOutcomes: Bool { value(of: "outcome_learning") == "on" }

    public var promises: [Promise] { Register.promises.filter { makes($0) } }
}

extension Knob {
    /// The sentences of a profile that stand on this knob; those of anybody when the profile makes none of them itself.
    func promises(madeBy profile: ProfileID) -> [PromiseID] {
        let made = promises.filter { Register.promise($0)?.isMade(by: profile) ?? false }
        return made.isEmpty ? promises : made
    }
}
