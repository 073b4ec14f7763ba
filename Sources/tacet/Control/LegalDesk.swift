import Accounts
import Console
import Foundation
import Policy
import Records
import Vocabulary

/// Verbs about archives, tightened knobs, agreed pages, incidents and aggregates.
extension Desk {
    func tighten(_ knob: String, _ value: String, _ organisation: OrganisationID) throws(StorageFault) -> DeskReply {
        if let fault = try rights.tighten(knob, value, of: organisation) {
            return .failed("\(knob) cannot be `\(value)`: \(PolicyFaultText.of(fault)). Nothing was changed.", code: 2)
        }
        keysChanged()
        return DeskReply(lines: [
            JSONLine.of(TightenedLine(organisation: organisation.value, knob: knob, value: value))
        ])
    }

    func exportAccount(_ organisation: OrganisationID) -> DeskReply {
        do throws(ArchiveFault) {
            return DeskReply(lines: [Array(Data(try rights.export(organisation, at: .now)).base64EncodedData())])
        } catch {
            return .failed(Self.text(error))
        }
    }

    func importAccount(_ path: String, _ organisation: OrganisationID) throws(StorageFault) -> DeskReply {
        guard try rights.life(of: organisation).phase == .active else {
            return .failed("The organisation is being deleted, or is gone. Nothing was changed.")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            return .failed("\(path) cannot be read.", code: 2)
        }
        do throws(ArchiveFault) {
            let restored = try rights.restore(Array(data), to: organisation)
            keysChanged()
            return DeskReply(lines: [JSONLine.of(ImportLine(rows: restored.rows, kept: restored.kept))])
        } catch {
            return .failed(Self.text(error) + " Nothing was changed.")
        }
    }

    private static func text(_ fault: ArchiveFault) -> String {
        switch fault {
        case .notAnArchive: "This is no archive of `tacet rights export`, or it was packed again."
        case .foreign: "Another installation signed this archive, or its manifest was changed."
        case .changed(let file): "The archive was changed: \(file) is not what was signed."
        case .otherSchema: "The archive was made by another version of Tacet: its tables are not this ledger's."
        case .otherOrganisation(let organisation): "The archive is of organisation \(organisation.value)."
        case .contradicts(let table): "A row of \(table) in the archive cannot stand beside what is there."
        case .storage(let fault): FaultText.of(fault)
        }
    }

    func acceptPage(
        _ name: String, _ organisation: OrganisationID, _ member: MemberID
    ) throws(StorageFault) -> DeskReply {
        guard let subject = Agreements.Point.Subject(name) else {
            return .failed("One agrees to privacy, terms, dpa or age.", code: 2)
        }
        guard let point = try rights.agreements.inForce(at: .now).first(where: { $0.subject == subject }) else {
            return .failed(
                subject == .age
                    ? "The profile asks nobody for an age."
                    : "/legal/\(name) is not published: there is nothing to agree to.")
        }
        let row = MemberRow(id: member, organisation: organisation, person: 0, role: .viewer, joinedAt: .now)
        try rights.agreements.agree(point, as: row, at: .now)
        return try listAcceptances()
    }

    func listAcceptances() throws(StorageFault) -> DeskReply {
        DeskReply(lines: try legal.acceptances().map { JSONLine.of(AcceptanceLine($0)) })
    }

    func announceIncident(
        _ kind: String, _ concerns: [String], from: Moment, until: Moment?
    ) throws(StorageFault) -> DeskReply {
        guard let kind = Incident.Kind.allCases.first(where: { $0.name.description == kind }) else {
            return .failed("An incident is one of: unavailable, disclosed, lost, altered.", code: 2)
        }
        let known = concerns.compactMap { name in
            Incident.Concern.allCases.first { $0.name.description == name }
        }
        guard known.count == concerns.count else {
            return .failed("It concerns any of: gateway_keys, provider_keys, receipts, accounts.", code: 2)
        }
        let now = Moment.now
        guard from <= now, until ?? now <= now, from <= until ?? now else {
            return .failed("An incident begins before it ends, and neither in the future.", code: 2)
        }
        let affected = try incidents.announce(kind, known, from: from, until: until, at: now)
        let told = try tell(.incident(kind, from: from), affected)
        // The newest number is the one just announced.
        let lines = try incidents.list().map { IncidentLine($0) }
        let announced = lines.map(\.id).max()
        return DeskReply(
            lines: lines.map { line in
                var line = line
                if line.id == announced { line.told = told }
                return JSONLine.of(line)
            })
    }

    func endIncident(_ id: Int64, at end: Moment) throws(StorageFault) -> DeskReply {
        guard end <= .now, try incidents.end(id, at: end) else {
            return .failed("No incident of this number goes on, or it began later.")
        }
        return try listIncidents()
    }

    func listIncidents() throws(StorageFault) -> DeskReply {
        DeskReply(lines: try incidents.list().map { JSONLine.of(IncidentLine($0)) })
    }

    func aggregates(days: Int) throws(StorageFault) -> DeskReply {
        let now = Moment.now
        let lines = try rights.aggregates(since: now.adding(days: -Int64(days)), until: now)
        guard let lines else {
            return .failed("The profile has improve_from_aggregates: off. Nothing is looked at for improvement.")
        }
        return DeskReply(lines: lines.map { JSONLine.of(AggregateLine($0)) })
    }
}

struct TightenedLine: Codable {
    var organisation: UInt64
    var knob: String
    var value: String
}

struct ImportLine: Codable {
    var rows: Int
    var kept: Int
}

struct AcceptanceLine: Codable {
    var page: String
    var version: Int64
    var organisation: UInt64
    var member: UInt64
    var at: String

    init(_ acceptance: Acceptance) {
        page = Agreements.Point.Subject(number: acceptance.page)?.name ?? String(acceptance.page)
        version = acceptance.number
        organisation = acceptance.organisation.value
        member = acceptance.member.value
        at = acceptance.at.text
    }
}

struct IncidentLine: Codable {
    var id: Int64
    var kind: String
    var concerns: [String]
    var began_at: String
    var ended_at: String?
    var announced_at: String
    var affected: Int
    /// To how many people it was told by mail, in the answer to its announcement.
    var told: Int?

    init(_ incident: Incident) {
        id = incident.id
        kind = incident.kind.name.description
        concerns = incident.concerns.map(\.name.description)
        began_at = incident.beganAt.text
        ended_at = incident.endedAt?.text
        announced_at = incident.announcedAt.text
        affected = incident.affected
    }
}

/// Counts over at least `UsageStore.minimumGroup` organisations.
struct AggregateLine: Codable {
    var category: String
    var organisations: Int64
    var requests: Int64
    var failed: Int64
    var input_tokens: Int64
    var cached_tokens: Int64
    var output_tokens: Int64
    var saved_nano_usd: Int64

    init(_ line: UsageStore.Aggregate) {
        category = line.category.name.description
        organisations = line.organisations
        requests = line.sums.requests
        failed = line.sums.failed
        input_tokens = line.sums.inputTokens
        cached_tokens = line.sums.cachedTokens
        output_tokens = line.sums.outputTokens
        saved_nano_usd = line.sums.saved.value
    }
}
