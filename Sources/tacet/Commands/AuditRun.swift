import AuditEngine
import Glibc

/// Gives files to the engine piece by piece and tells how far it is.
struct AuditRun {
    var engine: AuditEngine
    private let total: Int64
    private var done: Int64 = 0
    private let started = ContinuousClock.now
    private var shown = ContinuousClock.now
    private let showsProgress = isatty(STDERR_FILENO) == 1
    private var hasShown = false

    init(engine: AuditEngine, total: Int64) {
        self.engine = engine
        self.total = total
    }

    mutating func read(_ sources: AuditSources) throws(Failure) {
        let feed = AuditFeed(sources, formats: engine.formats)
        var file: AuditFile?
        try feed.deliver { (piece) throws(Failure) in
            switch piece {
            case .begin(let next):
                file = next
                engine.beginFile()
            case .bytes(let bytes, let parts):
                if engine.isRefused { file?.refuse() } else { count(bytes, parts) }
                feed.giveBack(bytes)
            case .read(let count): progress(count)
            case .end: engine.endFile()
            case .failed(let failure): throw failure
            }
        }
    }

    private mutating func count(_ bytes: [UInt8], _ parts: [LineFilter.Part]) {
        for part in parts {
            switch part {
            case .kept(let range): engine.feed(bytes.span.extracting(range))
            case .passed(let lines, let bytes): engine.passLines(lines, bytes: bytes)
            }
        }
    }

    /// After a second, four times a second.
    private mutating func progress(_ count: Int64) {
        done += count
        guard showsProgress else { return }
        let now = ContinuousClock.now
        guard now - started > .seconds(1), now - shown > .milliseconds(250) else { return }
        shown = now
        hasShown = true
        let seconds = Double((now - started).components.seconds) + Double((now - started).components.attoseconds) / 1e18
        let share = total > 0 ? "\(min(100, done * 100 / total)) %  " : ""
        let rate = Int(Double(done) / seconds / 1_048_576)
        Terminal.error("\r\(share)\(engine.rowsSoFar) rows  \(rate) MiB/s \u{1b}[K")
    }

    func endProgress() {
        if hasShown { Terminal.error("\r\u{1b}[K") }
    }
}
