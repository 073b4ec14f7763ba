import CResources
import NIOCore
import Vocabulary
import Wire

/// Counts tokens beside the event loops (`RULES.md` 2), one request after the other. A vocabulary takes 80 ms and 15 MB, so
/// it is built when the first request needs it, and kept.
actor TokenCounter {
    enum Encoding {
        case o200k
        case cl100k

        /// OpenAI's models before gpt-4o have a vocabulary of their own; other makers' are counted by the newer one.
        init(model: [UInt8]) {
            let name = model.lastIndex(of: 0x2f).map { model[($0 + 1)...] } ?? model[...]
            let isOld = name.starts(with: "gpt-4".utf8) || name.starts(with: "gpt-3.5".utf8)
            let isNew = ["gpt-4o", "gpt-4.1", "gpt-4.5"].contains { name.starts(with: $0.utf8) }
            self = isOld && !isNew ? .cl100k : .o200k
        }
    }

    /// What stands around each turn, and in front of the answer.
    private static let perTurn: Int64 = 4
    private static let perAnswer: Int64 = 3
    /// A picture of 1024 × 1024 as OpenAI counts it; some pages; a minute of sound.
    private static let perImage: Int64 = 765
    private static let perDocument: Int64 = 3000
    private static let perAudio: Int64 = 600

    private var o200k: Tokenizer?
    private var cl100k: Tokenizer?
    private var scratch = Tokenizer.Scratch()

    /// The input tokens of a request; pictures, documents and sound are guessed.
    func count(_ request: ClientRequest, _ body: ByteBuffer, model: [UInt8]) -> Result<Int64, RequestRejection> {
        let conversation: Conversation
        do throws(RequestRejection) { conversation = try request.conversation(body) } catch { return .failure(error) }
        guard let tokenizer = tokenizer(Encoding(model: model)) else { return .success(0) }
        var total = Self.perAnswer + Self.perTurn * Int64(conversation.turns.count)
        let media = conversation.eachText { total += Int64(tokenizer.count($0.span, using: &scratch)) }
        total += Self.perImage * media.images + Self.perDocument * media.documents + Self.perAudio * media.audio
        return .success(total)
    }

    /// What a plain answer used whose provider does not tell; `nil` where request or answer cannot be read.
    func use(
        of request: ClientRequest, _ body: ByteBuffer, _ answer: ByteBuffer, in dialect: Dialect, model: [UInt8]
    ) -> TokenUsage? {
        guard case .success(let input) = count(request, body, model: model), let events = dialect.readAnswer(answer),
            let tokenizer = tokenizer(Encoding(model: model))
        else { return nil }
        var usage = TokenUsage()
        usage[.input] = input
        for event in events {
            switch event {
            // A plain answer's block has its text in one piece.
            case .text(let text), .thinking(let text), .arguments(let text), .refusal(let text),
                .blockStart(_, .toolCall(_, let text, _)):
                usage[.output] += Int64(tokenizer.count(text.unescaped.span, using: &scratch))
            default: break
            }
        }
        return usage
    }

    private func tokenizer(_ encoding: Encoding) -> Tokenizer? {
        switch encoding {
        case .o200k:
            o200k = unsafe o200k ?? Self.build(tacet_vocabulary_o200k)
            return o200k
        case .cl100k:
            cl100k = unsafe cl100k ?? Self.build(tacet_vocabulary_cl100k)
            return cl100k
        }
    }

    private static func build(
        _ vocabulary: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?
    ) -> Tokenizer? {
        var count = 0
        let merges = unsafe UnsafeBufferPointer(start: vocabulary(&count), count: count)
        var classCount = 0
        let classes = unsafe UnsafeBufferPointer(start: tacet_character_classes(&classCount), count: classCount)
        return unsafe try? Tokenizer(vocabulary: merges.span, classes: classes.span)
    }
}
