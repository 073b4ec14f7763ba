import AuditEngine
import Metering
import Vocabulary

/// What the page's worker calls: it writes bytes into `room`, then says what they are. One audit at a time; the module
/// has one thread.
nonisolated(unsafe) private var audit: AuditEngine?
nonisolated(unsafe) private var input: [UInt8] = []
nonisolated(unsafe) private var output: [UInt8] = []
nonisolated(unsafe) private var language: Catalogue?
nonisolated(unsafe) private var columns: [(name: [UInt8], field: [UInt8])] = []

/// Memory for the next `count` bytes. It may grow the module's memory: take the buffer afterwards.
@_expose(wasm, "room") @c
public func room(_ count: Int32) -> UnsafeMutablePointer<UInt8>? {
    if unsafe input.count < Int(count) { unsafe input = Array(repeating: 0, count: Int(count)) }
    return unsafe input.withUnsafeMutableBufferPointer { $0.baseAddress }
}

/// Begins an audit by the price book in `room`; 0 when the book is refused.
@_expose(wasm, "begin") @c
public func begin(_ count: Int32, _ low: UInt64, _ high: UInt64, _ today: Int64, _ since: Int64) -> Int32 {
    do {
        let book = try unsafe PriceBook(input.span.extracting(0..<Int(count)))
        var options = AuditOptions()
        options.today = Moment(microseconds: today)
        if since > 0 { options.since = Moment(microseconds: since) }
        unsafe options.columns = columns
        unsafe audit = AuditEngine(book: book, key: AuditKey(low: low, high: high), options: options)
        return 1
    } catch {
        return 0
    }
}

/// Takes the words of a language: its code, two bytes, and then the catalogue's text, both in `room`.
@_expose(wasm, "speak") @c
public func speak(_ count: Int32) {
    let code = unsafe Array(input[0..<2])
    unsafe language = Catalogue(input.span.extracting(2..<Int(count)), code: code)
}

/// Gives a column a meaning for the audit begun next: `name` and then `field`, both in `room`.
@_expose(wasm, "column") @c
public func column(_ name: Int32, _ field: Int32) {
    let all = unsafe Array(input[0..<Int(name + field)])
    unsafe columns.append((Array(all[..<Int(name)]), Array(all[Int(name)...])))
}

@_expose(wasm, "forgetColumns") @c
public func forgetColumns() { unsafe columns = [] }

@_expose(wasm, "beginFile") @c
public func beginFile() { unsafe audit?.beginFile() }

/// The next bytes of the file, in `room`.
@_expose(wasm, "feed") @c
public func feed(_ count: Int32) { unsafe audit?.feed(input.span.extracting(0..<Int(count))) }

@_expose(wasm, "endFile") @c
public func endFile() { unsafe audit?.endFile() }

/// 1 when the file begun last is of no kind that is read.
@_expose(wasm, "isRefused") @c
public func isRefused() -> Int32 { unsafe audit?.isRefused ?? true ? 1 : 0 }

/// The cost of the rows read so far, in nano-USD.
@_expose(wasm, "costSoFar") @c
public func costSoFar() -> Int64 { Int64(truncatingIfNeeded: (unsafe audit?.costSoFar ?? 0) / 1000) }

@_expose(wasm, "rowsSoFar") @c
public func rowsSoFar() -> Int64 { unsafe audit?.rowsSoFar ?? 0 }

/// Makes the report in a form (0 JSON, 1 CSV, 2 HTML) and tells its length; `reportBytes` tells where.
@_expose(wasm, "report") @c
public func report(_ form: Int32) -> Int32 {
    guard let report = unsafe audit?.report(), let language = unsafe language else { return 0 }
    switch form {
    case 0: unsafe output = report.json(language)
    case 1: unsafe output = report.csv()
    default: unsafe output = report.html(language)
    }
    return Int32(unsafe output.count)
}

@_expose(wasm, "reportBytes") @c
public func reportBytes() -> UnsafePointer<UInt8>? { unsafe output.withUnsafeBufferPointer { $0.baseAddress } }
