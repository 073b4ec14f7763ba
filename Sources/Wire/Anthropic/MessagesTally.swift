import NIOCore
import Vocabulary

/// Reads what the events of a messages stream tell: input tokens in `message_start`, output in `message_delta`.
struct MessagesTally: StreamTally {
    private var tape = JSONTape()
    private var reported = MessagesUsage()

    mutating func take(_ data: ByteBuffer, _ range: Range<Int>, into report: inout StreamReport) -> Bool {
        // What is no JSON object passes as it is.
        guard let text = data.getSlice(at: data.readerIndex + range.lowerBound, length: range.count),
            text.firstMark == .brace
        else { return true }
        do throws(JSONFault) { try tape.read(text) } catch { return true }
        read(&report)
        return true
    }

    private mutating func read(_ report: inout StreamReport) {
        let root = JSONTape.root
        if tape.member(root, "type", is: "content_block_delta") {
            guard let delta = tape.present(root, "delta") else { return }
            report.hasContent = true
            report.visibleOutputBytes += MessagesOutput.bytes(tape, ofDelta: delta)
        } else if tape.member(root, "type", is: "content_block_start") {
            guard let block = tape.present(root, "content_block") else { return }
            let bytes = MessagesOutput.bytes(tape, ofBlock: block)
            report.visibleOutputBytes += bytes
            let isText = tape.member(block, "type", is: "text") || tape.member(block, "type", is: "thinking")
            if bytes > 0 || !isText { report.hasContent = true }
        } else if tape.member(root, "type", is: "message_start") {
            guard let message = tape.present(root, "message") else { return }
            if let name = tape.text(message, "model"), !name.isEmpty { report.model = name.unescaped }
            if let usage = tape.present(message, "usage") { take(usage, &report) }
        } else if tape.member(root, "type", is: "message_delta") {
            if let usage = tape.present(root, "usage") { take(usage, &report) }
        } else if tape.member(root, "type", is: "message_stop") {
            report.isDone = true
        } else if tape.member(root, "type", is: "error") {
            report.errorSeen = true
        }
    }

    private mutating func take(_ usage: JSONTape.Index, _ report: inout StreamReport) {
        reported.take(tape, usage)
        report.usage = reported.usage
    }
}
