import CBytes
import NIOCore
import NIOPosix
import Synchronization
import Vocabulary

/// The receipt sink of a node: records go into mapped segments, in order, without a system call (`RULES.md` 24, 25).
///
/// A request is admitted only when room for the records it still owes is sure, so closing never fails. Segments are made
/// and synchronised on a thread of their own, never on an event loop.
final class Journal: ReceiptSink {
    /// 2 MiB hold about 4,300 requests. All of it is resident, and so is the next.
    static let segmentCapacity = 2 << 20
    /// What an opened request may still write: its receipt, a model's name and a progress.
    private static let owedPerRequest = 1024

    private struct State {
        var current: MappedSegment
        var next: MappedSegment?
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
        first.begin(at: 1)
        state = Mutex(State(current: first))
        thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        prepareNext()
    }

    var hasRoom: Bool { state.withLock { hasRoom($0) } }

    func write(_ payload: some JournalPayload) -> Bool {
        let length = payload.recordLength
        let claim = payload.claim
        var leftSegment = false
        let written = state.withLock { state in
            switch claim {
            case .opens:
                guard hasRoom(state) else { return false }
                state.owed += Self.owedPerRequest
            case .closes: state.owed -= Self.owedPerRequest
            case .lone:
                guard hasRoom(state) else { return false }
            case .owed: break
            }
            if state.offset + length > capacity {
                guard let next = state.next.take() else { return false }
                state.left.append(state.current)
                state.current = next
                next.begin(at: state.sequence + 1)
                state.offset = MappedSegment.headerLength
                leftSegment = true
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
        if leftSegment { prepareNext() }
        return written
    }

    /// Brings what was stored to the disk; called every second, off the event loops.
    func synchronise() {
        let segments = state.withLock { state in
            defer { state.left.removeAll() }
            return state.left + [state.current]
        }
        // What the drain has taken is durable in the ledger, which synchronises each of its transactions.
        for segment in segments where segment.isInPlace { segment.synchronise() }
        if state.withLock({ $0.next == nil && !$0.isPreparing }) { prepareNext() }
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

    private func hasRoom(_ state: borrowing State) -> Bool {
        // A record never spans segments: what a segment's tail may waste is taken off.
        let here = capacity - state.offset - JournalRecord.headerLength - JournalRecord.payloadLimit
        let there = state.next == nil ? 0 : capacity - MappedSegment.headerLength - Self.owedPerRequest
        return here + there - state.owed >= Self.owedPerRequest
    }

    private func prepareNext() {
        let claimed = state.withLock { state in
            guard state.next == nil, !state.isPreparing else { return false }
            state.isPreparing = true
            return true
        }
        guard claimed else { return }
        thread.submit { [weak self] poolState in
            guard let self, case .active = poolState else { return }
            let number = self.state.withLock { $0.current.number + 1 }
            let made = try? MappedSegment(
                directory: self.directory, node: self.served, number: number, capacity: self.capacity)
            let newlyFull = self.state.withLock { state in
                state.isPreparing = false
                state.next = made
                defer { state.failed = made == nil }
                return made == nil && !state.failed
            }
            if newlyFull { self.log.record(.journalFull) }
        }
    }
}
