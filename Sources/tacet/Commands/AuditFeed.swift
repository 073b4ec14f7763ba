import Dispatch
import Foundation
import Glibc
import Synchronization

/// Reads and unpacks files on a thread of its own while the engine counts what came before: two cores work. At most
/// `limit` pieces wait, so memory does not grow with the files.
final class AuditFeed: Sendable {
    enum Piece: Sendable {
        case begin
        /// The first `count` of the bytes.
        case bytes([UInt8], count: Int)
        /// How much of the sources was read, for the progress line.
        case read(Int64)
        case end
        case failed(Failure)
        case done
    }

    private struct State {
        var waiting: [Piece] = []
        /// Buffers to be filled again.
        var spare: [[UInt8]] = []
        /// Files whose begin was taken, and the last of them that need not be read on.
        var taken = 0
        var refused = 0
    }

    private static let limit = 24
    private static let size = 1 << 18
    private let state = Mutex(State())
    private let filled = DispatchSemaphore(value: 0)
    private let free = DispatchSemaphore(value: AuditFeed.limit)

    /// Starts reading.
    init(_ sources: AuditSources) {
        let thread = Thread { [self] in
            var reader = AuditReader(feed: self)
            do throws(Failure) {
                for path in sources.paths { try reader.read(path) }
                put(.done)
            } catch {
                put(.failed(error))
            }
        }
        thread.start()
    }

    /// The next piece; waits for it.
    func take() -> Piece {
        filled.wait()
        let piece = state.withLock { state in
            let piece = state.waiting.removeFirst()
            if case .begin = piece { state.taken += 1 }
            return piece
        }
        free.signal()
        return piece
    }

    /// A buffer that was counted.
    func giveBack(_ buffer: [UInt8]) {
        state.withLock { state in
            if buffer.count == Self.size, state.spare.count < Self.limit { state.spare.append(buffer) }
        }
    }

    /// The file begun last is of no kind that is read.
    func refuse() { state.withLock { $0.refused = $0.taken } }

    fileprivate func put(_ piece: Piece) {
        free.wait()
        state.withLock { $0.waiting.append(piece) }
        filled.signal()
    }

    fileprivate func buffer() -> [UInt8] {
        state.withLock { $0.spare.popLast() } ?? [UInt8](repeating: 0, count: Self.size)
    }

    fileprivate func isRefused(_ file: Int) -> Bool { state.withLock { $0.refused == file } }
}

/// What the feed's thread does: opens, reads, unpacks.
private struct AuditReader {
    let feed: AuditFeed
    private var files = 0

    init(feed: AuditFeed) { self.feed = feed }

    mutating func read(_ path: String) throws(Failure) {
        let file = path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(text: "\(path) cannot be opened.", code: 2) }
        defer { close(file) }
        var (piece, count) = try fill(file, path)
        if count >= 4, piece.starts(with: [0x50, 0x4b, 3, 4]), path != "-" {
            feed.giveBack(piece)
            return try readArchive(file, path)
        }
        begin()
        var inflater = count >= 2 && piece[0] == 0x1f && piece[1] == 0x8b ? AuditInflater(.gzip) : nil
        while count > 0, !feed.isRefused(files) {
            let isDone = pass(piece, count, &inflater)
            if isDone { break }
            (piece, count) = try fill(file, path)
        }
        feed.put(.end)
    }

    /// Every member of a ZIP archive is a file of its own.
    private mutating func readArchive(_ file: Int32, _ path: String) throws(Failure) {
        guard let members = ZipDirectory.members(file) else {
            throw Failure(text: "\(path) is a ZIP archive of a kind that is not read.", code: 2)
        }
        for member in members {
            begin()
            var inflater = member.isDeflated ? AuditInflater(.raw) : nil
            var at = member.start
            let end = member.start + member.count
            while at < end, !feed.isRefused(files) {
                var piece = feed.buffer()
                let wanted = min(piece.count, Int(end - at))
                let count = unsafe piece.withUnsafeMutableBytes {
                    unsafe pread(file, $0.baseAddress, wanted, off_t(at))
                }
                guard count > 0 else { break }
                at += Int64(count)
                if pass(piece, count, &inflater) { break }
            }
            feed.put(.end)
        }
    }

    private mutating func begin() {
        files += 1
        feed.put(.begin)
    }

    /// Hands bytes on, unpacked; whether nothing more can come.
    private func pass(_ piece: [UInt8], _ count: Int, _ inflater: inout AuditInflater?) -> Bool {
        if inflater == nil {
            feed.put(.bytes(piece, count: count))
        } else {
            inflater?.begin(piece, count)
            while let out = inflater?.next() ?? nil {
                if feed.isRefused(files) { break }
                feed.put(.bytes(out, count: out.count))
            }
            feed.giveBack(piece)
        }
        feed.put(.read(Int64(count)))
        return inflater?.isDone ?? false
    }

    private func fill(_ file: Int32, _ path: String) throws(Failure) -> ([UInt8], Int) {
        var piece = feed.buffer()
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
            if count >= 0 { return (piece, count) }
            if errno != EINTR { throw Failure(text: "\(path) cannot be read.") }
        }
    }
}
