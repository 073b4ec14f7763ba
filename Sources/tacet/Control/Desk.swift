import Accounts
import Console
import Foundation
import Records
import Secrets
import Vocabulary

/// Performs the command line's verbs on one data directory: in the server, or in the command when no server runs.
struct Desk: Sendable {
    var keys: Keys
    var receipts: ReceiptStore
    var book: LedgerBook
    var names: CatalogueNames
    var audit: AuditLog
    var vault: VaultDoor
    var rights: Rights
    var spending: SpendingStore
    var alerts: AlertStore
    var legal: LegalStore
    var incidents: IncidentStore
    var decisions: DecisionStore
    /// What receipts are verified against: 32 bytes.
    var installationKey: [UInt8]
    /// Called after a key was made or revoked, so that a running server knows at once.
    var keysChanged: @Sendable () -> Void = {}
    /// Writes what the router counted in memory, and has it follow what was decided; only a server has any.
    var writeDecisions: @Sendable () throws(StorageFault) -> Void = {}
    /// What outcomes taught; only a server learns.
    var learning: LearningDesk?
    /// Tells how a request turned out; `false` when it is none of those that are remembered. Only a server remembers any.
    var tellOutcome: (@Sendable (RequestID, Bool) -> Bool)?
    /// Brings the journal's newest records into the ledger first; only a server has any.
    var drain: @Sendable () async -> Void = {}
    var reload: (@Sendable () async -> DeskReply)?
    /// Whom a running server obeys; only it has one.
    var gate: OperatorGate?
    /// Writes to the owners and admins of organisations; to how many. Only a server with a mail server can.
    var tell: @Sendable (Announcement, [OrganisationID]) throws(StorageFault) -> Int = { _, _ in 0 }

    /// - Parameter user: who asks.
    @concurrent func perform(_ request: DeskRequest, by user: OperatorUser?) async -> DeskReply {
        do throws(StorageFault) {
            if let answer = try admit(request, by: user) { return answer }
            // Written first: an act without its entry would be an act unseen.
            if let act = request.act { try record(act, .begun, by: user) }
            let reply = try await answer(request)
            if let act = request.act, reply.failure != nil { try record(act, .failed, by: user) }
            return reply
        } catch {
            return .failed(FaultText.of(error))
        }
    }

    func record(
        _ act: AuditedAct, _ result: AuditEntry.Result, by user: OperatorUser?
    ) throws(StorageFault) {
        try audit.append(
            act.action, by: .operator, organisation: act.organisation, fields: by(user) + act.digested(keys.hasher),
            result: result, at: .now)
    }

