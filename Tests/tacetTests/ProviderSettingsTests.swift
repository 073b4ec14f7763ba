import Foundation
import Planning
import Testing
import Vocabulary

@testable import tacet

struct ProviderSettingsTests {
    private func provider(
        _ yaml: String, _ environment: [String: String] = [:], files: Set<String> = []
    ) throws
        -> Settings.Provider
    {
        try #require(try settings("providers:\n  \(yaml)", environment, files: files).providers.first)
    }

    private func deployment(
        _ yaml: String, _ environment: [String: String] = [:], files: Set<String> = []
    ) throws
        -> Deployment
    {
        Routes.deployment(of: try provider(yaml, environment, files: files), book: try Routes.book())
    }

    private func paths(_ deployment: Deployment) -> [String] {
        [deployment.paths.whole, deployment.paths.streamed].map {
            String(decoding: $0.bytes(model: Array("m:1".utf8)), as: UTF8.self)
        }
    }

    @Test func aNameSuffices() throws {
        let groq = try provider("groq: {}", ["GROQ_API_KEY": "x"])
        #expect(groq.base.text == "https://api.groq.com/openai/v1" && groq.key == .environment("GROQ_API_KEY"))
        #expect(groq.dialect == .openAI && groq.kind == "groq" && !groq.isFree)
        let ollama = try provider("ollama: {}")
        #expect(ollama.base.text == "http://127.0.0.1:11434/v1" && ollama.key == .none && ollama.isFree)
        #expect(try provider("vllm: {}", ["VLLM_API_KEY": "k"]).key == .environment("VLLM_API_KEY"))
        #expect(try provider("cohere: {}", ["COHERE_API_KEY": "k"]).key == .environment("COHERE_API_KEY"))
        #expect(mistakes("providers: { groq: {} }").first?.contains("GROQ_API_KEY") == true)
    }

    @Test func aKindPicksTheFactsAndAnythingCanBeSaid() throws {
        let mine = try provider(
            "mine: { kind: mistral, base_url: https://a.example/v1, key: env:K, dialect: anthropic, price: free }",
            ["K": "x"])
        #expect(mine.kind == "mistral" && mine.base.host == "a.example" && mine.dialect == .anthropic && mine.isFree)
        let deployment = Routes.deployment(of: mine, book: try Routes.book())
        // Another dialect than the row's: as that dialect's inventor has it.
        #expect(deployment.authentication == .header(Array("x-api-key".utf8)))
        #expect(deployment.quirks.contains(.noStreamOptions) && deployment.refusedMembers.contains(Array("user".utf8)))
        #expect(try provider("work: { base_url: https://api.openai.com/v1, key: env:K }", ["K": "x"]).kind == "openai")
        #expect(try provider("own: { base_url: https://a.example/v1, key: none }").kind == nil)
        let wrong = mistakes("providers: { mine: { kind: mistrall, key: none } }")
        #expect(wrong.first?.contains("did you mean `mistral`?") == true)
    }

    @Test func withoutAFileEveryKnownKeyCounts() throws {
        var environment: [String: String] = [:]
        for facts in ProviderFacts.table {
            for variable in facts.variables { environment[variable] = "x" }
        }
        let bare = try settings("", environment).providers.map(\.name)
        let simple = ProviderFacts.table.filter { facts in
            if case .azure = facts.account { return false }
            if case .aws = facts.account { return false }
            if case .google = facts.account { return false }
            return !facts.variables.isEmpty
        }
        #expect(bare == simple.map(\.name))
        environment["AZURE_OPENAI_ENDPOINT"] = "https://a.openai.azure.com/"
        environment["AWS_REGION"] = "eu-west-1"
        environment["GOOGLE_CLOUD_PROJECT"] = "p"
        let all = try settings("", environment).providers.map(\.name)
        #expect(all == ProviderFacts.table.filter { !$0.variables.isEmpty }.map(\.name))
    }

