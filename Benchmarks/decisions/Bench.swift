import NIOCore
import Planning
import Secrets
import Vocabulary

/// What a decision costs in process: classifying prompts, and an exact hit of the answer cache from the request's bytes to
/// the opened answer. Prints one JSON object of microseconds.
@main
enum Bench {
    static func main() throws {
        var lines: [String] = []
        let classifier = try classifier()
        var reader = PromptReader()
        let text = prompt(of: 1 << 16)
        for size in [250, 500, 2048, 16384] {
            var from = 0
            let time = median(of: 2000, by: 20) {
                from = (from + 131) % (text.count - size)
                return classifier.classify(text.span.extracting(from..<from + size), using: &reader).difficulty > 0
            }
            lines.append("\"classify_\(size)\":\(time)")
        }
        for size in [200, 2000] { lines.append("\"hit_\(size)\":\(try hit(size))") }
        print("{\(lines.joined(separator: ","))}")
    }

    /// Microseconds of one call, the median over runs of several.
    private static func median(of runs: Int, by calls: Int, _ work: () -> Bool) -> Double {
        var times: [Double] = []
        var count = 0
        for _ in 0..<runs {
            let start = ContinuousClock.now
            for _ in 0..<calls where work() { count += 1 }
            times.append((ContinuousClock.now - start) / .microseconds(calls))
        }
        precondition(count > 0, "nothing was measured")
        times.sort()
        return times[runs / 2]
    }

    /// English of no meaning, with numbers and lines as prompts have them.
    private static func prompt(of bytes: Int) -> [UInt8] {
        let words = """
            which of the following statements about an integer equation is true when a market price rises and the supply \
            of labour falls find total cost per unit for each company over 12 months explain your answer in one sentence \
            consider photosynthesis membrane protein judge contract liability empire revolution treaty vector derivative
            """.split(separator: " ")
        var text: [UInt8] = []
        var state: UInt64 = 7
        while text.count < bytes {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += Array(words[Int(state >> 33) % words.count].utf8)
            text += Array((state >> 60 == 0 ? ".\n" : state >> 58 == 1 ? ", " : " ").utf8)
        }
        return text
    }

    /// An exact hit: canonical form, keyed hash, look-up among a thousand answers, opening 700 sealed bytes.
    private static func hit(_ size: Int) throws -> Double {
        let seal = AnswerSeal(secret: SecretBytes(copying: [UInt8](repeating: 7, count: 32).span))
        let scope = CacheScope(
            organisation: .home, key: KeyID(4), deployment: DeploymentID(2), endpoint: .chatCompletions,
            model: Array("gpt-5".utf8))
        func body(_ number: Int) -> ByteBuffer {
            let question = String(decoding: prompt(of: size).prefix(size - 90), as: UTF8.self)
                .replacing("\n", with: " ")
            return ByteBuffer(
                string:
                    #"{"model":"gpt-5","temperature":0,"messages":[{"role":"user","content":"\#(question) \#(number)"}]}"#
            )
        }
        func key(_ body: ByteBuffer) -> CacheKey? {
            CanonicalRequest(body, in: scope).map {
                CacheKey(words: seal.digest(of: $0.bytes.readableBytesUInt8Span, .home))
            }
        }
        var cache = AnswerCache<SealedAnswer, Int>(
            AnswerCache<SealedAnswer, Int>.Limits(bytes: 1 << 30, lifetime: 3_600_000_000))
        let now = Moment(microseconds: 1)
        for number in 0..<1000 {
            guard let key = key(body(number)),
                let answer = seal.seal([UInt8](repeating: 1, count: 700).span, for: key.words)
            else { continue }
            _ = cache.ask(key, number, mayRead: true, at: now)
            _ = cache.landed(key, keeping: (answer: answer, bytes: answer.count, organisation: .home), at: now)
        }
        let bodies = (0..<1000).map(body)
        var number = 0
        return median(of: 2000, by: 20) {
            number = (number + 7) % 1000
            guard let key = key(bodies[number]),
                case .hit(let answer) = cache.ask(key, 0, mayRead: true, at: now)
            else { return false }
            return seal.open(answer, for: key.words)?.count == 700
        }
    }

    private static func classifier() throws -> Classifier {
        let text = prompt(of: 1 << 16)
        let rows = (0..<200).map { row in
            TrainingRow(prompt: Array(text[row * 300..<row * 300 + 300]), strong: 1, weak: row % 3 == 0 ? 0 : 1)
        }
        return Classifier(try ClassifierTraining(rows).trained())
    }
}
