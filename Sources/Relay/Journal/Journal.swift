import CBytes
import NIOCore
import NIOPosix
import Synchronization
import Vocabulary

/// The receipt sink of a node: records go into mapped segments, in order, without a system call (`RULES.md` 24, 25).
///
/// A request is admitted only when room for the records it still owes is sure, so closing never fails: as many segments lie
/// ready as all open requests together may need. They are made and synchronised on a thread of their own, never on an
/// event loop.
final class Journal: ReceiptSink {
    /// 1 MiB holds about 2,100 requests. All of it is resident, and so is the next.
    static let segmentCapacity = 1 << 20
    /// What an opened request may still write: its receipt, a model's name and a progress.
    private static let owedPerRequest = 1024

    private struct State {
        var current: MappedSegment
        /// The segments after it, in order.
        var ready: [MappedSegment] = []
        /// Segments that were left but not yet synchronised.
        var left: [MappedSegment] = []
        var offset = MappedSegment.headerLength
        var sequence: UInt64 = 0
        var owed = 0
        var isPreparing = false
        var failed = false
    }

    private let directory: String
    private let served: NodeEpoch
    private let capacity: Int
    private let log: any EventLog
    private let thread: NIOThreadPool
    private let state: Mutex<State>

    init(
        directory: String, served: NodeEpoch, capacity: Int = Journal.segmentCapacity, log: any EventLog
    )
        throws(JournalFault)
    {
        self.directory = directory
        self.served = served
        self.capacity = capacity
        self.log = log
        let first = try MappedSegment(directory: directory, node: served, number: 1, capacity: capacity)
        first.makeResident()
        first.begin(at: 1)
        state = Mutex(State(current: first))
        thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        prepareIfNeeded()
    }

    var hasRoom: Bool { state.withLock { unclaimed($0) >= Self.owedPerRequest } }

    func write(_ payload: some JournalPayload) -> Bool {
        let length = payload.recordLength
        let claim = payload.claim
        var asksForMore = false
        let written = state.withLock { state in
            switch claim {
            case .opens:
                let unclaimed = unclaimed(state)
                asksForMore = unclaimed < capacity && !state.isPreparing && !state.failed
                guard unclaimed >= Self.owedPerRequest else { return false }
                state.owed += Self.owedPerRequest
            case .closes: state.owed -= Self.owedPerRequest
            case .lone:
                guard unclaimed(state) >= Self.owedPerRequest else { return false }
            case .owed: break
            }
            if state.offset + length > capacity {
                guard !state.ready.isEmpty else { return false }
                state.left.append(state.current)
                state.current = state.ready.removeFirst()
                state.current.begin(at: state.sequence + 1)
                state.offset = MappedSegment.headerLength
                asksForMore = true
            }
            state.sequence += 1
            let sequence = state.sequence
            let stored = JournalRecord.headerLength + payload.payloadLength + 4
            state.current.store(at: state.offset, length: stored) { out in
                payload.encodeRecord(sequence: sequence, checksum: Self.checksum, into: &out)
            }
            state.offset += length
            return true
        }
        if asksForMore { prepareIfNeeded() }
        return written
    }

    /// Brings what was stored to the disk; called every second, off the event loops.
    func synchronise() {
        let (left, current) = state.withLock { state in
            defer { state.left.removeAll() }
            return (state.left, state.current)
        }
        for segment in left { segment.release() }
        // What the drain has taken is durable in the ledger, which synchronises each of its transactions.
        for segment in left + [current] where segment.isInPlace { segment.synchronise() }
        prepareIfNeeded()
    }

    /// Runs `synchronise` on the journal's own thread.
    func synchroniseSoon() {
        thread.submit { [weak self] state in if case .active = state { self?.synchronise() } }
    }

    /// Synchronises and stops the thread.
    func stop() async {
        synchronise()
        try? await thread.shutdownGracefully()
    }

    private static func checksum(_ bytes: RawSpan) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe tacet_crc32c($0.baseAddress, $0.count) }
    }

    /// Bytes that no open request has a claim to.
    private func unclaimed(_ state: borrowing State) -> Int {
        // A record never spans segments: what a segment's tail may waste is taken off.
        let here = capacity - state.offset - JournalRecord.headerLength - JournalRecord.payloadLimit
        let there = state.ready.count * (capacity - MappedSegment.headerLength - Self.owedPerRequest)
        return here + there - state.owed
    }

    /// Makes the next segment, and more where many requests are open: there is always one, and room for a thousand more.
    private func prepareIfNeeded() {
        let isNeeded = state.withLock { state in
            guard !state.isPreparing, isShort(state) || state.ready.first?.isResident == false else { return false }
            state.isPreparing = true
            return true
        }
        guard isNeeded else { return }
        thread.submit { [weak self] poolState in
            guard let self, case .active = poolState else { return }
            self.prepare()
        }
    }

    private func isShort(_ state: borrowing State) -> Bool { state.ready.isEmpty || unclaimed(state) < capacity }

    private func prepare() {
        while let number = state.withLock({ isShort($0) ? ($0.ready.last ?? $0.current).number + 1 : nil }) {
            let made = try? MappedSegment(directory: directory, node: served, number: number, capacity: capacity)
            let isNewlyFull = state.withLock { state in
                defer { state.failed = made == nil }
                if let made { state.ready.append(made) }
                return made == nil && !state.failed
            }
            if isNewlyFull { log.record(.journalFull) }
            if made == nil { break }
        }
        state.withLock { $0.ready.first }?.makeResident()
        state.withLock { $0.isPreparing = false }
    }
}
