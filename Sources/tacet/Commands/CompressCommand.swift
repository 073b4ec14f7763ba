import ArgumentParser
import Foundation
import NIOCore
import Planning
import Vocabulary
import Wire

struct CompressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compress",
        abstract: "Compress a tool's output as the gateway would: standard input to standard output.",
        discussion: """
            `lossless` takes white space and needless escapes out of JSON, writes lists of like objects as tables, and cleans what
            terminals do not show. `balanced` and `strong` also leave out the middle of long outputs, and say so.

            Example:
              git log --stat | tacet compress --mode balanced
              tacet compress --json < orders.json
              tacet compress < orders.json | tacet compress --restore
            """)

    enum Mode: String, CaseIterable, ExpressibleByArgument {
        case lossless, balanced, strong

        var mode: CompressionMode {
            switch self {
            case .lossless: .lossless
            case .balanced: .balanced
            case .strong: .strong
            }
        }
    }

    @Option(help: "lossless, balanced or strong.")
    var mode: Mode = .lossless
    @Flag(help: "Turn losslessly compressed text back.")
    var restore = false
    @Flag(help: "Every line of the input is a JSON string: a block of its own.")
    var lines = false
    @Flag(help: "Print JSON: `text` and `tokens` (o200k) `before` and `after`, an object for each block.")
    var json = false

    struct Line: Codable {
        var text: String
        var tokens: Tokens

        struct Tokens: Codable {
            var before: Int
            var after: Int
        }
    }

    func validate() throws {
        if lines && !json { throw ValidationError("--lines needs --json: its blocks would run into each other.") }
    }

    func run() throws {
        let input = FileHandle.standardInput.readDataToEndOfFile()
        let all = try blocks(input)
        let tokenizer = json ? try Vocabularies.o200k() : nil
        for (index, block) in all.enumerated() {
            let out = try changed(block, line: index + 1)
            guard let tokenizer else {
                Terminal.out(Array(buffer: out))
                continue
            }
            let line = Line(
                text: String(buffer: out),
                tokens: Line.Tokens(
                    before: tokenizer.count(block.readableBytesUInt8Span),
                    after: tokenizer.count(out.readableBytesUInt8Span)))
            Terminal.out(JSONLine.of(line) + [0x0a])
        }
    }

    private func blocks(_ input: Data) throws(Failure) -> [ByteBuffer] {
        guard lines else { return [ByteBuffer(bytes: input)] }
        var blocks: [ByteBuffer] = []
        for (index, line) in input.split(separator: 0x0a).enumerated() {
            guard let text = try? JSONDecoder().decode(String.self, from: line) else {
                throw Failure(
                    text: "Line \(index + 1) is no JSON string; with --lines every line must be one.", code: 2)
            }
            blocks.append(ByteBuffer(string: text))
        }
        return blocks
    }

    private func changed(_ block: ByteBuffer, line: Int) throws(Failure) -> ByteBuffer {
        guard restore else { return Compression.compress(block, mode.mode) ?? block }
        guard let restored = Compression.restore(block) else {
            let place = lines ? "Line \(line)" : "The input"
            throw Failure(
                text: "\(place) holds a table or a count that `tacet compress --mode lossless` did not write.")
        }
        return restored
    }
}
