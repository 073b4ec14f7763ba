import Accounts
import Console
import Policy
import Records
import Vocabulary

/// The verbs of `tacet rights`.
extension Desk {
    func applyRight(_ name: String, _ organisation: UInt64) throws(StorageFault) -> DeskReply {
        guard let event = RightsVerb(rawValue: name)?.event else {
            return .failed("There is no such right. `tacet rights --help` names them.", code: 2)
        }
        let organisation = OrganisationID(organisation)
        if let refusal = try rights.apply(event, to: organisation, at: .now) {
            switch refusal {
            case .isDeleted: return .failed("The organisation is being deleted, or is gone. Nothing was changed.")
            case .isNotDeleted: return .failed("No deletion was asked for: there is nothing to take back.")
            case .isTooLate: return .failed("The time in which the deletion could be taken back is over.")
            }
        }
        let proofs = try rights.work(at: .now)
        keysChanged()
        var lines = [JSONLine.of(LifeLine(organisation, try rights.life(of: organisation)))]
        lines += proofs
        return DeskReply(lines: lines)
    }

    func showRights(_ organisation: UInt64) throws(StorageFault) -> DeskReply {
        let organisation = OrganisationID(organisation)
        return DeskReply(lines: [JSONLine.of(LifeLine(organisation, try rights.life(of: organisation)))])
    }

    func enterRequest(_ kind: String, _ organisation: UInt64, _ tells: Bool) throws(StorageFault) -> DeskReply {
        guard let kind = RightsRequest.Kind.allCases.first(where: { $0.name.description == kind }) else {
            let names = RightsRequest.Kind.allCases.map(\.name.description).joined(separator: ", ")
            return .failed("A request is one of: \(names).", code: 2)
        }
        guard kind == .authority || !tells else {
            return .failed("Only an authority's request is told of: who asked for something else knows.", code: 2)
        }
        let now = Moment.now
        let request = try rights.store.enter(
            kind, of: OrganisationID(organisation), at: now,
            dueAt: now.adding(days: try rights.terms(of: OrganisationID(organisation)).answerDays))
        var line = RequestLine(request, now: now)
        if tells { line.told = try tell(.authority, [OrganisationID(organisation)]) }
        return DeskReply(lines: [JSONLine.of(line)])
    }

    func answerRequest(_ id: Int64, _ outcome: String) throws(StorageFault) -> DeskReply {
        guard let outcome = RightsRequest.Outcome.allCases.first(where: { $0.name.description == outcome }) else {
            return .failed("An outcome is one of: done, refused, withdrawn.", code: 2)
        }
        guard try rights.store.answer(id, outcome, at: .now) else {
            return .failed("There is no open request of this number. `tacet rights requests` lists them.")
        }
        return try listRequests()
    }

    func listRequests() throws(StorageFault) -> DeskReply {
        let now = Moment.now
        return DeskReply(lines: try rights.store.requests().map { JSONLine.of(RequestLine($0, now: now)) })
    }

    func listProofs() throws(StorageFault) -> DeskReply { DeskReply(lines: try rights.store.proofs()) }
}

/// What can be asked of an organisation's standing, by its name on the command line.
enum RightsVerb: String, CaseIterable {
    case withdrawConsent = "withdraw-consent"
    case giveConsent = "give-consent"
    case restrict
    case unrestrict
    case object
    case unobject
    case delete
    case deleteNow = "delete-now"
    case restore

    var event: AccountLife.Event {
        switch self {
        case .withdrawConsent: .withdrawConsent
        case .giveConsent: .giveConsent
        case .restrict: .restrict
        case .unrestrict: .unrestrict
        case .object: .object
        case .unobject: .unobject
        case .delete: .requestDeletion(isFinal: false)
        case .deleteNow: .requestDeletion(isFinal: true)
        case .restore: .cancelDeletion
        }
    }

    var action: AuditEntry.Action {
        switch self {
        case .withdrawConsent: .consentWithdraw
        case .giveConsent: .consentGive
        case .restrict: .restrict
        case .unrestrict: .unrestrict
        case .object: .object
        case .unobject: .unobject
        case .delete, .deleteNow: .deletionRequest
        case .restore: .deletionCancel
        }
    }
}

/// An organisation's standing as the command line shows it.
struct LifeLine: Codable, Equatable {
    var organisation: UInt64
    var phase: String
    var consent: Bool
    var restricted: Bool
    var objects: Bool
    var secrets_gone: Bool
    var deleted_at: String?
    var purge_at: String?
    var purged_at: String?
    var late: Bool

    init(_ organisation: OrganisationID, _ life: AccountLife) {
        self.organisation = organisation.value
        consent = life.hasConsent
        restricted = life.isRestricted
        objects = life.objects
        secrets_gone = life.secretsAreGone
        late = life.isLate(at: .now)
        switch life.phase {
        case .active: phase = "active"
        case .deleted(let at, let end):
            phase = "deleted"
            deleted_at = at.text
            purge_at = end.text
        case .purged(let at):
            phase = "purged"
            purged_at = at.text
        case .closed: phase = "closed"
        }
    }
}

/// A line of the register of requests.
struct RequestLine: Codable, Equatable {
    var id: Int64
    var organisation: UInt64
    var kind: String
    var received_at: String
    var due_at: String
    var answered_at: String?
    var outcome: String?
    var late: Bool
    /// To how many people it was told by mail, in the answer to its entry.
    var told: Int?

    init(_ request: RightsRequest, now: Moment) {
        id = request.id
        organisation = request.organisation.value
        kind = request.kind.name.description
        received_at = request.receivedAt.text
        due_at = request.dueAt.text
        answered_at = request.answeredAt?.text
        outcome = request.outcome?.name.description
        late = (request.answeredAt ?? now) > request.dueAt
    }
}
