import Synchronization

/// Whether all of the server has started: its listeners, and the control socket that comes last.
final class Readiness: Sendable {
    private let isWhole = Atomic<Bool>(false)

    var isReached: Bool { isWhole.load(ordering: .acquiring) }

    func reach() { isWhole.store(true, ordering: .releasing) }
}
