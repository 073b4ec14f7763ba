public import Vocabulary

/// What the operator allows. No prompt changes it.
public struct RoutePolicy: Sendable, Equatable {
    public var mode: RouterMode
    /// No model below this strength serves, whatever the category.
    public var minimumStrength = 0
    /// By category; categories that are not here have no floor of their own.
    public var floors: [TaskCategory: Int] = [:]
    /// No model above this strength is chosen over the requested one.
    public var ceiling = 1000
    /// The most one request may be expected to cost.
    public var priceCap: NanoUSD?
    /// `nil`: any.
    public var region: UInt16?
    /// The expected loss of quality that is taken for a lower cost, from 0 to 1000.
    public var tolerance = 50
    /// Requests of a thousand that keep the requested model, so that savings and quality can be measured: the control arm.
    public var controlShare = 50
    /// Whether outcomes that callers tell move the difficulty of prompts.
    public var learns = false

    public init(mode: RouterMode) { self.mode = mode }

    /// Why the policy leaves nothing to choose from in a category; `nil` when it leaves something.
    public func fault(_ strengths: [Int], in category: TaskCategory) -> PolicyFault? {
        let strongest = strengths.filter { $0 <= ceiling }.max()
        let floor = floors[category] ?? 0
        guard let strongest, strongest >= max(minimumStrength, floor) else {
            return PolicyFault(category: category, minimumStrength: minimumStrength, floor: floor, strongest: strongest)
        }
        return nil
    }
}

/// Floors that exclude every model: both are named, and the strongest model there is under the ceiling.
public struct PolicyFault: Error, Equatable, Sendable {
    public var category: TaskCategory
    public var minimumStrength: Int
    public var floor: Int
    public var strongest: Int?
}
