import Synchronization
import Vocabulary

/// Which model names the journal has, and how many new ones each organisation has brought (`RULES.md` 12).
final class ModelNames: Sendable {
    /// Names outside the catalogue that one organisation may add.
    static let capPerOrganisation = 1000

    private struct State {
        var journaled: Set<ModelID> = []
        var admitted: [OrganisationID: Set<ModelID>] = [:]
    }

    private let state = Mutex(State())

    /// Whether a name outside the catalogue may be kept; `false` beyond the organisation's cap.
    func admits(_ model: ModelID, of organisation: OrganisationID) -> Bool {
        state.withLock { state in
            let known = state.admitted[organisation, default: []]
            if known.contains(model) { return true }
            guard known.count < Self.capPerOrganisation else { return false }
            state.admitted[organisation, default: []].insert(model)
            return true
        }
    }

    /// `true` once for each model.
    func isNew(_ model: ModelID) -> Bool { state.withLock { $0.journaled.insert(model).inserted } }
}
