import Metering
import NIOCore
import Testing
import Vocabulary

@testable import Planning

@Suite struct TaskRouterTests {
    static let key = KeyID(7)

    private func prompt(_ body: String, _ dialect: Dialect = .openAI, key: KeyID = key) -> RoutePrompt? {
        RoutePrompt(ByteBuffer(string: body), dialect, key)
    }

    private func text(_ prompt: RoutePrompt?) -> String? { prompt.map { String(decoding: $0.text, as: UTF8.self) } }

    @Test(
        arguments: [
            (
                Dialect.openAI,
                #"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"one"},{"role":"assistant","content":"a"},{"role":"user","content":[{"type":"text","text":"two"}]}]}"#,
                "one\ntwo"
            ),
            (.openAIResponses, #"{"input":"only"}"#, "only"),
            (
                .openAIResponses,
                #"{"input":[{"role":"user","content":[{"type":"input_text","text":"one"}]},{"type":"function_call_output","output":"x"}]}"#,
                "one"
            ),
            (
                .anthropic,
                #"{"system":"s","messages":[{"role":"user","content":"one"},{"role":"user","content":[{"type":"tool_result","content":"t"}]}]}"#,
                "one"
            ),
            (.gemini, #"{"contents":[{"parts":[{"text":"one"}]},{"role":"model","parts":[{"text":"m"}]}]}"#, "one"),
            (.openAI, #"{"messages":[]}"#, ""),
            (.openAI, #"{"messages":7}"#, ""),
            (.openAI, "{}", ""),
        ] as [(Dialect, String, String)])
    func firstAndNewestWordsAreRead(_ dialect: Dialect, _ body: String, _ expected: String) {
        #expect(text(prompt(body, dialect)) == expected)
    }

    @Test(
        arguments: [
            (Dialect.openAI, #"{"tools":[{}],"messages":[]}"#, Abilities.tools),
            (.openAI, #"{"tools":[],"response_format":{"type":"text"},"messages":[]}"#, []),
            (.openAI, #"{"response_format":{"type":"json_schema"},"messages":[]}"#, .structuredOutput),
            (
                .openAI, #"{"messages":[{"role":"user","content":[{"type":"image_url"},{"type":"input_audio"}]}]}"#,
                [.images, .audio]
            ),
            (.openAIResponses, #"{"text":{"format":{"type":"json_schema"}},"input":"x"}"#, .structuredOutput),
            (.anthropic, #"{"messages":[{"role":"user","content":[{"type":"image"}]}]}"#, .images),
            (.gemini, #"{"contents":[{"parts":[{"inlineData":{"mimeType":"audio/wav"}}]}]}"#, .audio),
            (.gemini, #"{"contents":[],"generationConfig":{"responseSchema":{"type":"OBJECT"}}}"#, .structuredOutput),
        ] as [(Dialect, String, Abilities)])
    func whatARequestAsksOfAModelIsSeen(_ dialect: Dialect, _ body: String, _ expected: Abilities) {
        #expect(prompt(body, dialect)?.abilities == expected)
    }

    @Test func whatIsNoRequestIsNotLookedInto() {
        for body in ["", "[]", "nonsense", #"{"messages":"#] { #expect(prompt(body) == nil) }
        let large = #"{"messages":[{"role":"user","content":""# + String(repeating: "x", count: 300_000) + #""}]}"#
        #expect(prompt(large) == nil)
        let word = #"{"messages":[{"role":"user","content":""# + String(repeating: "x", count: 200_000) + #""}]}"#
        #expect(prompt(word)?.text.count == PromptReader.longestPrompt / 2)
    }

    @Test func aSessionIsItsFirstWordsUnderItsKey() {
        let one = #"{"messages":[{"role":"user","content":"first"}]}"#
        let two = #"{"messages":[{"role":"user","content":"first"},{"role":"user","content":"more"}]}"#
        #expect(prompt(one)?.session == prompt(two)?.session)
        #expect(prompt(one)?.session != prompt(one, key: KeyID(8))?.session)
        #expect(prompt(one)?.session != prompt(#"{"messages":[{"role":"user","content":"other"}]}"#)?.session)
    }

    private static let router = TaskRouter(
        [
            RouteOption(
                model: ModelID(1), price: .ceiling(input: PicoUSD(1_000_000), output: PicoUSD(1_000_000)),
                abilities: [.tools], strength: 900),
            RouteOption(
                model: ModelID(2), price: .ceiling(input: PicoUSD(1000), output: PicoUSD(1000)), abilities: [],
                strength: 600),
        ], RoutePolicy(mode: .off), weights: nil)

    @Test func withoutWeightsLongerIsHarder() {
        var reader = PromptReader()
        let short = Self.router.classify(Array("ping".utf8).span, using: &reader)
        let long = Self.router.classify([UInt8](repeating: 0x61, count: 9000).span, using: &reader)
        #expect(short.difficulty < 0.01 && long.difficulty == 1)
        func chosen(_ found: Classification, _ abilities: Abilities = []) -> Int {
            let needs = RouteNeeds(inputTokens: 10, expectedOutput: 10, abilities: abilities, classification: found)
            return Self.router.choose(.autopilot, requested: 0, needs, session: nil, dice: 900).option
        }
        #expect(chosen(short) == 1)
        #expect(chosen(long) == 0)
        #expect(chosen(short, .tools) == 0)
    }

    @Test func sessionsRememberWhoServesThem() {
        var sessions = RouteSessions()
        var now = Instant(microseconds: 1)
        #expect(sessions.state(of: 5, Self.router, at: now) == nil)
        for call in 1...3 {
            sessions.served(5, by: ModelID(2), tokens: 1000, at: now)
            #expect(
                sessions.state(of: 5, Self.router, at: now)
                    == SessionState(option: 1, cachedTokens: 1000, remainingCalls: Int64(call)))
        }
        sessions.served(5, by: ModelID(99), tokens: 1, at: now)
        #expect(sessions.state(of: 5, Self.router, at: now) == nil)
        sessions.served(5, by: ModelID(1), tokens: 1, at: now)
        #expect(sessions.state(of: 5, Self.router, at: now) != nil)
        // A provider's cache has lapsed by then.
        now = now.after(milliseconds: 3 * RouteSessions.generation)
        #expect(sessions.state(of: 5, Self.router, at: now) == nil)
    }

    @Test func aLedPlanKeepsItsCandidatesBehind() {
        func candidate(_ model: UInt64, rank: Int) -> Candidate {
            Candidate(
                deployment: 0, upstreamModel: [0x6d], model: ModelID(model), isCatalogued: true, price: .free,
                rank: rank)
        }
        let plan = Plan(
            candidates: [candidate(1, rank: 0), candidate(2, rank: 1)], requested: ModelID(1), origin: .alias)
        let led = plan.led(by: candidate(2, rank: 1), .routed)
        #expect(led.candidates.map(\.model.value) == [2, 1] && led.candidates.map(\.rank) == [0, 1])
        #expect(led.reason(for: 0, isFirst: true) == .routed)
        #expect(led.reason(for: 1, isFirst: false) == .fallback)
        #expect(plan.kept(.watched).reason(for: 0, isFirst: true) == .watched)
        #expect(plan.reason(for: 0, isFirst: true) == .alias)
    }
}
