import Metering
import Planning
import Vocabulary

extension Routes {
    /// The router over the alias's targets; `nil` when none is configured, or a target's provider was left out: then the
    /// alias names what is left, and nobody chooses.
    static func router(_ settings: Settings, table: RoutingTable) throws(Failure) -> TaskRouter? {
        guard let router = settings.router else { return nil }
        guard case .plan(let plan) = table.plan(TaskRouter.alias, sandboxOnly: false, at: .now),
            plan.candidates.count == router.models.count
        else { return nil }
        let regions = Set(router.models.compactMap(\.region)).sorted()
        func region(_ name: String?) -> UInt16 {
            UInt16(name.flatMap { regions.firstIndex(of: $0) }.map { $0 + 1 } ?? 0)
        }
        let options = zip(router.models, plan.candidates).map { model, candidate in
            RouteOption(
                model: candidate.model, price: candidate.price, abilities: model.abilities,
                region: region(model.region), strength: model.strength)
        }
        var policy = router.policy
        policy.region = router.region.map { region($0) }
        var weights: ClassifierWeights?
        if let path = router.weights { weights = try WeightsFile.read(path) }
        return TaskRouter(options, policy, weights: weights)
    }
}

extension Settings.Router {
    /// The name clients leave the choice under.
    static var alias: String { String(decoding: TaskRouter.alias, as: UTF8.self) }

    /// The models as an alias's targets, each of a rank of its own.
    var asAlias: Settings.Alias {
        Settings.Alias(
            name: Self.alias,
            targets: models.enumerated().map { rank, model in
                Settings.Alias.Target(provider: model.provider, model: model.model, rank: rank)
            })
    }
}
