public import NIOCore
public import Vocabulary

/// Remembers which deployment was sent what beginnings of requests, so that the next turn of a conversation goes where the
/// provider has cached the last one (PAINS 11). Kept are hashes under a secret of the process.
///
/// A request's beginnings are taken at 4 KiB, 8 KiB and so on; the longest known one decides. Two generations of five
/// minutes, which is how long providers keep a cache, bound it.
public struct PrefixAffinity: Sendable {
    /// Providers cache nothing shorter than about a thousand tokens.
    static let shortest = 4 << 10
    static let longest = 1 << 20
    static let generation: Int64 = 300_000
    static let entries = 4096

    private var young: [Int: DeploymentID] = [:]
    private var old: [Int: DeploymentID] = [:]
    private var turnsAt = Instant(microseconds: 0)

    public init() {}

    /// The beginnings of a request, shortest first; empty for a short one.
    ///
    /// - Parameter model: what was asked for, whose tenant's it is: beginnings of others are others.
    public static func beginnings(_ body: ByteBuffer, _ organisation: OrganisationID, _ model: ModelID) -> [Int] {
        var found: [Int] = []
        guard body.readableBytes >= shortest else { return found }
        var hasher = Hasher()
        hasher.combine(organisation.value)
        hasher.combine(model.value)
        unsafe body.withUnsafeReadableBytes { bytes in
            var from = 0
            var end = shortest
            while end <= min(bytes.count, longest) {
                unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[from..<end]))
                let far = hasher
                found.append(far.finalize())
                from = end
                end *= 2
            }
        }
        return found
    }

    /// Who has the longest known of these beginnings.
    public func holder(of beginnings: [Int]) -> DeploymentID? {
        for hash in beginnings.reversed() {
            if let found = young[hash] ?? old[hash] { return found }
        }
        return nil
    }

    /// A deployment was sent a request that begins so.
    public mutating func sent(_ beginnings: [Int], to deployment: DeploymentID, at now: Instant) {
        if now >= turnsAt || young.count >= Self.entries {
            old = now >= turnsAt.after(milliseconds: Self.generation) ? [:] : young
            young = [:]
            turnsAt = now.after(milliseconds: Self.generation)
        }
        for hash in beginnings { young[hash] = deployment }
    }
}
