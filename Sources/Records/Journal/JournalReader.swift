import Glibc
import Vocabulary

/// Reads what was appended to one epoch's segments since the last look, by `pread` in pieces, never a whole file.
///
/// A writer that is alive may have reserved a record and not yet committed it: there the reader waits. In an epoch that
/// is over nothing more will be committed: the reader steps over the hole to whatever complete record follows.
struct JournalReader {
    struct Entry {
        var sequence: UInt64
        var record: JournalRecord
    }

    struct Batch {
        var entries: [Entry] = []
        var position: JournalPosition
        /// Files that hold nothing more than `position` says, to be deleted once it is committed.
        var drained: [String] = []
        /// Segments in which bytes were found that never were a record.
        var damaged: [UInt32] = []
        /// Nothing is left to read for now.
        var reachedEnd = true
    }

    /// How often an unfinished record of a segment that has a successor is looked at again before it is given up.
    static let patience = 50

    let folder: String
    let node: UInt32
    let epoch: UInt32
    /// Whether its writer is gone.
    let isOver: Bool
    private var looks = 0

    init(folder: String, node: UInt32, epoch: UInt32, isOver: Bool) {
        self.folder = folder
        self.node = node
        self.epoch = epoch
        self.isOver = isOver
    }

    /// Up to about `limit` records after `position`.
    mutating func read(after position: JournalPosition, limit: Int) throws(StorageFault) -> Batch {
        let segments = try JournalSegment.list(in: folder).filter { $0.epoch == epoch }
        var batch = Batch(position: position)
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

    private enum End {
        case more
        case waiting
        case finished
    }

    private mutating func read(
        _ found: JournalSegment.Found, successor: JournalSegment.Found?, limit: Int, into batch: inout Batch
    ) throws(StorageFault) -> End {
        let file = unsafe open(found.path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw DataDirectory.fault(errno) }
        defer { close(file) }
        guard try header(of: file, is: found.segment) != nil else { return isOver ? .finished : .waiting }
        // Seen before the records are read, so that what was committed before the switch is read too.
        let successorStart = try start(of: successor)
        var window = JournalWindow(file: file)
        while batch.entries.count < limit {
            switch try window.reading(at: batch.position.offset) {
            case .record(let record, let sequence, let length):
                batch.entries.append(Entry(sequence: sequence, record: record))
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
        var window = JournalWindow(file: file)
        if case .record(_, let sequence, _) = try window.reading(at: JournalSegment.headerLength) { return sequence }
        return nil
    }
}

/// A piece of a segment in memory, moved along as it is read.
private struct JournalWindow {
    private static let piece = 1 << 18
    /// No record is longer.
    private static let longest =
        (JournalRecord.headerLength + JournalRecord.payloadLimit + JournalRecord.trailerLength + 7) & ~7

    let file: Int32
    private var start = 0
    private var bytes: [UInt8] = []
    /// The last offset whose bytes were read afresh because they looked damaged.
    private(set) var lookedAgain: Int?

    init(file: Int32) { self.file = file }

    mutating func reading(at offset: Int) throws(StorageFault) -> JournalRecord.Reading {
        try cover(offset)
        // A record that the end of the file cuts short is unfinished, not damaged.
        switch unsafe JournalRecord.read(bytes.span.bytes, at: offset - start) {
        case .damaged where isCutShort(offset): return .end
        // Sequences begin at 1 and must fit a column of the ledger.
        case .record(_, 0, _), .record(_, UInt64(Int64.max)..., _): return .damaged
        case let reading: return reading
        }
    }

    /// Where the next complete record begins behind a hole or a damaged place.
    mutating func nextRecord(after offset: Int) throws(StorageFault) -> Int? {
        var at = offset + 8
        while true {
            try cover(at)
            guard at - start + JournalRecord.headerLength <= bytes.count else { return nil }
            if bytes[at - start] == 0 && bytes[at - start + 1] == 0 {
                at += 8
            } else if case .record = unsafe JournalRecord.read(bytes.span.bytes, at: at - start) {
                return at
            } else {
                at += 8
            }
        }
    }

    /// Forgets the piece, so that the next look reads it again from there.
    mutating func lookAgain(at offset: Int) {
        bytes = []
        lookedAgain = offset
    }

    private func isCutShort(_ offset: Int) -> Bool {
        let at = offset - start
        guard bytes.count - at < Self.longest else { return false }
        let payload = Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16 | Int(bytes[at + 3]) << 24
        let length = JournalRecord.headerLength + payload + JournalRecord.trailerLength
        return payload <= JournalRecord.payloadLimit && at + length > bytes.count
    }

    private mutating func cover(_ offset: Int) throws(StorageFault) {
        if offset >= start, offset + Self.longest <= start + bytes.count { return }
        if offset >= start, offset <= start + bytes.count, !bytes.isEmpty, bytes.count < Self.piece { return }
        start = offset
        bytes = try FileBytes.read(file, at: offset, count: Self.piece)
    }
}
