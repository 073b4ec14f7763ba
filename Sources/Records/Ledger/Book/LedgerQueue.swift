import GRDB
public import Vocabulary

/// Group commit: operations that arrive while a commit is under way wait for the next one and share it.
public actor LedgerQueue {
    private typealias Waiting = (
        operation: LedgerOperation, continuation: CheckedContinuation<Result<LedgerAnswer, StorageFault>, Never>
    )

    private let ledger: Ledger
    private let now: @Sendable () -> Moment
    private let batchLimit: Int
    private var waiting: [Waiting] = []
    private var isCommitting = false

    /// - Parameter batchLimit: most operations in one transaction.
    public init(_ ledger: Ledger, batchLimit: Int = 1000, now: @escaping @Sendable () -> Moment) {
        self.ledger = ledger
        self.batchLimit = batchLimit
        self.now = now
    }

    /// Returns once the operation is on the disk. After a fault it did not happen and may be sent again.
    public func perform(_ operation: LedgerOperation) async throws(StorageFault) -> LedgerAnswer {
        let result = await withCheckedContinuation { continuation in
            waiting.append((operation, continuation))
            if !isCommitting {
                isCommitting = true
                Task { await commit() }
            }
        }
        return try result.get()
    }

    private func commit() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(batchLimit))
            waiting.removeFirst(batch.count)
            let operations = batch.map(\.operation)
            let moment = now()
            let answers: Result<[LedgerAnswer], StorageFault>
            do {
                answers = .success(
                    try await ledger.pool.write { database in
                        try LedgerBook.perform(operations, at: moment, in: database)
                    })
            } catch {
                answers = .failure(StorageFault(mapping: error))
            }
            for (index, caller) in batch.enumerated() {
                caller.continuation.resume(returning: answers.map { $0[index] })
            }
        }
        isCommitting = false
    }
}
