import CBytes
import Vocabulary

/// A piece of a segment in memory, moved along as it is read.
struct JournalWindow {
    private static let piece = 1 << 18
    /// No record is longer.
    static let longest =
        (JournalRecord.headerLength + JournalRecord.payloadLimit + JournalRecord.trailerLength + 7) & ~7

    private var file: Int32 = -1
    private var start = 0
    /// Room for a piece, made once; `filled` bytes of it are the segment's.
    private var bytes: [UInt8] = []
    private var filled = 0
    /// The last offset whose bytes were read afresh because they looked damaged.
    private(set) var lookedAgain: Int?

    /// Turns to a segment, of which nothing is known yet.
    mutating func begin(_ file: Int32) {
        self.file = file
        filled = 0
        lookedAgain = nil
    }

    /// Reads the record at an offset of the segment and adds what it says to `batch`.
    mutating func take(at offset: Int, into batch: inout JournalBatch) throws(StorageFault) -> JournalRecord.Frame {
        try cover(offset)
        let piece = unsafe bytes.span.extracting(first: filled).bytes
        let frame = JournalRecord.frame(piece, at: offset - start) { bytes in
            unsafe bytes.withUnsafeBytes { unsafe tacet_crc32c($0.baseAddress, $0.count) }
        }
        switch frame {
        // A record that the end of the file cuts short is unfinished, not damaged.
        case .damaged: return isCutShort(offset) ? .end : .damaged
        case .end: return .end
        // Sequences begin at 1 and must fit a column of the ledger.
        case .record(_, 0, _, _), .record(_, UInt64(Int64.max)..., _, _): return .damaged
        // Seen before: what a power cut brought back of a file's earlier use.
        case .record(_, ...batch.position.sequence, _, _): return frame
        case .record(let kind, let sequence, let payload, _):
            let content = offset - start + JournalRecord.headerLength
            let isTaken = batch.add(
                kind: kind, sequence: sequence, payload: piece.extracting(content..<content + payload))
            return isTaken ? frame : .damaged
        }
    }

    /// Where the next complete record begins behind a hole or a damaged place.
    mutating func nextRecord(after offset: Int) throws(StorageFault) -> Int? {
        var at = offset + 8
        while true {
            try cover(at)
            guard at - start + JournalRecord.headerLength <= filled else { return nil }
            if bytes[at - start] == 0 && bytes[at - start + 1] == 0 {
                at += 8
            } else if case .record = unsafe JournalRecord.frame(
                bytes.span.extracting(first: filled).bytes, at: at - start)
            {
                return at
            } else {
                at += 8
            }
        }
    }

    /// Forgets the piece, so that the next look reads it again from there.
    mutating func lookAgain(at offset: Int) {
        filled = 0
        lookedAgain = offset
    }

    private func isCutShort(_ offset: Int) -> Bool {
        let at = offset - start
        guard filled - at < Self.longest else { return false }
        let payload = Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16 | Int(bytes[at + 3]) << 24
        let length = JournalRecord.headerLength + payload + JournalRecord.trailerLength
        return payload <= JournalRecord.payloadLimit && at + length > filled
    }

    private mutating func cover(_ offset: Int) throws(StorageFault) {
        if offset >= start, offset + Self.longest <= start + filled { return }
        // The segment's end was seen.
        if offset >= start, offset <= start + filled, filled > 0, filled < Self.piece { return }
        if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: Self.piece) }
        filled = 0
        start = offset
        filled = try FileBytes.read(file, at: offset, into: &bytes)
    }
}