    private func answer(_ request: DeskRequest) async throws(StorageFault) -> DeskReply {
        switch request {
        case .createKey(let name, let terms, let isTest): return try create(name, terms, isTest)
        case .listKeys: return DeskReply(lines: try keys.list().map { KeyLine($0).json })
        case .revokeKey(let name): return try revoke(name)
        case .setKey(let name, let words): return try set(name, words)
        case .listReceipts(let since, let until, let key, let model, let limit):
            await drain()
            return try list(since, until, key, model, limit)
        case .showReceipt(let text):
            await drain()
            return try show(text)
        case .verifyReceipts:
            await drain()
            var check = ReceiptCheck(installationKey: installationKey)
            try receipts.export { check.add($0) }
            return check.reply(isWhole: true)
        case .exportReceipts(let since):
            await drain()
            var lines: [[UInt8]] = []
            try receipts.export(since: since.map(Moment.init(microseconds:))) { lines.append($0) }
            return DeskReply(lines: lines)
        case .promote(let amount, let organisation, let key, let priority, let expiresAt):
            return try grant(
                amount, organisation, key, 0,
                promotion: LedgerBook.Promotion(priority: priority, expiresAt: Moment(microseconds: expiresAt)))
        case .grant(let amount, let organisation, let key, let note):
            return try grant(amount, organisation, key, note)
        case .correct(let kind, let payment, let organisation, let amount, let key):
            return try correct(kind, of: payment, OrganisationID(organisation), NanoUSD(amount), key)
        case .listAlerts(let limit):
            let names = try keys.list()
            return DeskReply(lines: try alerts.list(limit: limit).map { JSONLine.of(AlertLine($0, names)) })
        case .listBudgets: return try listBudgets()
        case .setBudget(let owner, let period, let amount, let action, let substitute):
            return try setBudget(owner, period, amount, action, substitute)
        case .removeBudget(let owner, let period): return try removeBudget(owner, period)
        case .setLimits(let owner, let requests, let tokens, let inFlight):
            return try setLimits(
                owner, RateLimits(requestsPerMinute: requests, tokensPerMinute: tokens, inFlight: inFlight))
        case .ledgerBalance: return try ledgerBalance()
        case .ledgerStatement(let account, let limit): return try ledgerStatement(account, limit)
        case .ledgerCheck: return try ledgerCheck()
        case .setProviderKey(let provider, let key, let organisation):
            return setProviderKey(provider, key, OrganisationID(organisation))
        case .listProviderKeys(let organisation): return listProviderKeys(OrganisationID(organisation))
        case .deleteProviderKey(let provider, let organisation):
            return deleteProviderKey(provider, OrganisationID(organisation))
        case .rotateProviderKeys(let master, let organisation):
            return rotateProviderKeys(master: master, OrganisationID(organisation))
        case .showRights(let organisation): return try showRights(organisation)
        case .applyRight(let name, let organisation):
            // What is still in the journal belongs to the organisation too.
            await drain()
            return try applyRight(name, organisation)
        case .enterRequest(let kind, let organisation, let tells): return try enterRequest(kind, organisation, tells)
        case .answerRequest(let id, let outcome): return try answerRequest(id, outcome)
        case .rightsRequests: return try listRequests()
        case .deletionProofs: return try listProofs()
        case .tighten(let knob, let value, let organisation):
            return try tighten(knob, value, OrganisationID(organisation))
        case .exportAccount(let organisation):
            await drain()
            return exportAccount(OrganisationID(organisation))
        case .importAccount(let path, let organisation):
            await drain()
            return try importAccount(path, OrganisationID(organisation))
        case .acceptPage(let page, let organisation, let member):
            return try acceptPage(page, OrganisationID(organisation), MemberID(member))
        case .listAcceptances: return try listAcceptances()
        case .announceIncident(let kind, let concerns, let from, let until):
            return try announceIncident(
                kind, concerns, from: Moment(microseconds: from), until: until.map(Moment.init(microseconds:)))
        case .endIncident(let id, let end): return try endIncident(id, at: Moment(microseconds: end))
        case .listIncidents: return try listIncidents()
        case .aggregates(let days):
            await drain()
            return try aggregates(days: days)
        case .auditLog(let limit): return try listAuditLog(limit)
        case .verifyAuditLog(let head): return try verifyAuditLog(head)
        case .listProposals: return try listProposals()
        case .approveProposal(let id, let isApproved): return try approveProposal(id, isApproved)
        case .listTrials: return try listTrials()
        case .listPrefixBreaks: return try listPrefixBreaks()
        case .restartTrial: return try restartTrial()
        // `admit` answers it before anything else.
        case .breakGlass: return DeskReply()
        case .tellOutcomes(let ids, let good): return tellOutcomes(ids, good)
        case .listLearning: return try listLearning()
        case .forgetLearning(let organisation): return try forgetLearning(OrganisationID(organisation))
        case .reload:
            return await reload?() ?? .failed("No server runs on this data directory: there is nothing to reload.")
        }
    }

    private func create(
        _ name: String, _ line: KeyTermsLine, _ isTest: Bool
    ) throws(StorageFault) -> DeskReply {
        let terms: KeyTerms
        do throws(Failure) {
            terms = try line.terms()
        } catch {
            return .failed(error.text, code: 2)
        }
        let organisation = line.organisation.map { OrganisationID($0) } ?? .home
        if let objection = try rights.policy(of: organisation).objection(to: terms.decisions) {
            return .failed("\(objection).", code: 2)
        }
        var (text, record) = try keys.create(
            name: name, terms, environment: isTest ? .test : .live, of: organisation, at: .now)
        defer { wipe(&text) }
        keysChanged()
        var line = KeyLine(record)
        line.key = String(decoding: text, as: UTF8.self)
        return DeskReply(lines: [line.json])
    }

