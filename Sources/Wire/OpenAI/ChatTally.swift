import NIOCore
import Vocabulary

/// Reads what the chunks of a chat stream tell.
struct ChatTally: StreamTally {
    /// The client did not ask for usage, Tacet did.
    private let stripsUsage: Bool
    /// The provider reports usage beside choices by habit: then its events all pass.
    private var volunteersUsage = false

    init(stripsUsage: Bool) { self.stripsUsage = stripsUsage }

    mutating func take(_ data: ByteBuffer, _ range: Range<Int>, into report: inout StreamReport) -> Bool {
        let b = data.readableBytesUInt8Span
        var cursor = JSONCursor(at: range.lowerBound, end: range.upperBound)
        var event = ChatEvent()
        // What is no JSON object passes as it is; what was read of a broken one counts.
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else {
                if Self.isDone(b, range) { report.isDone = true }
                return true
            }
            try event.read(&cursor, b, readsModel: report.model == nil)
        } catch {}
        if let name = event.model { report.model = name }
        if event.hasError, !event.hasChoices { report.errorSeen = true }
        if event.output.hasContent { report.hasContent = true }
        report.visibleOutputBytes += event.output.visibleBytes
        if let usage = event.usage { report.take(usage) }
        guard event.hasUsageObject, event.hasChoices else { return true }
        guard event.output.isEmpty else {
            volunteersUsage = true
            return true
        }
        return !stripsUsage || volunteersUsage
    }

    private static func isDone(_ b: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let text: StaticString = "[DONE]"
        var end = range.upperBound
        while end > range.lowerBound, b[end - 1] == 0x20 { end -= 1 }
        return JSONText(start: range.lowerBound, end: end, isEscaped: false).equals(text, in: b)
    }
}
