import Console
import Synchronization
import Vocabulary

/// What the jobs came to when they last ran.
final class JobBoard: Sendable {
    private let last = Mutex<[JobStatus.Name: JobStatus]>([:])

    var lines: [JobStatus] { last.withLock { last in JobStatus.Name.allCases.map { last[$0] ?? JobStatus(name: $0) } } }

    /// Runs a job and notes how it went: a job that fails is run again when its turn comes.
    func run(_ name: JobStatus.Name, _ work: () throws -> Void) {
        do {
            try work()
            note(name)
        } catch {
            note(name, isFailed: true)
        }
    }

    func run(_ name: JobStatus.Name, _ work: () async throws -> Void) async {
        do {
            try await work()
            note(name)
        } catch {
            note(name, isFailed: true)
        }
    }

    private func note(_ name: JobStatus.Name, isFailed: Bool = false) {
        last.withLock { $0[name] = JobStatus(name: name, at: .now, isFailed: isFailed) }
    }
}
