import Foundation
import Policy

/// What the command line can ask of a data directory, of the server that holds it or directly (`RULES.md` 34).
enum DeskRequest: Codable, Equatable, Sendable {
    case createKey(name: String, terms: KeyTermsLine, isTest: Bool)
    case listKeys
    case revokeKey(String)
    case setKey(String, decisions: DecisionWords)
    /// Microseconds since 1970; a model by its name.
    case listReceipts(since: Int64?, until: Int64?, key: String?, model: String?, limit: Int)
    case showReceipt(String)
    case verifyReceipts
    case exportReceipts(since: Int64?)
    /// Nano-USD.
    case grant(amount: Int64, organisation: UInt64, key: String, note: UInt64)
    /// Microseconds since 1970.
    case promote(amount: Int64, organisation: UInt64, key: String, priority: UInt8, expiresAt: Int64)
    /// `refund`, `dispute`, `dispute-won`, `dispute-lost` or `write-off`; a payment by its business key; nano-USD.
    case correct(kind: String, of: String?, organisation: UInt64, amount: Int64, key: String)
    case ledgerBalance
    /// An owner as `OwnerText` writes it.
    case listBudgets
    case listAlerts(limit: Int)
    case setBudget(owner: String, period: String, amount: Int64, at: String, substitute: String?)
    case removeBudget(owner: String, period: String)
    case setLimits(owner: String, requestsPerMinute: Int64?, tokensPerMinute: Int64?, inFlight: Int64?)
    case ledgerStatement(account: String, limit: Int)
    case ledgerCheck
    case setProviderKey(provider: String, key: String, organisation: UInt64)
    case listProviderKeys(organisation: UInt64)
    case deleteProviderKey(provider: String, organisation: UInt64)
    case rotateProviderKeys(master: Bool, organisation: UInt64)
    case auditLog(limit: Int)
    case verifyAuditLog(head: String?)
    case showRights(organisation: UInt64)
    case applyRight(name: String, organisation: UInt64)
    case enterRequest(kind: String, organisation: UInt64, tells: Bool)
    case answerRequest(id: Int64, outcome: String)
    case rightsRequests
    case deletionProofs
    case tighten(knob: String, value: String, organisation: UInt64)
    case exportAccount(organisation: UInt64)
    case importAccount(path: String, organisation: UInt64)
    case acceptPage(page: String, organisation: UInt64, member: UInt64)
    case listAcceptances
    /// Microseconds since 1970.
    case announceIncident(kind: String, concerns: [String], from: Int64, until: Int64?)
    case endIncident(id: Int64, at: Int64)
    case listIncidents
    case aggregates(days: Int)
    case listProposals
    case approveProposal(id: Int64, isApproved: Bool)
    case listTrials
    case listPrefixBreaks
    case restartTrial
    /// Ids of requests, and whether each turned out well.
    case tellOutcomes(ids: [String], good: [Bool])
    case listLearning
    case forgetLearning(organisation: UInt64)
    /// Only a running server can.
    case breakGlass
    case reload

    /// One line of JSON without its end.
    var line: [UInt8] { (try? JSONEncoder().encode(self)).map { Array($0) } ?? [] }

    /// Reads a request as its own type writes it, and no other way (OL-2): a member more, a name with a key or a sentence in
    /// it, and nothing is done.
    static func read(_ line: [UInt8]) -> Result<DeskRequest, Refusal> {
        guard let request = try? JSONDecoder().decode(DeskRequest.self, from: Data(line)),
            let shape = JSONTree(request.line)
        else { return .failure(.unknown) }
        let filter = MetadataFilter(shapeOf: shape, opaque: opaque)
        return filter.check(line).map { .failure(.violation($0)) } ?? .success(request)
    }

    enum Refusal: Error {
        case unknown
        case violation(MetadataFilter.Violation)
    }

    /// Fields that hold a secret or a hash and are for that, that are looked up and never written, or that are lists which
    /// `KeyTermsLine` reads item by item.
    private static let opaque: Set<String> = [
        "setProviderKey.key", "verifyAuditLog.head", "revokeKey._0", "setKey._0", "showReceipt._0", "listReceipts.key",
        "listReceipts.model", "ledgerStatement.account", "deleteProviderKey.provider",
        "setBudget.owner", "removeBudget.owner", "setLimits.owner",
        "importAccount.path", "tellOutcomes.ids[]",
        "createKey.terms.models", "createKey.terms.endpoints", "createKey.terms.networks",
    ]
}

/// The answer: lines of JSON, or why there are none.
struct DeskReply: Equatable, Sendable {
    var failure: String?
    var code: Int32 = 0
    var lines: [[UInt8]] = []

    static func failed(_ text: String, code: Int32 = 1) -> DeskReply { DeskReply(failure: text, code: code) }

    /// 422: what was sent is no metadata.
    static func refused(_ violation: MetadataFilter.Violation) -> DeskReply {
        let reason: String =
            switch violation.reason {
            case .notJSON: "is no JSON that can be read"
            case .unknownField: "is no field of this request"
            case .contentField: "is named after what people write, or after a credential"
            case .wrongKind: "is of another kind than its field"
            case .notAllowed: "is none of the allowed values"
            case .tooLong: "is too long"
            case .tooManyWords: "has more than six words"
            case .controlCharacter: "has a control character"
            case .secretLike: "looks like somebody's key"
            }
        return .failed("422: \(violation.path) \(reason). Nothing was written.", code: 2)
    }

    private struct Head: Codable {
        var ok: Bool
        var error: String?
        var code: Int32
    }

    /// The form on the socket: a head line, then the lines.
    var bytes: [UInt8] {
        let head = Head(ok: failure == nil, error: failure, code: code)
        var bytes = (try? JSONEncoder().encode(head)).map { Array($0) } ?? []
        bytes.append(0x0a)
        for line in lines { bytes += line + [0x0a] }
        return bytes
    }

    init(failure: String? = nil, code: Int32 = 0, lines: [[UInt8]] = []) {
        self.failure = failure
        self.code = code
        self.lines = lines
    }

    /// `nil` when the answer was cut.
    init?(bytes: [UInt8]) {
        guard bytes.last == 0x0a else { return nil }
        var all = bytes.split(separator: 0x0a, omittingEmptySubsequences: true).map { Array($0) }
        guard !all.isEmpty, let head = try? JSONDecoder().decode(Head.self, from: Data(all.removeFirst())) else {
            return nil
        }
        self.init(failure: head.ok ? nil : head.error ?? "", code: head.code, lines: all)
    }
}
