/// Where the five policies disagree, and how one system keeps all of them.
public struct Conflict: Sendable {
    public var number: Int
    public var question: String
    public var settlement: String
    public var promises: [PromiseID]
    /// Tests that hold the settlement today; empty when `home` is still to build it.
    public var proofs: [Proof]
    public var home: Home

    public var isSettled: Bool { !proofs.isEmpty }
}
