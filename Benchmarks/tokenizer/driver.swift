import Foundation

// Compiled by compare.py together with Sources/Wire/Tokenizer as one module.
//
//     driver VOCABULARY CLASSES encode RECORDS TOKENS   records and tokens: 4 bytes of count, then bytes, or 4 bytes a token
//     driver VOCABULARY CLASSES speed FILE…             one line of JSON a file
//     driver VOCABULARY CLASSES start                   milliseconds to build the tables, their bytes

@main
enum Driver {
    static func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

    static func main() throws {
        let arguments = CommandLine.arguments
        let vocabulary = try read(arguments[1])
        let classes = try read(arguments[2])
        let start = ContinuousClock.now
        let tokenizer = try Tokenizer(vocabulary: vocabulary.span, classes: classes.span)
        let built = ContinuousClock.now - start
        switch arguments[3] {
        case "encode": try encode(tokenizer, try read(arguments[4]), to: arguments[5])
        case "speed": for path in arguments[4...] { measure(tokenizer, try read(path), path) }
        default: print("{\"ms\":\(built / .milliseconds(1)),\"bytes\":\(tokenizer.byteCount)}")
        }
    }

    static func encode(_ tokenizer: Tokenizer, _ records: [UInt8], to path: String) throws {
        var output = Data()
        var scratch = Tokenizer.Scratch()
        var at = 0
        while at < records.count {
            let count = (0..<4).reduce(0) { $0 | Int(records[at + $1]) << ($1 * 8) }
            let text = records.span.extracting(at + 4..<at + 4 + count)
            at += 4 + count
            var tokens: [UInt32] = []
            tokenizer.encode(text, into: &tokens)
            guard tokenizer.count(text, using: &scratch) == tokens.count else { fatalError("count is not encode's") }
            for value in [UInt32(tokens.count)] + tokens {
                withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
            }
        }
        try output.write(to: URL(filePath: path))
    }

    /// The best of several counts of the whole file; short files are counted many times over in each.
    static func measure(_ tokenizer: Tokenizer, _ text: [UInt8], _ path: String) {
        var scratch = Tokenizer.Scratch()
        let rounds = max(1, 100_000 / max(1, text.count))
        var best = Duration.seconds(1_000_000)
        var tokens = 0
        for _ in 0..<9 {
            let start = ContinuousClock.now
            for _ in 0..<rounds { tokens = tokenizer.count(text.span, using: &scratch) }
            best = min(best, ContinuousClock.now - start)
        }
        let seconds = best / .seconds(1) / Double(rounds)
        print("{\"path\":\"\(path)\",\"bytes\":\(text.count),\"tokens\":\(tokens),\"seconds\":\(seconds)}")
    }
}