    private func set(_ name: String, _ words: DecisionWords) throws(StorageFault) -> DeskReply {
        guard let key = try keys.live(name) else { return noSuchKey }
        var decisions = key.decisions
        do throws(Failure) {
            try words.apply(to: &decisions)
        } catch {
            return .failed(error.text, code: 2)
        }
        if let objection = try rights.policy(of: key.organisation).objection(to: decisions) {
            return .failed("\(objection).", code: 2)
        }
        guard let record = try keys.decide(key.id, decisions) else { return noSuchKey }
        keysChanged()
        return DeskReply(lines: [KeyLine(record).json])
    }

    private var noSuchKey: DeskReply {
        .failed("There is no live key of this id or name. `tacet keys list` shows them.")
    }

    private func revoke(_ name: String) throws(StorageFault) -> DeskReply {
        guard let record = try keys.revoke(name, at: .now) else { return noSuchKey }
        keysChanged()
        return DeskReply(lines: [KeyLine(record).json])
    }

    private func list(
        _ since: Int64?, _ until: Int64?, _ key: String?, _ model: String?, _ limit: Int
    ) throws(StorageFault) -> DeskReply {
        var filter = ReceiptStore.Filter(
            since: since.map(Moment.init(microseconds:)), until: until.map(Moment.init(microseconds:)), limit: limit)
        if let key {
            guard let found = try keys.list().last(where: { $0.name == key || $0.id.text == key }) else {
                return .failed("There is no key of this id or name. `tacet keys list` shows them.")
            }
            filter.key = found.id
        }
        if let model { filter.model = ModelID(stableNumber(of: model.utf8)) }
        return DeskReply(lines: try receipts.list(filter).map { $0.json() })
    }

    private func show(_ text: String) throws(StorageFault) -> DeskReply {
        guard let id = RequestID(text: Array(text.utf8)) else {
            return .failed("A request id is `req_` and 26 characters, as in the header x-tacet-request-id.", code: 2)
        }
        guard let stored = try receipts.receipt(id) else { return .failed("There is no receipt of this id.") }
        return DeskReply(lines: [stored.json()])
    }
}

enum JSONLine {
    /// One line, members sorted.
    static func of(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { Array($0) } ?? []
    }

    /// The values of an answer, one a line.
    static func all<Value: Decodable>(_ type: Value.Type, in lines: [[UInt8]]) throws -> [Value] {
        try lines.map { try JSONDecoder().decode(type, from: Data($0)) }
    }

    /// The one value of an answer.
    static func first<Value: Decodable>(_ type: Value.Type, in lines: [[UInt8]]) throws -> Value {
        guard let value = try all(type, in: Array(lines.prefix(1))).first else {
            throw Failure(text: "There was no answer.")
        }
        return value
    }
}

extension Moment {
    /// The system's clock.
    static var now: Moment { Moment(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

    /// ISO 8601 in UTC, to the second.
    var text: String { Date(timeIntervalSince1970: Double(microseconds / 1_000_000)).ISO8601Format() }
}

/// What a closed fault means to the person at the terminal.
enum FaultText {
    static func of(_ fault: StorageFault) -> String {
        switch fault {
        case .notADirectory: "The data directory is not a directory. Name another one with --data PATH."
        case .notWritable: "The data directory cannot be written by this user. Mend its rights, or give --data PATH."
        case .lockedByAnotherServer:
            "Another server already serves from this data directory. Stop it, or give this one its own with --data PATH."
        case .diskFull: "The disk of the data directory is full."
        case .newerSchema: "The ledger was written by a later version of Tacet. Use that version."
        case .damaged: "The ledger or a file beside it is damaged (\(fault.name))."
        case .busy: "Another process holds the ledger for too long. Try again."
        case .nameTaken: "There is a live key of this name. Choose another, or revoke that one."
        case .badName: "A key's name has 1 to 64 characters and no control characters."
        default: "The data directory could not be used (\(fault.name), code \(fault.code))."
        }
    }

    static func of(_ fault: KeyFileFault) -> String {
        fault == .openToOthers
            ? "A key file in the data directory may be read by others. Set its mode to 0600."
            : "A key file in the data directory cannot be used (\(fault.name))."
    }
}
