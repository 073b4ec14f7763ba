import Glibc
import Vocabulary

/// Reads what was appended to one epoch's segments since the last look, by `pread` in pieces, never a whole file.
///
/// A writer that is alive may have reserved a record and not yet committed it: there the reader waits. In an epoch that
/// is over nothing more will be committed: the reader steps over the hole to whatever complete record follows.
struct JournalReader {
    /// How often an unfinished record of a segment that has a successor is looked at again before it is given up.
    static let patience = 50

    let folder: String
    let node: UInt32
    let epoch: UInt32
    /// Whether its writer is gone.
    let isOver: Bool
    private var looks = 0
    private var window = JournalWindow()
    /// The memory of the last batch's receipts.
    private var spare = ReceiptBatch()

    init(folder: String, node: UInt32, epoch: UInt32, isOver: Bool) {
        self.folder = folder
        self.node = node
        self.epoch = epoch
        self.isOver = isOver
    }

    /// Up to about `limit` records after `position`.
    mutating func read(after position: JournalPosition, limit: Int) throws(StorageFault) -> JournalBatch {
        let segments = try JournalSegment.list(in: folder).filter { $0.epoch == epoch }
        var batch = JournalBatch(after: position, receipts: exchange(&spare, with: ReceiptBatch()))
        for (index, found) in segments.enumerated() {
            let number = found.segment.number
            if number < position.segment {
                // Drained and committed before, but a crash came before the file could go.
                batch.drained.append(found.path)
                continue
            }
            if number > batch.position.segment {
                batch.position.segment = number
                batch.position.offset = JournalSegment.headerLength
            }
            let successor = segments.dropFirst(index + 1).first
            let end = try read(found, successor: successor, limit: limit, into: &batch)
            switch end {
            case .more:
                batch.reachedEnd = false
                return batch
            case .waiting: return batch
            case .finished: batch.drained.append(found.path)
            }
        }
        return batch
    }

    /// Takes the memory of a batch that was written.
    mutating func reuse(_ receipts: inout ReceiptBatch) {
        swap(&spare, &receipts)
        spare.removeAll()
    }

    private enum End {
        case more
        case waiting
        case finished
    }

    private mutating func read(
        _ found: JournalSegment.Found, successor: JournalSegment.Found?, limit: Int, into batch: inout JournalBatch
    ) throws(StorageFault) -> End {
        let file = unsafe open(found.path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw DataDirectory.fault(errno) }
        defer { close(file) }
        guard try header(of: file, is: found.segment) != nil else { return isOver ? .finished : .waiting }
        // Seen before the records are read, so that what was committed before the switch is read too.
        let successorStart = try start(of: successor)
        window.begin(file)
        while batch.records < limit {
            switch try window.take(at: batch.position.offset, into: &batch) {
            case .record(_, let sequence, _, let length):
                batch.position.offset += length
                batch.position.sequence = max(batch.position.sequence, sequence)
                looks = 0
            case .end:
                let complete = successorStart.map { batch.position.sequence &+ 1 >= $0 } ?? false
                if complete { return .finished }
                guard isOver || successorStart != nil else { return .waiting }
                if !isOver {
                    looks += 1
                    if looks < Self.patience { return .waiting }
                }
                guard let next = try window.nextRecord(after: batch.position.offset) else {
                    looks = 0
                    return .finished
                }
                batch.position.offset = next
            case .damaged where window.lookedAgain != batch.position.offset:
                // The bytes may have been copied while they were being stored: the commit word is there now, so a
                // second look sees all that was stored before it.
                window.lookAgain(at: batch.position.offset)
            case .damaged:
                if !batch.damaged.contains(found.segment.number) { batch.damaged.append(found.segment.number) }
                guard let next = try window.nextRecord(after: batch.position.offset) else {
                    return isOver || successorStart != nil ? .finished : .waiting
                }
                batch.position.offset = next
            }
        }
        return .more
    }

    /// The first sequence the header names, `nil` while there is no valid header.
    private func header(of file: Int32, is segment: JournalSegment) throws(StorageFault) -> UInt64? {
        let bytes = try FileBytes.read(file, at: 0, count: JournalSegment.headerLength)
        guard bytes.count == JournalSegment.headerLength else { return nil }
        var first: UInt64 = 0
        for index in 0..<8 { first |= UInt64(bytes[24 + index]) << UInt64(index * 8) }
        guard bytes == JournalSegment.header(node: node, segment: segment, firstSequence: first) else { return nil }
        return first
    }

    /// The first sequence of the segment after, once the writer has switched to it. A segment may be made ahead.
    private func start(of successor: JournalSegment.Found?) throws(StorageFault) -> UInt64? {
        guard let successor else { return nil }
        let file = unsafe open(successor.path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw DataDirectory.fault(errno) }
        defer { close(file) }
        guard let first = try header(of: file, is: successor.segment) else { return nil }
        if first > 0 { return first }
        let bytes = try FileBytes.read(file, at: JournalSegment.headerLength, count: JournalWindow.longest)
        let frame = unsafe JournalRecord.frame(bytes.span.bytes, at: 0)
        if case .record(_, let sequence, _, _) = frame, sequence > 0 { return sequence }
        return nil
    }
}
