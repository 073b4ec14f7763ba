import Synchronization

/// The process-wide byte budget from which request and answer bodies draw (`RULES.md` 3).
final class ByteBudget: Sendable {
    let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    var inUse: Int { used.load(ordering: .relaxed) }

    /// Takes `bytes`; `false` when that would pass the limit.
    func take(_ bytes: Int) -> Bool {
        let (_, now) = used.add(bytes, ordering: .relaxed)
        guard now <= limit else {
            used.subtract(bytes, ordering: .relaxed)
            return false
        }
        return true
    }

    func giveBack(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}
