import Foundation

/// Randomness that a seed repeats: SplitMix64. `TACET_SEED` replays one run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// The seed of this run, for a test's first round; later rounds count on from it.
    static let seed = ProcessInfo.processInfo.environment["TACET_SEED"].flatMap(UInt64.init) ?? 0x5eed

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
