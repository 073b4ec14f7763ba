/// For how long nothing was heard of the store behind a snapshot.
struct SnapshotAge {
    let limit: Duration
    private var last: ContinuousClock.Instant

    init(limit: Duration, at now: ContinuousClock.Instant) {
        self.limit = limit
        last = now
    }

    /// - Returns: `false`: what was just heard is not stale.
    mutating func heard(at now: ContinuousClock.Instant) -> Bool {
        last = now
        return false
    }

    func isStale(at now: ContinuousClock.Instant) -> Bool { now - last > limit }
}
