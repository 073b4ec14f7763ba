public import Metering
public import Vocabulary

/// What a request asks of a model, or a model can do.
public struct Abilities: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let images = Abilities(rawValue: 1)
    public static let audio = Abilities(rawValue: 2)
    public static let tools = Abilities(rawValue: 4)
    public static let structuredOutput = Abilities(rawValue: 8)
}

/// A model that may serve a request. Regions and provider terms are numbers of the configuration.
public struct RouteOption: Sendable, Equatable {
    public var model: ModelID
    public var price: Price
    public var abilities: Abilities
    /// Whether it may hold this class of words: the provider's terms allow it.
    public var dataClasses: Set<UInt8>
    public var region: UInt16
    /// How able it is, from 0 to 1000: the operator's word, or measured on outcomes of their own.
    public var strength: Int

    public init(
        model: ModelID, price: Price, abilities: Abilities, dataClasses: Set<UInt8> = [DataClass.relay.rawValue],
        region: UInt16 = 0, strength: Int
    ) {
        self.model = model
        self.price = price
        self.abilities = abilities
        self.dataClasses = dataClasses
        self.region = region
        self.strength = min(max(0, strength), 1000)
    }
}

/// A request as the router sees it: numbers and enums, no words.
public struct RouteNeeds: Sendable, Equatable {
    public var inputTokens: Int64
    public var expectedOutput: Int64
    public var abilities: Abilities
    public var dataClass: DataClass
    public var classification: Classification

    public init(
        inputTokens: Int64, expectedOutput: Int64, abilities: Abilities = [], dataClass: DataClass = .relay,
        classification: Classification
    ) {
        self.inputTokens = max(0, inputTokens)
        self.expectedOutput = max(0, expectedOutput)
        self.abilities = abilities
        self.dataClass = dataClass
        self.classification = classification
    }

    /// What the stronger model is expected to gain, from 0 to 1000.
    var difficulty: Int {
        let value = classification.difficulty
        return value.isFinite ? Int((min(max(value, 0), 1) * 1000).rounded()) : 1000
    }

    /// What an answer by this model is expected to cost.
    func cost(at price: Price) -> NanoUSD {
        var usage = TokenUsage()
        usage[.input] = inputTokens
        usage[.output] = expectedOutput
        return price.cost(of: usage)
    }
}

/// Why a model was not considered. The first that holds is named.
public enum RouteExclusion: UInt8, Sendable, CaseIterable {
    case context
    case abilities
    case region
    case dataClass
    case priceCap
    case minimumStrength
    case categoryFloor
    /// It is stronger than the policy lets a prompt reach.
    case ceiling
}
