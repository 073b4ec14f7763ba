import Dispatch
public import Secrets
import Synchronization
public import Vocabulary

/// Moves receipts from the journal into the ledger: every 200 ms and when asked, in batches that are one transaction each
/// — rows, salts, Merkle batch and the position in the journal — so that a crash at any instruction changes nothing.
public final class Drainer: Sendable {
    /// About the most records one transaction takes: all that 200 ms bring under full load, 8 MB at most.
    static let batchLimit = 16_384
    static let interval = Duration.milliseconds(200)

    private let state: Mutex<State>
    /// All draining happens here, one at a time and off every event loop.
    private let queue = DispatchQueue(label: "tacet.drainer")
    private let writer: BatchWriter
    private let folder: String
    private let events: any EventLog
    let served: NodeEpoch

    private struct State {
        /// Away while it reads, so that its memory is never copied.
        var live: JournalReader?
        var failures = 0
        var reportedDamage: Set<JournalSegment> = []
    }

    /// - Parameters:
    ///   - served: this start; segments of earlier epochs are recovered.
    ///   - now: the clock that dates the signed heads.
    public init(
        ledger: Ledger, directory: DataDirectory, served: NodeEpoch, identity: NodeIdentity, profile: ProfileID,
        events: any EventLog, now: @escaping @Sendable () -> Moment
    ) throws(StorageFault) {
        self.served = served
        self.events = events
        folder = directory.journalPath
        writer = try BatchWriter(ledger: ledger, identity: identity, profile: profile, now: now)
        state = Mutex(
            State(live: JournalReader(folder: folder, node: served.node, epoch: served.epoch, isOver: false)))
    }

    /// Before serving: drains earlier epochs to their end and closes what they left open.
    /// - Returns: the number of requests that had no end.
    @discardableResult
    public func recover() async throws(StorageFault) -> Int {
        let result = await onQueue { () -> Result<Int, StorageFault> in
            do throws(StorageFault) {
                return .success(try self.recoverEarlierEpochs())
            } catch {
                return .failure(error)
            }
        }
        let count = try result.get()
        if count > 0 { events.record(.recovered(requests: Int64(count))) }
        return count
    }

    /// Drains what is committed in the journal at this moment.
    public func drainNow() async throws(StorageFault) {
        let result = await onQueue { () -> Result<Void, StorageFault> in
            do throws(StorageFault) {
                return .success(try self.drain())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Drains until the task is cancelled, then once more. A failure is reported and tried again: the journal keeps
    /// everything until it is in the ledger.
    public func run() async {
        while !Task.isCancelled {
            await attempt()
            try? await Task.sleep(for: Self.interval)
        }
        await attempt()
    }

    func attempt() async {
        do {
            try await drainNow()
            state.withLock { $0.failures = 0 }
        } catch {
            // Once at the start of a series and then about every minute.
            let failures = state.withLock { state in
                state.failures += 1
                return state.failures
            }
            if failures % 300 == 1 { events.record(.drainFailed) }
        }
    }

    private func drain() throws(StorageFault) {
        guard var reader = state.withLock({ $0.live.take() }) else { return }
        defer { state.withLock { $0.live = reader } }
        try drain(&reader)
    }

    private func drain(_ reader: inout JournalReader) throws(StorageFault) {
        let epoch = NodeEpoch(node: served.node, epoch: reader.epoch)
        var position = try writer.position(of: epoch)
        while true {
            var batch = try reader.read(after: position, limit: Self.batchLimit)
            report(damaged: batch.damaged, epoch: reader.epoch)
            if batch.position != position {
                batch.receipts.salt()
                guard try writer.write(batch, served: epoch) else {
                    position = try writer.position(of: epoch)
                    continue
                }
            }
            position = batch.position
            for path in batch.drained {
                // An epoch that is over leaves nothing behind.
                if reader.isOver { FileBytes.remove(path) } else { JournalSegment.retire(path, in: folder) }
            }
            reader.reuse(&batch.receipts)
            if batch.reachedEnd { return }
        }
    }

    private func recoverEarlierEpochs() throws(StorageFault) -> Int {
        var epochs = Set(try JournalSegment.list(in: folder).map(\.epoch))
        epochs.formUnion(try writer.epochsWithOpenRequests(node: served.node))
        var count = 0
        for epoch in epochs.sorted() where epoch < served.epoch {
            var reader = JournalReader(folder: folder, node: served.node, epoch: epoch, isOver: true)
            try drain(&reader)
            count += try writer.closeOpenRequests(of: NodeEpoch(node: served.node, epoch: epoch))
        }
        return count
    }

    private func report(damaged: [UInt32], epoch: UInt32) {
        for number in damaged {
            let isNew = state.withLock {
                $0.reportedDamage.insert(JournalSegment(epoch: epoch, number: number)).inserted
            }
            if isNew { events.record(.journalDamaged(segment: UInt64(number))) }
        }
    }

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}
