import Metering
import Planning
import Vocabulary

extension Routes {
    /// A provider's settings and its row of facts, as the planner sees them.
    static func deployment(of provider: Settings.Provider, book: PriceBook) -> Deployment {
        let facts = provider.facts
        return Deployment(
            id: provider.deployment, name: Array(provider.name.utf8), dialect: provider.dialect,
            host: Array(provider.base.host.utf8), port: provider.base.port, isTLS: provider.base.isSecure,
            basePath: Array(provider.base.path.utf8),
            pricing: provider.isFree ? .free : .book(provider: shelf(of: provider, in: book)),
            hasKey: provider.key != .none, isSandbox: false, authentication: authentication(of: provider),
            paths: paths(of: provider), quirks: facts?.quirks ?? [],
            refusedMembers: facts?.refused.map { Array($0.utf8) } ?? [], cloud: cloud(of: provider),
            speaksResponses: facts?.dialects.contains(.openAIResponses) ?? false,
            isRegional: isRegional(provider), takesCallersKey: provider.key == .passthrough,
            hasOwnKeys: provider.key == .vault || provider.key == .passthrough)
    }

    /// OpenAI keeps requests in a region by the host they are sent to, Vertex by the location in their path.
    private static func isRegional(_ provider: Settings.Provider) -> Bool {
        if case .google(_, let location) = provider.account { return location != "global" }
        return provider.base.host.hasSuffix(".api.openai.com")
    }

    private static func cloud(of provider: Settings.Provider) -> Cloud? {
        switch provider.account {
        case .aws: .bedrock
        case .google: .vertex
        case .azure, .key: nil
        }
    }

    static func authentication(of provider: Settings.Provider) -> Authentication {
        switch provider.account {
        case .azure: return .header(Array("api-key".utf8))
        case .aws(_, .none, _), .google: return .bearer
        case .aws(let region, _, _):
            return .signature(region: Array(region.utf8), service: Array("bedrock".utf8))
        case .key:
            // A compatible server's own dialect may not be the one its row was written for.
            guard let facts = provider.facts, facts.dialects.contains(provider.dialect) else {
                return Authentication(provider.dialect)
            }
            if case .header(let name) = facts.account { return .header(Array(name.utf8)) }
            return .bearer
        }
    }

    /// `nil`: as its dialect has it.
    private static func paths(of provider: Settings.Provider) -> RequestPaths? {
        let base = provider.base.path
        switch provider.account {
        case .key: return nil
        case .azure(nil):
            let root = base.hasSuffix("/openai/v1") ? base : base + "/openai/v1"
            let responses = Array((root + "/responses").utf8)
            return provider.dialect == .openAIResponses
                ? RequestPaths(whole: responses)
                : RequestPaths(whole: Array((root + "/chat/completions").utf8), responses: responses)
        case .azure(let version?):
            let path =
                provider.dialect == .openAIResponses
                ? "/openai/responses" : "/openai/deployments/{model}/chat/completions"
            return RequestPaths(whole: Array("\(base)\(path)?api-version=\(version)".utf8))
        case .aws:
            return RequestPaths(
                whole: Array("\(base)/model/{model}/invoke".utf8),
                streamed: Array("\(base)/model/{model}/invoke-with-response-stream".utf8),
                converse: Array("\(base)/model/{model}/converse".utf8),
                converseStreamed: Array("\(base)/model/{model}/converse-stream".utf8))
        case .google(let project, let location):
            let publisher = provider.dialect == .anthropic ? "anthropic" : "google"
            let model = "\(base)/v1/projects/\(project)/locations/\(location)/publishers/\(publisher)/models/{model}"
            return provider.dialect == .anthropic
                ? RequestPaths(
                    whole: Array("\(model):rawPredict".utf8), streamed: Array("\(model):streamRawPredict".utf8))
                : RequestPaths(
                    whole: Array("\(model):generateContent".utf8),
                    streamed: Array("\(model):streamGenerateContent?alt=sse".utf8),
                    counting: Array("\(model):countTokens".utf8))
        }
    }

    /// The price book's name for a provider: its kind's, its own, else that of its well-known host.
    private static func shelf(of provider: Settings.Provider, in book: PriceBook) -> [UInt8] {
        let name = Array(provider.name.utf8)
        if let shelf = provider.facts?.shelf { return Array(shelf.utf8) }
        if book.providers.contains(name) { return name }
        let labels = provider.base.host.split(separator: ".")
        for label in labels.dropLast().reversed() where book.providers.contains(Array(label.utf8)) {
            return Array(label.utf8)
        }
        return name
    }
}
