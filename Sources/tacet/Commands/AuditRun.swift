import AuditEngine
import Glibc

/// Feeds files to the engine, one piece after another: memory does not grow with them.
struct AuditRun {
    var engine: AuditEngine
    private let total: Int64
    private var done: Int64 = 0
    private var piece = [UInt8](repeating: 0, count: 1 << 18)
    private let started = ContinuousClock.now
    private var shown = ContinuousClock.now
    private let showsProgress = isatty(STDERR_FILENO) == 1
    private var hasShown = false

    init(engine: AuditEngine, total: Int64) {
        self.engine = engine
        self.total = total
    }

    mutating func read(_ sources: AuditSources) throws(Failure) {
        for path in sources.paths {
            let file = path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw Failure(text: "\(path) cannot be opened.", code: 2) }
            defer { close(file) }
            try read(file, path)
        }
    }

    private mutating func read(_ file: Int32, _ path: String) throws(Failure) {
        var count = try fill(file, path)
        if count >= 4, piece.starts(with: [0x50, 0x4b, 3, 4]), path != "-" {
            return try readArchive(file, path)
        }
        engine.beginFile()
        if count >= 2, piece[0] == 0x1f, piece[1] == 0x8b {
            var inflater = AuditInflater(.gzip)
            while count > 0, !inflater.isDone {
                inflate(&inflater, count)
                count = try fill(file, path)
            }
        } else {
            while count > 0, !engine.isRefused {
                Self.feed(&engine, piece, count)
                progress(Int64(count))
                count = try fill(file, path)
            }
        }
        engine.endFile()
    }

    /// Every member of a ZIP archive is a file of its own.
    private mutating func readArchive(_ file: Int32, _ path: String) throws(Failure) {
        guard let members = ZipDirectory.members(file) else {
            throw Failure(text: "\(path) is a ZIP archive of a kind that is not read.", code: 2)
        }
        for member in members {
            engine.beginFile()
            var inflater = AuditInflater(.raw)
            var at = member.start
            let end = member.start + member.count
            while at < end, !engine.isRefused {
                let wanted = min(piece.count, Int(end - at))
                let count = unsafe piece.withUnsafeMutableBytes {
                    unsafe pread(file, $0.baseAddress, wanted, off_t(at))
                }
                guard count > 0 else { break }
                at += Int64(count)
                if member.isDeflated {
                    inflate(&inflater, count)
                } else {
                    Self.feed(&engine, piece, count)
                }
                progress(Int64(count))
            }
            engine.endFile()
        }
    }

    private mutating func inflate(_ inflater: inout AuditInflater, _ count: Int) {
        inflater.begin(piece, count)
        while let out = inflater.next() {
            if engine.isRefused { break }
            engine.feed(out.span)
        }
        progress(Int64(count))
    }

    private static func feed(_ engine: inout AuditEngine, _ piece: [UInt8], _ count: Int) {
        engine.feed(piece.span.extracting(0..<count))
    }

    private mutating func fill(_ file: Int32, _ path: String) throws(Failure) -> Int {
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            if errno != EINTR { throw Failure(text: "\(path) cannot be read.") }
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
