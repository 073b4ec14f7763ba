import Planning
import Policy
import Vocabulary

/// The sections `decisions` and `cache`.
extension SettingsReader {
    /// `decisions: { all: { cache: on }, models: { fast: { compression: lossless } } }`
    mutating func decisions(_ node: SettingNode) -> DecisionTable {
        var table = DecisionTable()
        for member in members(of: node, named: "decisions", allowed: ["all", "models"]) {
            guard member.name == "models" else {
                table.all = modes(member.node, "decisions.all")
                continue
            }
            for entry in members(of: member.node, named: "decisions.models", allowed: nil) {
                guard ModelName.isValid(entry.name.utf8, limit: ModelName.qualifiedLimit) else {
                    mistake(
                        entry.place,
                        "decisions.models names `\(entry.name)`; allowed: an alias of `models`, or `provider/model`")
                    continue
                }
                table.models[Array(entry.name.utf8)] = modes(entry.node, "decisions.models.\(entry.name)")
            }
        }
        return table
    }

    private mutating func modes(_ node: SettingNode, _ name: String) -> Decisions {
        var decisions = Decisions.none
        for member in members(of: node, named: name, allowed: ["compression", "router", "cache", "prompt_cache"]) {
            let place = "\(name).\(member.name)"
            switch member.name {
            case "compression":
                decisions.compression = choice(member.node, place, CompressionMode.allCases.map { ("\($0.name)", $0) })
            case "router": decisions.router = choice(member.node, place, RouterMode.allCases.map { ("\($0.name)", $0) })
            case "cache":
                // By meaning is a key's own choice.
                let modes = CacheMode.allCases.filter { $0 != .similar }
                decisions.cache = choice(member.node, place, modes.map { ("\($0.name)", $0) })
            default:
                decisions.breakpoints = choice(member.node, place, BreakpointMode.allCases.map { ("\($0.name)", $0) })
            }
        }
        return decisions
    }

    /// `cache: { scope: organisation, ttl: 10m, budget: 256MiB, hit_price: 20% }`
    mutating func cache(_ node: SettingNode) -> Settings.Cache {
        var cache = Settings.Cache()
        for member in members(
            of: node, named: "cache", allowed: ["scope", "ttl", "budget", "hit_price", "sample", "pacing"])
        {
            let name = "cache.\(member.name)"
            switch member.name {
            case "scope":
                cache.terms.sharing =
                    choice(member.node, name, [("key", .key), ("organisation", .organisation)]) ?? cache.terms.sharing
            case "ttl":
                cache.terms.lifetime = duration(member.node, name).map { $0 * 1000 } ?? cache.terms.lifetime
            case "sample":
                cache.terms.samplePercent =
                    percent(member.node, name, of: "hits by meaning").map(Int64.init) ?? cache.terms.samplePercent
            case "pacing":
                cache.terms.isPaced =
                    choice(member.node, name, [("instant", false), ("recorded", true)]) ?? cache.terms.isPaced
            case "budget": cache.budget = size(member.node, name, (1 << 20)...(1 << 40))
            default:
                let of = "what the answer cost"
                cache.terms.hitPercent = percent(member.node, name, of: of).map(Int64.init) ?? cache.terms.hitPercent
            }
        }
        return cache
    }

    /// What is decided against what the profile allows.
    mutating func checkDecisions(_ settings: Settings, _ place: (String) -> Mistake.Place) {
        if let objection = settings.decisions.each.lazy.compactMap({ settings.policy.objection(to: $0) }).first {
            mistake(place("decisions"), "decisions: \(objection)")
        }
        if settings.cache.terms.sharing.rawValue > max(settings.policy.cacheSharing.rawValue, 1) {
            mistake(
                place("cache"),
                "cache.scope is `organisation`, but the profile `\(settings.profile.name)` has the knob `cache_scope: "
                    + "\(settings.policy.value(of: "cache_scope"))`; allowed: `key`, or a profile that shares more")
        }
        if settings.router?.policy.learns == true, !settings.policy.learnsFromOutcomes {
            mistake(
                place("router"),
                "router.learn is `on`, but the profile `\(settings.profile.name)` has the knob `outcome_learning: off`; allowed: "
                    + "`off`, or a profile that learns (`aura`, `outlay`)")
        }
    }
}
