import Vocabulary

/// What one piece of a journal says, to be written in one transaction. What opens and closes within it is matched here
/// and never reaches the table of open requests.
struct JournalBatch {
    /// Where the reader began.
    let start: JournalPosition
    var position: JournalPosition
    /// Records of any kind.
    private(set) var records = 0
    var receipts: ReceiptBatch
    /// Requests that are still open at the end.
    private(set) var opened: [RequestID: OpenRequest] = [:]
    /// Progress and ends of requests that were opened before.
    private(set) var progressed: [ProgressRecord] = []
    private(set) var ended: [RequestID] = []
    private(set) var names: [NamedRecord] = []
    /// Requests with an `Idempotency-Key`.
    private(set) var marked: [OpenedRecord] = []
    /// Files that hold nothing more than `position` says, to be deleted once it is committed.
    var drained: [String] = []
    /// Segments in which bytes were found that never were a record.
    var damaged: [UInt32] = []
    /// Nothing is left to read for now.
    var reachedEnd = true

    /// - Parameter receipts: an empty batch, whose memory serves again.
    init(after position: JournalPosition, receipts: ReceiptBatch = ReceiptBatch()) {
        self.receipts = receipts
        start = position
        self.position = position
    }

    /// Adds a record; `false` when its payload is none.
    mutating func add(kind: UInt32, sequence: UInt64, payload: RawSpan) -> Bool {
        switch kind {
        case OpenedRecord.kind:
            guard let record = OpenedRecord(payload: payload) else { return false }
            if record.mark != .none { marked.append(record) }
            opened[record.id] = OpenRequest(opened: record, sequence: sequence, progress: nil)
        case ProgressRecord.kind:
            guard let progress = ProgressRecord(payload: payload) else { return false }
            if opened[progress.id] != nil {
                opened[progress.id]?.progress = progress
            } else {
                progressed.append(progress)
            }
        case Receipt.kind:
            guard let receipt = Receipt(payload: payload) else { return false }
            if opened.removeValue(forKey: receipt.id) == nil { ended.append(receipt.id) }
            // What is decoded encodes to the same bytes: every field has a fixed width and a closed set.
            receipts.append(receipt, canonical: payload, sequence: sequence)
        case NamedRecord.kind:
            guard let named = NamedRecord(payload: payload) else { return false }
            names.append(named)
        default: return false
        }
        records += 1
        return true
    }
}
