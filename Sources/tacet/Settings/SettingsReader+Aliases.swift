import Vocabulary

extension SettingsReader {
    mutating func models(_ node: SettingNode, providers names: [String]) -> [Settings.Alias] {
        members(of: node, named: "models", allowed: nil).compactMap { entry in
            guard ModelName.isValid(entry.name.utf8), !entry.name.contains("/") else {
                mistake(entry.place, "an alias is named `\(entry.name)`; allowed: up to 96 of A-Z, a-z, 0-9 and ._:@+-")
                return nil
            }
            var items: [SettingNode] = []
            switch entry.node.value {
            case .list(let list): items = list
            case .scalar(let text, isNull: false):
                items = text.split(separator: ",").map { part in
                    let name = String(part.drop { $0 == " " })
                    return SettingNode(place: entry.node.place, value: .scalar(name, isNull: false))
                }
            default: break
            }
            guard !items.isEmpty else {
                mistake(
                    entry.node.place,
                    "models.\(entry.name) is \(entry.node.kind); allowed: a list such as [openai/gpt-5-mini, local/qwen3]"
                )
                return nil
            }
            var targets: [Settings.Alias.Target] = []
            for (rank, item) in items.enumerated() {
                targets += rankTargets(item, "models.\(entry.name)", names, rank)
            }
            return Settings.Alias(name: entry.name, targets: targets)
        }
    }

    /// A target, or a list of those that share the requests of this place.
    private mutating func rankTargets(
        _ node: SettingNode, _ name: String, _ providers: [String], _ rank: Int
    ) -> [Settings.Alias.Target] {
        guard case .list(let list) = node.value else {
            return target(node, name, providers, rank).map { [$0] } ?? []
        }
        if list.isEmpty { mistake(node.place, "\(name) has an empty list; allowed: at least one `provider/model`") }
        var targets = list.compactMap { weightedTarget($0, name, providers, rank) }
        // Where one has a weight, those without weigh one.
        if targets.contains(where: { $0.weight > 0 }) {
            for index in targets.indices where targets[index].weight == 0 { targets[index].weight = 1 }
        }
        return targets
    }

    private mutating func weightedTarget(
        _ node: SettingNode, _ name: String, _ providers: [String], _ rank: Int
    ) -> Settings.Alias.Target? {
        guard case .section = node.value else { return target(node, name, providers, rank) }
        var found: Settings.Alias.Target?
        var weight = 1
        let count = mistakes.count
        for member in members(of: node, named: name, allowed: ["to", "weight"]) {
            if member.name == "to" {
                found = target(member.node, "\(name).to", providers, rank)
            } else {
                weight = whole(member.node, "\(name).weight", 1...1000) ?? weight
            }
        }
        found?.weight = weight
        if found == nil, mistakes.count == count {
            mistake(node.place, "\(name) lacks `to`; allowed: such as { to: openai/gpt-5-mini, weight: 3 }")
        }
        return found
    }

    /// One `provider/model`.
    mutating func target(
        _ node: SettingNode, _ name: String, _ providers: [String], _ rank: Int
    ) -> Settings.Alias.Target? {
        let allowed = "`provider/model`"
        guard let text = scalar(node, name, allowed: allowed) else { return nil }
        let provider = String(text.prefix { $0 != "/" })
        let model = String(text.dropFirst(provider.count + 1))
        guard ModelName.isValid(text.utf8, limit: ModelName.qualifiedLimit), !model.isEmpty else {
            mistake(node.place, "\(name) is `\(text)`; allowed: \(allowed)")
            return nil
        }
        guard providers.contains(provider) else {
            let near = Nearest.name(to: provider, in: providers).map { "; did you mean `\($0)`?" } ?? ";"
            let list = providers.map { "`\($0)`" }.joined(separator: ", ")
            mistake(
                node.place, "\(name) names the provider `\(provider)`, which is not configured\(near) allowed: \(list)")
            return nil
        }
        return Settings.Alias.Target(provider: provider, model: model, rank: rank)
    }
}
