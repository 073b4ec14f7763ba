public import Planning
import Synchronization
public import Vocabulary

/// What outcomes taught, by organisation, and hashed features of requests whose outcome may still come: in memory, for an
/// hour at most, and dropped once the outcome is known (`RULES.md` 23). Each call takes one short lock.
public final class OutcomeLearner: Sendable {
    /// Organisations that learn; each holds 320 KiB.
    static let organisations = 64
    /// Features that wait, all requests together: 8 MiB.
    static let waitingFeatures = 4 << 20
    private static let generation: Int64 = 1_800_000

    private struct Waiting {
        var organisation: OrganisationID
        var isControl: Bool
        var features: OutcomeLearning.Features
    }

    private struct State {
        var learned: [OrganisationID: OutcomeLearning] = [:]
        var changed: Set<OrganisationID> = []
        var young: [RequestID: Waiting] = [:]
        var old: [RequestID: Waiting] = [:]
        /// Of the young.
        var features = 0
        var turnsAt = Instant(microseconds: 0)
    }

    private let state = Mutex(State())

    public init() {}

    func correction(_ buckets: [UInt16], _ organisation: OrganisationID, base: UInt32) -> Float {
        state.withLock { state in
            guard let learned = state.learned[organisation], learned.base == base else { return 0 }
            return learned.correction(buckets)
        }
    }

    /// A request's outcome may be told from now on.
    func expect(
        _ id: RequestID, _ organisation: OrganisationID, isControl: Bool, _ features: OutcomeLearning.Features,
        at now: Instant
    ) {
        state.withLock { state in
            if now >= state.turnsAt || state.features >= Self.waitingFeatures / 2 {
                state.old = now >= state.turnsAt.after(milliseconds: Self.generation) ? [:] : state.young
                state.young = [:]
                state.features = 0
                state.turnsAt = now.after(milliseconds: Self.generation)
            }
            state.features += features.buckets.count + 16
            state.young[id] = Waiting(organisation: organisation, isControl: isControl, features: features)
        }
    }

    /// How a request turned out.
    public func take(_ id: RequestID, isGood: Bool) {
        state.withLock { state in
            guard let waiting = state.young.removeValue(forKey: id) ?? state.old.removeValue(forKey: id),
                state.learned[waiting.organisation] != nil || state.learned.count < Self.organisations
            else { return }
            // Other weights than those it corrects were read since: it begins anew.
            if state.learned[waiting.organisation]?.base != waiting.features.base {
                state.learned[waiting.organisation] = OutcomeLearning(base: waiting.features.base)
            }
            if waiting.isControl {
                state.learned[waiting.organisation]?.learn(controlIsGood: isGood)
            } else {
                state.learned[waiting.organisation]?.learn(waiting.features, isGood: isGood)
            }
            state.changed.insert(waiting.organisation)
        }
    }

    /// Takes up what was kept.
    public func restore(_ learned: OutcomeLearning, _ organisation: OrganisationID) {
        state.withLock { state in
            if state.learned.count < Self.organisations { state.learned[organisation] = learned }
        }
    }

    /// Forgets what organisations taught, and the requests of theirs that wait.
    /// - Parameter isGone: asked for each organisation.
    public func forget(where isGone: (OrganisationID) -> Bool) {
        state.withLock { state in
            state.learned = state.learned.filter { !isGone($0.key) }
            state.changed = state.changed.filter { !isGone($0) }
            state.young = state.young.filter { !isGone($0.value.organisation) }
            state.old = state.old.filter { !isGone($0.value.organisation) }
        }
    }

    /// What outcomes taught so far.
    public func all() -> [OrganisationID: OutcomeLearning] { state.withLock { $0.learned } }

    /// What changed since the last time.
    public func changed() -> [OrganisationID: OutcomeLearning] {
        state.withLock { state in
            defer { state.changed = [] }
            return state.learned.filter { state.changed.contains($0.key) }
        }
    }
}