    @Test func azureHasTwoForms() throws {
        let key = ["AZURE_OPENAI_API_KEY": "x"]
        let v1 = try deployment("azure: { base_url: https://a.openai.azure.com }", key)
        #expect(paths(v1)[0] == "/openai/v1/chat/completions")
        #expect(v1.authentication == .header(Array("api-key".utf8)))
        let dated = try deployment(
            "azure: { base_url: https://a.openai.azure.com/, api_version: 2024-10-21 }", key)
        #expect(paths(dated)[0] == "/openai/deployments/m%3A1/chat/completions?api-version=2024-10-21")
        #expect(try deployment("azure: { base_url: https://a.example/openai/v1 }", key).paths == v1.paths)
        #expect(mistakes("providers: { azure: {} }", key).first?.contains("AZURE_OPENAI_ENDPOINT") == true)
        let bad = mistakes("providers: { azure: { base_url: https://a.example, api_version: \"a&b\" } }", key)
        #expect(bad.first?.contains("api_version") == true)
        #expect(mistakes("providers: { groq: { key: none, api_version: 1 } }").first?.contains("`api_version`") == true)
    }

    @Test func bedrockSignsOrBears() throws {
        let pair = ["AWS_ACCESS_KEY_ID": "i", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1"]
        let signed = try deployment("bedrock: {}", pair)
        #expect(
            signed.authentication
                == .signature(region: Array("us-east-1".utf8), service: Array("bedrock".utf8)))
        #expect(String(decoding: signed.host, as: UTF8.self) == "bedrock-runtime.us-east-1.amazonaws.com")
        #expect(paths(signed) == ["/model/m%3A1/invoke", "/model/m%3A1/invoke-with-response-stream"])
        let bearer = try deployment("bedrock: { region: eu-west-1 }", ["AWS_BEARER_TOKEN_BEDROCK": "t"])
        #expect(bearer.authentication == .bearer)
        var session = pair
        session["AWS_SESSION_TOKEN"] = "t"
        #expect(
            try provider("bedrock: {}", session).account
                == .aws(
                    region: "us-east-1", secret: .environment("AWS_SECRET_ACCESS_KEY"),
                    session: .environment("AWS_SESSION_TOKEN")))
        #expect(mistakes("providers: { bedrock: { key: env:A } }", ["A": "x"]).first?.contains("region") == true)
    }

    @Test func vertexHasItsHostAndPublisher() throws {
        let environment = ["GOOGLE_APPLICATION_CREDENTIALS": "/sa.json", "GOOGLE_CLOUD_PROJECT": "p"]
        let gemini = try deployment("vertex: {}", environment, files: ["/sa.json"])
        #expect(String(decoding: gemini.host, as: UTF8.self) == "aiplatform.googleapis.com")
        let root = "/v1/projects/p/locations/global/publishers/google/models/m%3A1"
        #expect(paths(gemini) == ["\(root):generateContent", "\(root):streamGenerateContent?alt=sse"])
        let claude = try deployment(
            "claude: { kind: vertex, dialect: anthropic, project: q, location: europe-west1, key: file:/sa.json }", [:],
            files: ["/sa.json"])
        #expect(String(decoding: claude.host, as: UTF8.self) == "europe-west1-aiplatform.googleapis.com")
        let publisher = "/v1/projects/q/locations/europe-west1/publishers/anthropic/models/m%3A1"
        #expect(paths(claude) == ["\(publisher):rawPredict", "\(publisher):streamRawPredict"])
    }

    @Test func theVaultHoldsNoDocuments() {
        let said = mistakes("providers: { vertex: { key: vault, project: p } }")
        #expect(said.first?.contains("`vault`") == true)
        let pair = mistakes(
            "providers: { bedrock: { key: vault, secret: env:S, region: r } }", ["S": "s"])
        #expect(pair.first?.contains("`vault`") == true)
    }

    /// The page for people says what the table says.
    @Test func theDocumentListsEveryRow() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/providers.md"), encoding: .utf8)
        for facts in ProviderFacts.table {
            let quirks = Quirk.allCases.filter(facts.quirks.contains).map { "`\($0.name)`" }.joined(separator: " ")
            let base = facts.base.isEmpty ? "your own" : facts.base
            let variables = facts.variables.map { "`\($0)`" }.joined(separator: " ")
            let row = "| `\(facts.name)` | \(base) | \(variables) | \(quirks) | [docs](\(facts.docs)) |"
            #expect(page.contains(row), "docs/providers.md lacks: \(row)")
        }
        for quirk in Quirk.allCases { #expect(page.contains("| `\(quirk.name)` |"), "\(quirk.name) is not explained") }
    }
}
