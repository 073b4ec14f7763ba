import Accounts
import Records
import Vocabulary

/// The verbs of `tacet budgets`.
extension Desk {
    func listBudgets() throws(StorageFault) -> DeskReply {
        let rules = try spending.rules()
        let keys = try keys.list()
        var lines: [BudgetLine] = []
        for (owner, budgets) in rules.budgets {
            for budget in budgets {
                lines.append(
                    BudgetLine(
                        owner: BudgetText.owner(owner, keys), period: "\(budget.period.name)",
                        limit_nano_usd: budget.amount.value,
                        spent_nano_usd: try spending.spent(owner, budget.period, at: .now).value,
                        at: "\(budget.action.name)",
                        to: budget.substitute.isEmpty ? nil : String(decoding: budget.substitute, as: UTF8.self),
                        resets_at: BudgetWindow(owner, budget.period, at: .now).endsAt?.text))
            }
        }
        for (owner, limits) in rules.limits {
            lines.append(
                BudgetLine(
                    owner: BudgetText.owner(owner, keys), requests_per_minute: limits.requestsPerMinute,
                    tokens_per_minute: limits.tokensPerMinute, in_flight: limits.inFlight))
        }
        lines.sort { ($0.owner, $0.period ?? "~") < ($1.owner, $1.period ?? "~") }
        return DeskReply(lines: lines.map { JSONLine.of($0) })
    }

    func setBudget(
        _ owner: String, _ period: String, _ amount: Int64, _ action: String, _ substitute: String?
    ) throws(StorageFault) -> DeskReply {
        guard let owner = BudgetText.owner(owner, try keys.list()) else { return Self.unknownOwner(owner) }
        do throws(Failure) {
            let budget = try BudgetText.budget(
                owner, period: period, amount: amount, at: action, substitute: substitute)
            do throws(StorageFault) { try spending.set(budget) } catch { return .failed(FaultText.of(error)) }
        } catch {
            return .failed(error.text, code: 2)
        }
        keysChanged()
        return try listBudgets()
    }

    func removeBudget(_ owner: String, _ period: String) throws(StorageFault) -> DeskReply {
        guard let owner = BudgetText.owner(owner, try keys.list()) else { return Self.unknownOwner(owner) }
        guard let period = BudgetText.period(period) else { return .failed(BudgetText.periods, code: 2) }
        guard try spending.remove(owner, period) else {
            return .failed("There is no such budget. `tacet budgets list` shows them.")
        }
        keysChanged()
        return try listBudgets()
    }

    func setLimits(_ owner: String, _ limits: RateLimits) throws(StorageFault) -> DeskReply {
        guard let owner = BudgetText.owner(owner, try keys.list()) else { return Self.unknownOwner(owner) }
        try spending.set(limits, of: owner)
        keysChanged()
        return try listBudgets()
    }

    private static func unknownOwner(_ owner: String) -> DeskReply {
        .failed(
            "`\(owner)` is nobody's name; allowed: organisation, installation, provider/NAME, member/NUMBER, key/NAME or "
                + "key/ID.", code: 2)
    }
}

/// The written forms of budgets and of their owners.
enum BudgetText {
    static let periods = "A budget's period is day, week, month or ever."

    static func period(_ text: String) -> BudgetPeriod? { BudgetPeriod.allCases.first { "\($0.name)" == text } }

    static func owner(_ text: String, _ keys: [KeyRecord]) -> BudgetOwner? {
        if let owner = SettingsReader.owner(text) { return owner }
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "member": return UInt64(parts[1]).flatMap { $0 == 0 ? nil : .member(MemberID($0)) }
        case "organisation": return UInt64(parts[1]).map { .organisation(OrganisationID($0)) }
        case "key":
            let live = keys.filter { $0.revokedAt == nil }
            return (live.first { $0.id.text == parts[1] } ?? live.first { $0.name == parts[1] }).map { .key($0.id) }
        default: return nil
        }
    }

    static func owner(_ owner: BudgetOwner, _ keys: [KeyRecord]) -> String {
        switch owner.kind {
        case .installation: return "installation"
        case .organisation: return owner.id == OrganisationID.home.value ? "organisation" : "organisation/\(owner.id)"
        case .member: return "member/\(owner.id)"
        case .deployment: return "provider/#\(String(owner.id, radix: 16))"
        case .key:
            let key = keys.first { $0.id.value == owner.id }
            return "key/" + (key.map { $0.revokedAt == nil ? $0.name : $0.id.text } ?? KeyID(owner.id).text)
        }
    }

    static func budget(
        _ owner: BudgetOwner, period: String, amount: Int64, at action: String, substitute: String?
    ) throws(Failure) -> Budget {
        guard let period = self.period(period) else { throw Failure(text: periods, code: 2) }
        guard let action = BudgetAction.allCases.first(where: { "\($0.name)" == action }) else {
            throw Failure(text: "At a budget there is block, alert or downgrade.", code: 2)
        }
        guard (action == .downgrade) == (substitute != nil), substitute.map({ ModelName.isValid($0.utf8) }) ?? true
        else {
            throw Failure(text: "--at downgrade and --to ALIAS go together.", code: 2)
        }
        return Budget(owner, period, NanoUSD(amount), action, substitute: Array((substitute ?? "").utf8))
    }
}

/// A budget or the rates of somebody, as the command line shows them.
struct BudgetLine: Codable, Equatable {
    var owner: String
    var period: String?
    var limit_nano_usd: Int64?
    var spent_nano_usd: Int64?
    var at: String?
    var to: String?
    var resets_at: String?
    var requests_per_minute: Int64?
    var tokens_per_minute: Int64?
    var in_flight: Int64?
}
