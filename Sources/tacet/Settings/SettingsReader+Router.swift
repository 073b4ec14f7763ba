import Planning
import Vocabulary

/// The section `router`.
extension SettingsReader {
    private static let routerNames = [
        "models", "weights", "minimum", "floors", "ceiling", "tolerance", "control", "price_cap", "region", "learn",
    ]

    /// `router: { models: { openai/gpt-5: { strength: 900 }, openai/gpt-5-mini: { strength: 700 } }, weights: weights.bin }`
    mutating func router(_ node: SettingNode, providers: [String]) -> Settings.Router? {
        var router = Settings.Router()
        let count = mistakes.count
        for member in members(of: node, named: "router", allowed: Self.routerNames) {
            let name = "router.\(member.name)"
            switch member.name {
            case "models": router.models = routerModels(member.node, providers)
            case "weights": router.weights = file(member.node, name)
            case "minimum": router.policy.minimumStrength = strength(member.node, name) ?? 0
            case "ceiling": router.policy.ceiling = strength(member.node, name) ?? 1000
            case "floors": router.policy.floors = floors(member.node)
            case "tolerance": router.policy.tolerance = (percent(member.node, name, of: "quality") ?? 5) * 10
            case "control": router.policy.controlShare = (percent(member.node, name, of: "requests") ?? 5) * 10
            case "price_cap":
                let allowed = "US dollars a request with at most nine decimals, such as 0.05"
                guard let text = scalar(member.node, name, allowed: allowed) else { continue }
                router.policy.priceCap = Quantities.dollars(text)
                if router.policy.priceCap == nil {
                    mistake(member.node.place, "\(name) is `\(text)`; allowed: \(allowed)")
                }
            case "learn":
                router.policy.learns = choice(member.node, name, [("on", true), ("off", false)]) ?? false
            default: router.region = scalar(member.node, name, allowed: "a region that models of `router.models` name")
            }
        }
        guard mistakes.count == count else { return nil }
        guard router.models.count >= 2 else {
            mistake(
                node.place,
                "router.models has \(router.models.count) models; allowed: two and more, such as { openai/gpt-5: { strength: 900 }, "
                    + "openai/gpt-5-mini: { strength: 700 } }")
            return nil
        }
        if let region = router.region, !router.models.contains(where: { $0.region == region }) {
            mistake(
                node.place, "router.region is `\(region)`, which no model has; allowed: a region of `router.models`")
        }
        checkFloors(router, node.place)
        return router
    }

    /// Two floors, or a floor and the ceiling, that leave no model.
    private mutating func checkFloors(_ router: Settings.Router, _ place: Mistake.Place) {
        for category in TaskCategory.allCases {
            guard let fault = router.policy.fault(router.models.map(\.strength), in: category) else { continue }
            let strongest = fault.strongest.map { "the strongest below router.ceiling has \($0)" } ?? "none is below it"
            mistake(
                place,
                "router.minimum is \(fault.minimumStrength) and router.floors.\(category.name) is \(fault.floor), and together "
                    + "with router.ceiling \(router.policy.ceiling) they leave no model: \(strongest); allowed: floors that a model "
                    + "reaches")
            return
        }
    }

    private mutating func routerModels(_ node: SettingNode, _ providers: [String]) -> [Settings.Router.Model] {
        members(of: node, named: "router.models", allowed: nil).compactMap { entry in
            let name = "router.models.\(entry.name)"
            let place = SettingNode(place: entry.place, value: .scalar(entry.name, isNull: false))
            guard let target = target(place, "router.models", providers, 0) else { return nil }
            var model = Settings.Router.Model(provider: target.provider, model: target.model)
            var strength: Int?
            for member in members(of: entry.node, named: name, allowed: ["strength", "lacks", "region"]) {
                switch member.name {
                case "strength": strength = self.strength(member.node, "\(name).strength")
                case "lacks": model.abilities.subtract(lacks(member.node, "\(name).lacks"))
                default: model.region = scalar(member.node, "\(name).region", allowed: "a word of your own, such as eu")
                }
            }
            guard let strength else {
                mistake(
                    entry.place, "\(name) lacks `strength`; allowed: from 0 to 1000, how able it is beside the others")
                return nil
            }
            model.strength = strength
            return model
        }
    }

    private mutating func lacks(_ node: SettingNode, _ name: String) -> Abilities {
        let known: [(String, Abilities)] = [
            ("images", .images), ("audio", .audio), ("tools", .tools), ("structured_output", .structuredOutput),
        ]
        guard case .list(let items) = node.value else { return choice(node, name, known) ?? [] }
        return items.reduce(into: Abilities()) { $0.formUnion(choice($1, name, known) ?? []) }
    }

    private mutating func floors(_ node: SettingNode) -> [TaskCategory: Int] {
        var floors: [TaskCategory: Int] = [:]
        let names = TaskCategory.allCases.map { "\($0.name)" }
        for member in members(of: node, named: "router.floors", allowed: names) {
            guard let category = TaskCategory.allCases.first(where: { "\($0.name)" == member.name }) else { continue }
            floors[category] = strength(member.node, "router.floors.\(member.name)")
        }
        return floors
    }

    private mutating func strength(_ node: SettingNode, _ name: String) -> Int? { whole(node, name, 0...1000) }
}
