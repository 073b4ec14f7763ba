import NIOCore
import Testing
import Vocabulary

@testable import Planning

@Suite struct SimilarTextTests {
    private func text(_ question: String) -> String? {
        SimilarText.normalised(Array(question.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        ("What is the capital of France?", "Please, what is  the capital of France"),
        ("How do I boil an egg?", "hello! How do I boil an egg, please?"),
        ("explain \"entropy\" to me", "Explain entropy to me."),
        ("When did the war end?", "when did the war end"),
    ]) func questionsThatMeanTheSame(_ one: String, _ other: String) {
        #expect(text(one) != nil && text(one) == text(other))
    }

    /// Numbers, negations, names, signs, units and order: each alone makes another question.
    @Test(arguments: [
        ("What is the capital of France?", "What is the capital of Spain?"),
        ("Is it safe to drink?", "Is it not safe to drink?"),
        ("Is it safe to drink?", "Isn't it safe to drink?"),
        ("What is 15 plus 2", "What is 1.5 plus 2"),
        ("What is 5 plus 2", "What is -5 plus 2"),
        ("What is 5 + 2", "What is 5 - 2"),
        ("Who is Mark today", "Who is mark today"),
        ("Does Polish taste good", "Does polish taste good"),
        ("Is US aid good", "Is us aid good"),
        ("Does the dog bite the man", "Does the man bite the dog"),
        ("Is 5 mg enough", "Is 5 g enough"),
        ("Can I take it with milk", "Can I take it without milk"),
        ("Wie groß ist er", "Wie gross ist er"),
    ]) func questionsThatDoNot(_ one: String, _ other: String) { #expect(text(one) != text(other)) }

    @Test(arguments: [
        "", "Hi", "please", "say `ls`", "{\"a\": 1}", "a = b", "one\ntwo words", String(repeating: "word ", count: 500),
    ])
    func whatIsNoQuestion(_ words: String) { #expect(text(words) == nil) }

    @Test func answersAgreeByTheirWordsAndNumbers() {
        func agree(_ a: String, _ b: String) -> Bool {
            AnswerText.agree(
                ByteBuffer(string: #"{"id":"1","choices":[{"message":{"content":"\#(a)"}}]}"#),
                ByteBuffer(string: #"{"id":"2","choices":[{"message":{"content":"\#(b)"}}]}"#))
        }
        #expect(agree("The capital is Paris.", "the capital is Paris"))
        #expect(agree("It is Paris, the capital.", "The capital is Paris."))
        #expect(!agree("The capital is Paris.", "Madrid, of course."))
        #expect(!agree("It takes 10 minutes.", "It takes 12 minutes."))
        #expect(!AnswerText.agree(ByteBuffer(), ByteBuffer(string: "{}")))
    }

    @Test func onlyOneQuestionAloneIsCompared() {
        let scope = CacheScope(
            organisation: .home, key: KeyID(1), deployment: DeploymentID(1), endpoint: .chatCompletions, model: [0x6d])
        func key(_ body: String, _ dialect: Dialect? = .openAI) -> [UInt8]? {
            CanonicalRequest(ByteBuffer(string: body), in: scope, similar: dialect).map { Array(buffer: $0.bytes) }
        }
        func chat(_ words: String, _ more: String = "") -> String {
            #"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"\#(words)"}]\#(more)}"#
        }
        let (one, other) = ("What is it made of?", "what is it made of")
        #expect(key(chat(one)) == key(chat(other)))
        #expect(key(chat(one), nil) != key(chat(other), nil))
        // Never the key of an exact request.
        #expect(key(chat(other)) != key(chat(other), nil))
        #expect(key(chat(one, #","tools":[{}]"#)) != key(chat(other, #","tools":[{}]"#)))
        #expect(key(chat(one, #","temperature":1"#)) != key(chat(other)))
        #expect(key(chat(one)) != key(chat(one).replacing(#""s""#, with: #""t""#)))
        func turns(_ words: String) -> String {
            #"{"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"c"},{"role":"user","content":"\#(words)"}]}"#
        }
        #expect(key(turns(one)) != key(turns(other)))
        func gemini(_ words: String) -> String { #"{"contents":[{"parts":[{"text":"\#(words)"}]}]}"# }
        #expect(key(gemini(one), .gemini) == key(gemini(other), .gemini))
        func responses(_ words: String) -> String { #"{"input":"\#(words)"}"# }
        #expect(key(responses(one), .openAIResponses) == key(responses(other), .openAIResponses))
    }
}
