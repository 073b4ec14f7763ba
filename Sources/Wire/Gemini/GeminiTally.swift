import NIOCore
import Vocabulary

/// Reads what the chunks of a Gemini stream tell. Gemini reports usage unasked, so nothing is taken out, and no chunk says
/// that it is the last: the stream's end does.
struct GeminiTally: StreamTally {
    private var searches: Int64 = 0

    mutating func take(_ data: ByteBuffer, _ range: Range<Int>, into report: inout StreamReport) -> Bool {
        let b = data.readableBytesUInt8Span
        var cursor = JSONCursor(at: range.lowerBound, end: range.upperBound)
        var event = GeminiEvent()
        // What is no JSON object passes as it is; what was read of a broken one counts.
        do throws(JSONFault) {
            guard try cursor.peek(b) == .object else { return true }
            try event.read(&cursor, b, readsModel: report.model == nil)
        } catch {}
        if let name = event.model { report.model = name }
        if event.hasError { report.errorSeen = true }
        if event.hasContent { report.hasContent = true }
        report.visibleOutputBytes += event.visibleBytes
        searches = max(searches, event.searches)
        if let usage = event.usage { report.take(usage) }
        report.usage?[.searches] = searches
        return true
    }
}
