import Testing
import Vocabulary

@testable import Planning

@Suite struct ProviderFactsTests {
    @Test func everyRowIsWholeAndItsNameItsOwn() {
        let names = ProviderFacts.table.map(\.name)
        #expect(Set(names).count == names.count && names.count == 19)
        for facts in ProviderFacts.table {
            #expect(!facts.dialects.isEmpty && facts.docs.hasPrefix("https://"), "\(facts.name)")
            #expect(facts.isLocal || !facts.variables.isEmpty, "\(facts.name)")
            #expect(facts.isLocal == facts.base.hasPrefix("http://127.0.0.1:"), "\(facts.name)")
            #expect(!(facts.quirks.contains(.maxCompletionTokens) && facts.quirks.contains(.onlyMaxTokens)))
        }
        #expect(Set(Quirk.allCases.map { "\($0.name)" }).count == Quirk.allCases.count)
        for quirk in Quirk.allCases {
            #expect(ProviderFacts.table.contains { $0.quirks.contains(quirk) }, "nobody has \(quirk)")
        }
    }

    @Test(arguments: [
        ("/v1/chat/completions", "gpt-5", "/v1/chat/completions"),
        ("/models/{model}:generateContent", "gemini-3", "/models/gemini-3:generateContent"),
        ("/m/{model}:rawPredict", "claude-sonnet-4-5@20250929", "/m/claude-sonnet-4-5@20250929:rawPredict"),
        ("/model/{model}/invoke", "us.anthropic.claude-v1:0", "/model/us.anthropic.claude-v1%3A0/invoke"),
        ("/d/{model}/c?api-version=1", "a/b+c", "/d/a%2Fb%2Bc/c?api-version=1"), ("{model}", "", ""),
        ("/{mode", "m", "/{mode"),
    ])
    func aPathHoldsTheModel(text: String, model: String, path: String) {
        let bytes = RequestPath(Array(text.utf8)).bytes(model: Array(model.utf8))
        #expect(String(decoding: bytes, as: UTF8.self) == path)
    }

    @Test(arguments: [
        (Dialect.openAI, "/v1", "/v1/chat/completions", "/v1/chat/completions"),
        (.openAIResponses, "/v1", "/v1/responses", "/v1/responses"),
        (.anthropic, "", "/v1/messages", "/v1/messages"), (.anthropic, "/x/v1", "/x/v1/messages", "/x/v1/messages"),
        (.gemini, "", "/v1beta/models/m:generateContent", "/v1beta/models/m:streamGenerateContent?alt=sse"),
        (.gemini, "/v1beta", "/v1beta/models/m:generateContent", "/v1beta/models/m:streamGenerateContent?alt=sse"),
    ])
    func aDialectHasItsPaths(dialect: Dialect, base: String, whole: String, streamed: String) {
        let deployment = Deployment(
            id: DeploymentID(1), name: [0x61], dialect: dialect, host: [0x61], port: 443, isTLS: true,
            basePath: Array(base.utf8), pricing: .free, hasKey: true, isSandbox: false)
        #expect(deployment.paths.whole.bytes(model: [0x6d]) == Array(whole.utf8))
        #expect(deployment.paths.streamed.bytes(model: [0x6d]) == Array(streamed.utf8))
    }
}
