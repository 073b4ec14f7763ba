import Records
import Vocabulary

extension SettingsReader {
    /// `budgets: { organisation: { month: 500, at: block, rpm: 600 }, provider/openai: { day: 20 } }`
    mutating func spending(_ node: SettingNode, into rules: inout SpendingRules) {
        for entry in members(of: node, named: "budgets", allowed: nil) {
            guard let owner = Self.owner(entry.name) else {
                mistake(
                    entry.place,
                    "budgets names `\(entry.name)`; allowed: `organisation`, `installation` or `provider/NAME`; keys have "
                        + "theirs by `tacet keys create` and `tacet budgets set`")
                continue
            }
            budgets(entry.node, of: owner, named: "budgets.\(entry.name)", into: &rules)
        }
    }

    static func owner(_ name: String) -> BudgetOwner? {
        switch name {
        case "organisation": .organisation(.home)
        case "installation": .installation
        default:
            if name.hasPrefix("provider/"), name.count > 9 {
                .deployment(DeploymentID(stableNumber(of: name.dropFirst(9).utf8)))
            } else {
                nil
            }
        }
    }

    private mutating func budgets(
        _ node: SettingNode, of owner: BudgetOwner, named name: String, into rules: inout SpendingRules
    ) {
        var amounts: [(BudgetPeriod, NanoUSD)] = []
        var action = BudgetAction.block
        var substitute = ""
        var limits = RateLimits()
        let periods = BudgetPeriod.allCases.map { "\($0.name)" }
        for member in members(of: node, named: name, allowed: periods + ["at", "to", "rpm", "tpm", "in_flight"]) {
            let place = "\(name).\(member.name)"
            switch member.name {
            case "at":
                let allowed = BudgetAction.allCases.map { ("\($0.name)", $0) }
                action = choice(member.node, place, allowed) ?? action
            case "to": substitute = scalar(member.node, place, allowed: "an alias of `models`") ?? ""
            case "rpm": limits.requestsPerMinute = count(member.node, place)
            case "tpm": limits.tokensPerMinute = count(member.node, place)
            case "in_flight": limits.inFlight = count(member.node, place)
            default:
                guard let period = BudgetPeriod.allCases.first(where: { "\($0.name)" == member.name }) else { continue }
                let allowed = "US dollars with at most nine decimals, such as 20 or 0.50"
                guard let text = scalar(member.node, place, allowed: allowed) else { continue }
                if let amount = Quantities.dollars(text) {
                    amounts.append((period, amount))
                } else {
                    mistake(member.node.place, "\(place) is `\(text)`; allowed: \(allowed)")
                }
            }
        }
        if (action == .downgrade) != !substitute.isEmpty {
            mistake(
                node.place,
                "\(name) has `at: \(action.name)`\(substitute.isEmpty ? " without" : " with") `to`; allowed: `at: downgrade` "
                    + "and `to: ALIAS` together")
        } else if !substitute.isEmpty, !ModelName.isValid(substitute.utf8) {
            mistake(node.place, "\(name).to is `\(substitute)`; allowed: an alias of `models`")
        }
        for (period, amount) in amounts {
            rules.add(Budget(owner, period, amount, action, substitute: Array(substitute.utf8)))
        }
        if !limits.isEmpty { rules.add(limits, of: owner) }
    }

    private mutating func count(_ node: SettingNode, _ name: String) -> Int64? {
        whole(node, name, 0...1_000_000_000).map(Int64.init)
    }
}
