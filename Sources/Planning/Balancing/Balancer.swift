public import Vocabulary

/// Places in a plan.
public struct CandidateSet: Sendable, Equatable {
    /// A plan has at most so many candidates.
    public static let most = 64

    private var bits: UInt64 = 0

    public init() {}

    public func contains(_ index: Int) -> Bool { bits & 1 << UInt64(index) != 0 }
    public mutating func insert(_ index: Int) { bits |= 1 << UInt64(index) }
    public mutating func remove(_ index: Int) { bits &= ~(1 << UInt64(index)) }
    public var count: Int { bits.nonzeroBitCount }
}

/// Which candidate of a plan is called next.
///
/// The plan's ranks are its fallbacks, in order. Within a rank: the preferred one unless it is much busier than the rest;
/// else by weights where there are any; else the less loaded of two drawn at random. Who is not well is passed over, and
/// called only when nobody else is left: no request is refused because of a guess.
public enum Balancer {
    /// The preferred deployment keeps its requests while it has so few under way, whatever the others promise; then up to
    /// this many times the load of the least loaded.
    static let alwaysKept = 4
    static let patience = 2.0

    /// - Parameters:
    ///   - candidates: in order of rank.
    ///   - tried: those that failed this request.
    ///   - preferred: a place in `candidates`: it most likely has the provider's prompt cache.
    /// - Returns: `nil` when all were tried.
    public static func next(
        of candidates: [Candidate], tried: CandidateSet, preferred: Int?, at now: Instant,
        using random: inout some RandomNumberGenerator, health: (Candidate) -> DeploymentHealth
    ) -> Int? {
        var start = 0
        var spare: Int?
        while start < candidates.count {
            let rank = candidates[start].rank
            var end = start
            var open: [64 of UInt8] = .init(repeating: 0)
            var count = 0
            while end < candidates.count, candidates[end].rank == rank {
                if end < CandidateSet.most, !tried.contains(end) {
                    spare = spare ?? end
                    if health(candidates[end]).isWell(at: now) {
                        open[count] = UInt8(end)
                        count += 1
                    }
                }
                end += 1
            }
            if count == 1 { return Int(open[0]) }
            if count > 1 {
                var choice = Choice(candidates: candidates, open: open, count: count, now: now)
                return choice.pick(preferred, using: &random, health)
            }
            start = end
        }
        return spare
    }
}

/// Two or more candidates of one rank.
private struct Choice {
    let candidates: [Candidate]
    let open: [64 of UInt8]
    let count: Int
    let now: Instant

    mutating func pick(
        _ preferred: Int?, using random: inout some RandomNumberGenerator, _ health: (Candidate) -> DeploymentHealth
    ) -> Int {
        func load(_ index: Int) -> Double { health(candidates[index]).load(at: now) }
        if let preferred, (0..<count).contains(where: { Int(open[$0]) == preferred }) {
            if health(candidates[preferred]).inFlight < Balancer.alwaysKept { return preferred }
            var least = Double.infinity
            for place in 0..<count { least = min(least, load(Int(open[place]))) }
            if load(preferred) <= least * Balancer.patience { return preferred }
        }
        let weights = (0..<count).reduce(0) { $0 + candidates[Int(open[$1])].weight }
        if weights > 0 {
            var drawn = Int(random.next() % UInt64(weights))
            for place in 0..<count {
                drawn -= candidates[Int(open[place])].weight
                if drawn < 0 { return Int(open[place]) }
            }
        }
        let first = Int(random.next() % UInt64(count))
        let other = (first + 1 + Int(random.next() % UInt64(count - 1))) % count
        let (a, b) = (Int(open[first]), Int(open[other]))
        return load(b) < load(a) ? b : a
    }
}
