import AuditEngine
import Dispatch
import Foundation
import Glibc
import Synchronization

/// Reads, unpacks and sifts files on threads of their own while the engine counts what came before.
///
/// Files are read side by side, and so are the parts of a large one; their pieces are taken in the order of the files. What
/// the engine sees does not depend on how many threads there are or how fast each is. At most `aheadLimit` units wait, each
/// of at most `AuditUnit.limit` pieces, so memory does not grow with the files.
final class AuditFeed: Sendable {
    enum Piece: Sendable {
        case begin(AuditFile)
        /// Bytes of the file begun last, and which of them count.
        case bytes([UInt8], parts: [LineFilter.Part])
        /// How much of the sources was read, for the progress line.
        case read(Int64)
        case end
        case failed(Failure)
    }

    /// What one thread reads in one go.
    enum Job {
        case whole(AuditFile)
        case part(AuditFile, Range<Int64>)
        case failed(Failure)
    }

    private struct State {
        /// Begun and not yet taken to their ends, in order.
        var units: [AuditUnit] = []
        var paths: ArraySlice<String>
        /// A file read in parts, and where the next begins.
        var large: AuditFile?
        var at: Int64 = 0
        /// Buffers to be filled again.
        var spare: [[UInt8]] = []
    }

    static let bufferSize = 1 << 18
    private static let partSize: Int64 = 8 << 18
    private static let aheadLimit = 8
    let formats: AuditFormats
    private let state: Mutex<State>
    private let begun = DispatchSemaphore(value: 0)
    private let ahead = DispatchSemaphore(value: 0)

    /// Starts reading. More threads than four would only wait for the one that counts.
    init(_ sources: AuditSources, formats: AuditFormats, threads: Int = ProcessInfo.processInfo.activeProcessorCount) {
        self.formats = formats
        state = Mutex(State(paths: sources.paths[...]))
        for _ in 0..<Self.aheadLimit { ahead.signal() }
        for _ in 0..<max(1, min(4, threads)) { Thread { self.work() }.start() }
    }

    /// Hands every piece to `body`, in order, and returns after the last.
    func deliver(_ body: (Piece) throws(Failure) -> Void) throws(Failure) {
        while true {
            begun.wait()
            guard let unit = state.withLock({ $0.units.isEmpty ? nil : $0.units.removeFirst() }) else { return }
            while let piece = unit.take() { try body(piece) }
            ahead.signal()
        }
    }

    /// A buffer that was counted.
    func giveBack(_ buffer: [UInt8]) {
        state.withLock { state in
            if buffer.count == Self.bufferSize, state.spare.count < 32 { state.spare.append(buffer) }
        }
    }

    func buffer() -> [UInt8] {
        state.withLock { $0.spare.popLast() } ?? [UInt8](repeating: 0, count: Self.bufferSize)
    }

    private func work() {
        while true {
            ahead.wait()
            guard let (unit, job) = claim() else {
                // The others come to their end as well.
                ahead.signal()
                begun.signal()
                return
            }
            var reader = AuditReader(feed: self, unit: unit)
            do throws(Failure) {
                try reader.read(job)
            } catch {
                unit.put(.failed(error))
            }
            unit.end()
        }
    }

    private func claim() -> (AuditUnit, Job)? {
        state.withLock { state in
            guard let job = Self.next(&state) else { return nil }
            let unit = AuditUnit()
            state.units.append(unit)
            begun.signal()
            return (unit, job)
        }
    }

    private static func next(_ state: inout State) -> Job? {
        if state.large == nil {
            guard let path = state.paths.popFirst() else { return nil }
            guard let file = AuditFile(path) else {
                return .failed(Failure(text: "\(path) cannot be opened.", code: 2))
            }
            guard file.isPlain, file.size > partSize else { return .whole(file) }
            state.large = file
            state.at = 0
        }
        guard let file = state.large else { return nil }
        let part = state.at..<min(file.size, state.at + partSize)
        state.at = part.upperBound
        if state.at == file.size { state.large = nil }
        return .part(file, part)
    }
}

/// The pieces of one job, in order, from the thread that reads to the one that counts.
final class AuditUnit: Sendable {
    /// A part of a large file fits, so that its thread can go on to the next.
    static let limit = 20
    private let pieces = Mutex<[AuditFeed.Piece]>([])
    private let filled = DispatchSemaphore(value: 0)
    private let free = DispatchSemaphore(value: 0)

    init() {
        for _ in 0..<Self.limit { free.signal() }
    }

    func put(_ piece: AuditFeed.Piece) {
        free.wait()
        pieces.withLock { $0.append(piece) }
        filled.signal()
    }

    func end() { filled.signal() }

    /// The next piece; waits for it. `nil` at the end.
    func take() -> AuditFeed.Piece? {
        filled.wait()
        let piece = pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        free.signal()
        return piece
    }
}
