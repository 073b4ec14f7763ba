import Metering
import Testing

@Suite struct TokenEstimateTests {
    private func estimate(_ text: String) -> Int64 { TokenEstimate.tokens(inText: Array(text.utf8).span) }

    /// Counts of o200k_base, by tiktoken 0.14.
    static let counted: [(text: String, tokens: Int64)] = [
        (
            "The gateway reads each request once and keeps none of its words. When the answer has gone out, "
                + "what remains is a receipt: how many tokens were used, what they cost, how long it took, and whi"
                + "ch provider served them. Nobody can ask it later what was said, because it does not know.", 62
        ),
        (
            "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
                + "How many clips did Natalia sell altogether in April and May? Explain your reasoning step by ste"
                + "p and give the final number alone on the last line.", 53
        ),
        (
            "{\"order_id\": \"#W2611340\", \"user_id\": \"james_li_5688\", \"address\": {\"street\": \"215 R"
                + "iver Road\", \"city\": \"New York\", \"zip\": \"10083\"}, \"items\": [{\"name\": \"Water Bottle"
                + "\", \"product_id\": \"8310926033\", \"price\": 48.25, \"options\": {\"capacity\": \"1000ml\", "
                + "\"color\": \"red\"}}], \"status\": \"pending\"}", 99
        ),
        (
            "def merge(left: list[int], right: list[int]) -> list[int]:\n    result = []\n    while left and"
                + " right:\n        if left[0] <= right[0]:\n            result.append(left.pop(0))\n        else:"
                + "\n            result.append(right.pop(0))\n    return result + left + right\n", 64
        ),
        (
            "网关只读取一次请求，不保留任何内容。回答发出之后，留下的只有一张收据：使用了多少个令牌，花费多少，耗时多久，由哪个提供商处理。以后没有人能够询问当时说了什么，因为它并不知道。", 61
        ),
    ]

    @Test(arguments: counted) func isNearTheTokenizer(text: String, tokens: Int64) {
        let estimated = estimate(text)
        #expect(abs(estimated - tokens) * 100 <= tokens * 15)
    }

    @Test func edges() {
        #expect(estimate("") == 0)
        #expect(estimate("a") == 1)
        #expect(estimate(" ") == 1)
        #expect(estimate("\u{1F600}") >= 1)
        #expect(TokenEstimate.tokens(visibleBytes: 0) == 0)
        #expect(TokenEstimate.tokens(visibleBytes: 1) == 1)
        #expect(TokenEstimate.tokens(visibleBytes: 8) == 2)
        #expect(TokenEstimate.tokens(visibleBytes: 9) == 3)
        #expect(TokenEstimate.tokens(visibleBytes: -9) == 0)
        #expect(TokenEstimate.tokens(visibleBytes: .max) == .max / 4 + 1)
    }

    /// Any bytes get a count between nothing and three tokens a byte.
    @Test func survivesAnyBytes() {
        var random = SplitMix(state: 9)
        for length in 0..<600 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let tokens = TokenEstimate.tokens(inText: bytes.span)
            #expect(tokens >= (length == 0 ? 0 : 1) && tokens <= 3 * Int64(length))
        }
    }
}
