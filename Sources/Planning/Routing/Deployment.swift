public import Vocabulary

/// A configured provider as the planner sees it: where it is, what it speaks, how it is priced. No credential is here.
public struct Deployment: Sendable {
    /// Where its prices come from.
    public enum Pricing: Sendable, Equatable {
        /// The price book's lines of a provider, who may be called otherwise in the configuration.
        case book(provider: [UInt8])
        /// The operator says it costs nothing.
        case free
    }

    public let id: DeploymentID
    /// Its name in the configuration: the part of `provider/model` before the slash.
    public let name: [UInt8]
    public let dialect: Dialect
    public let host: [UInt8]
    public let port: Int
    public let isTLS: Bool
    /// What stands before a route's own path: `/v1`, without a slash at its end.
    public let basePath: [UInt8]
    public let pricing: Pricing
    /// Whether requests to it carry a key.
    public let hasKey: Bool
    /// Whether that key is the caller's own, sent with each request.
    public let takesCallersKey: Bool
    /// Whether each organisation has a key of its own for it.
    public let hasOwnKeys: Bool
    /// Whether it is Tacet's own stand-in, the only provider test keys reach (`RULES.md` 9).
    public let isSandbox: Bool
    /// Models it is known to serve beside those the price book lists.
    public let models: [[UInt8]]
    public let authentication: Authentication
    public let paths: RequestPaths
    public let quirks: Set<Quirk>
    /// Members of a chat request that the provider refuses (`ProviderFacts.refused`).
    public let refusedMembers: [[UInt8]]
    /// The cloud it is served by, where that changes its dialect.
    public let cloud: Cloud?
    /// It keeps every request in a region, which some models cost more for.
    public let isRegional: Bool

    public init(
        id: DeploymentID, name: [UInt8], dialect: Dialect, host: [UInt8], port: Int, isTLS: Bool, basePath: [UInt8],
        pricing: Pricing, hasKey: Bool, isSandbox: Bool, models: [[UInt8]] = [],
        authentication: Authentication? = nil, paths: RequestPaths? = nil, quirks: Set<Quirk> = [],
        refusedMembers: [[UInt8]] = [], cloud: Cloud? = nil, speaksResponses: Bool = false,
        isRegional: Bool = false, takesCallersKey: Bool = false, hasOwnKeys: Bool = false
    ) {
        self.id = id
        self.name = name
        self.dialect = dialect
        self.host = host
        self.port = port
        self.isTLS = isTLS
        self.basePath = basePath
        self.pricing = pricing
        self.hasKey = hasKey
        self.takesCallersKey = takesCallersKey
        self.hasOwnKeys = hasOwnKeys
        self.isSandbox = isSandbox
        self.models = models
        self.authentication = authentication ?? Authentication(dialect)
        self.paths = paths ?? Self.paths(dialect, base: basePath, speaksResponses)
        self.quirks = quirks
        self.refusedMembers = refusedMembers
        self.cloud = cloud
        self.isRegional = isRegional
    }

    /// Base addresses are as each provider's own SDK takes them: OpenAI's ends in `/v1`, Anthropic's and Google's do not.
    private static func paths(_ dialect: Dialect, base: [UInt8], _ speaksResponses: Bool) -> RequestPaths {
        func ends(_ text: String) -> Bool { base.suffix(text.utf8.count).elementsEqual(text.utf8) }
        switch dialect {
        case .openAI:
            return RequestPaths(
                whole: base + Array("/chat/completions".utf8),
                responses: speaksResponses ? base + Array("/responses".utf8) : nil)
        case .openAIResponses: return RequestPaths(whole: base + Array("/responses".utf8))
        case .anthropic:
            let messages = base + Array((ends("/v1") ? "/messages" : "/v1/messages").utf8)
            return RequestPaths(whole: messages, counting: messages + Array("/count_tokens".utf8))
        case .gemini:
            let models =
                base + Array((ends("/v1beta") || ends("/v1") ? "/models/{model}" : "/v1beta/models/{model}").utf8)
            return RequestPaths(
                whole: models + Array(":generateContent".utf8),
                streamed: models + Array(":streamGenerateContent?alt=sse".utf8),
                counting: models + Array(":countTokens".utf8))
        }
    }
}

/// A target of an alias.
public struct AliasTarget: Sendable, Equatable {
    /// `provider/model`.
    public var name: [UInt8]
    /// Targets of one rank share the alias's requests; the next rank is their fallback. Never falls along an alias.
    public var rank: Int
    /// Its share of its rank's requests; 0 where load decides.
    public var weight: Int

    public init(_ name: [UInt8], rank: Int, weight: Int = 0) {
        self.name = name
        self.rank = rank
        self.weight = weight
    }

    /// Each the fallback of the one before.
    public static func inOrder(_ names: [[UInt8]]) -> [AliasTarget] {
        names.enumerated().map { AliasTarget($0.element, rank: $0.offset) }
    }
}

/// What to do with a model whose price nobody knows.
public enum UnknownPrice: Sendable, Equatable {
    case refuse
    case free
    /// Hold and charge at these prices per token.
    case ceiling(input: PicoUSD, output: PicoUSD)
}

/// Why a routing table was refused.
public enum RoutingFault: Error, Equatable, Sendable {
    /// Two deployments of one name.
    case duplicateDeployment(index: Int)
    /// A deployment's name is empty or contains a slash.
    case invalidDeploymentName(index: Int)
    /// Two aliases of one name.
    case duplicateAlias(alias: Int)
    /// An alias no client could ask for, or one that hides a provider's models.
    case invalidAliasName(alias: Int)
    /// An alias without targets.
    case emptyAlias(alias: Int)
    /// An alias with more targets than a plan has places.
    case longAlias(alias: Int)
    /// A target is not `provider/model` with a configured provider.
    case unknownProvider(alias: Int, target: Int)
    /// A target names an alias: aliases do not nest.
    case nestedAlias(alias: Int, target: Int)
    /// A target has no price, and unknown prices are refused.
    case unpricedTarget(alias: Int, target: Int)
}
