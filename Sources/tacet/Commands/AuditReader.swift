import AuditEngine
import CDispatch
import Glibc
import Synchronization

/// An open file, or a member of an archive: what the threads that read it share.
final class AuditFile: Sendable {
    let path: String
    let descriptor: Int32
    /// In bytes; 0 for what has no size, such as a pipe.
    let size: Int64
    /// Neither packed nor an archive.
    let isPlain: Bool
    let isArchive: Bool
    private let ownsDescriptor: Bool
    private let filter = Mutex<LineFilter?>(nil)
    private let refused = Atomic(false)

    /// Opens a file; `-` is standard input. `nil` when it cannot be opened.
    init?(_ path: String) {
        self.path = path
        let opened = path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        (descriptor, ownsDescriptor) = (opened, true)
        var facts = stat()
        let isFile = unsafe path != "-" && fstat(opened, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
        size = isFile ? Int64(facts.st_size) : 0
        var head: [UInt8] = [0, 0, 0, 0]
        if isFile { unsafe _ = head.withUnsafeMutableBytes { unsafe pread(opened, $0.baseAddress, 4, 0) } }
        isArchive = head == [0x50, 0x4b, 3, 4]
        isPlain = isFile && !isArchive && !AuditReader.isPacked(head)
    }

    /// A member of an archive.
    init(memberOf archive: AuditFile) {
        path = archive.path
        descriptor = archive.descriptor
        size = 0
        (isPlain, isArchive, ownsDescriptor) = (false, false, false)
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    /// The engine found no kind in it that is read: the rest need not come.
    func refuse() { refused.store(true, ordering: .relaxed) }
    var isRefused: Bool { refused.load(ordering: .relaxed) }

    /// Which of a piece counts; the first piece of a file tells for those after it.
    func parts(of piece: Span<UInt8>, isFirst: Bool, _ formats: AuditFormats) -> [LineFilter.Part] {
        guard isFirst else {
            return filter.withLock({ $0 })?.parts(of: piece) ?? [.kept(0..<piece.count)]
        }
        let window = LineFilter.window
        guard piece.count > window,
            let told = LineFilter(head: piece.extracting(0..<window), formats: formats)
        else { return [.kept(0..<piece.count)] }
        filter.withLock { $0 = told }
        return [.kept(0..<window)] + told.parts(of: piece, from: window)
    }
}

/// What a thread of the feed does with one job.
struct AuditReader {
    let feed: AuditFeed
    let unit: AuditUnit
    /// No bytes of the file begun last were handed on.
    private var isAtStart = false

    init(feed: AuditFeed, unit: AuditUnit) {
        self.feed = feed
        self.unit = unit
    }

    mutating func read(_ job: AuditFeed.Job) throws(Failure) {
        switch job {
        case .failed(let failure): throw failure
        case .part(let file, let range): read(file, range)
        case .whole(let file) where file.isArchive: try readArchive(file)
        case .whole(let file): try readStream(file)
        }
    }

    static func isPacked(_ head: [UInt8]) -> Bool { head[0] == 0x1f && head[1] == 0x8b }

    /// A part of a large plain file.
    private mutating func read(_ file: AuditFile, _ range: Range<Int64>) {
        if range.lowerBound == 0 { begin(file) }
        var at = range.lowerBound
        while at < range.upperBound, !file.isRefused, let (piece, count) = fill(file, at..<range.upperBound) {
            hand(piece, count, file)
            unit.put(.read(Int64(count)))
            at += Int64(count)
        }
        if range.upperBound == file.size { unit.put(.end) }
    }

    /// A file from its beginning to its end, packed or not; pipes too.
    private mutating func readStream(_ file: AuditFile) throws(Failure) {
        begin(file)
        var (piece, count) = try fill(file)
        var inflater = count >= 2 && Self.isPacked(piece) ? AuditInflater(.gzip) : nil
        while count > 0, !file.isRefused {
            if unpack(piece, count, file, &inflater) { break }
            (piece, count) = try fill(file)
        }
        unit.put(.end)
    }

    /// Every member of a ZIP archive is a file of its own.
    private mutating func readArchive(_ archive: AuditFile) throws(Failure) {
        guard let members = ZipDirectory.members(archive.descriptor) else {
            throw Failure(text: "\(archive.path) is a ZIP archive of a kind that is not read.", code: 2)
        }
        for member in members {
            let file = AuditFile(memberOf: archive)
            begin(file)
            var inflater = member.isDeflated ? AuditInflater(.raw) : nil
            var at = member.start
            let end = member.start + member.count
            while at < end, !file.isRefused, let (piece, count) = fill(archive, at..<end) {
                at += Int64(count)
                if unpack(piece, count, file, &inflater) { break }
            }
            unit.put(.end)
        }
    }

    private mutating func begin(_ file: AuditFile) {
        isAtStart = true
        unit.put(.begin(file))
    }

    /// Hands bytes on, unpacked; whether nothing more can come.
    private mutating func unpack(
        _ piece: [UInt8], _ count: Int, _ file: AuditFile, _ inflater: inout AuditInflater?
    ) -> Bool {
        if inflater == nil {
            hand(piece, count, file)
        } else {
            inflater?.begin(piece, count)
            while !file.isRefused, let out = inflater?.next() ?? nil { hand(out, out.count, file) }
            feed.giveBack(piece)
        }
        unit.put(.read(Int64(count)))
        return inflater?.isDone ?? false
    }

    private mutating func hand(_ piece: [UInt8], _ count: Int, _ file: AuditFile) {
        let parts = file.parts(of: piece.span.extracting(0..<count), isFirst: isAtStart, feed.formats)
        isAtStart = false
        unit.put(.bytes(piece, parts: parts))
    }

    /// The bytes at a place of a file, as many as a buffer takes; `nil` where it ends.
    private func fill(_ file: AuditFile, _ range: Range<Int64>) -> ([UInt8], Int)? {
        var piece = feed.buffer()
        let wanted = min(piece.count, Int(range.upperBound - range.lowerBound))
        let count = unsafe piece.withUnsafeMutableBytes {
            unsafe pread(file.descriptor, $0.baseAddress, wanted, off_t(range.lowerBound))
        }
        return count > 0 ? (piece, count) : nil
    }

    /// The next bytes of a stream; none at its end.
    private func fill(_ file: AuditFile) throws(Failure) -> ([UInt8], Int) {
        var piece = feed.buffer()
        while true {
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe Glibc.read(file.descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 { return (piece, count) }
            if errno != EINTR { throw Failure(text: "\(file.path) cannot be read.") }
        }
    }
}
