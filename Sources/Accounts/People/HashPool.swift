import Dispatch
import Secrets
import Synchronization

/// Two threads for password hashes, so that signing in cannot eat the cores that serve requests; who comes when 50 wait is
/// told to come again.
final class HashPool: Sendable {
    static let limit = 50
    private let hasher: PasswordHasher
    private let queues = [DispatchQueue(label: "tacet.passwords.0"), DispatchQueue(label: "tacet.passwords.1")]
    private let waiting = Atomic<Int>(0)
    private let next = Atomic<Int>(0)

    init(_ hasher: PasswordHasher) { self.hasher = hasher }

    /// `nil`: too many wait.
    func verify(_ password: String, _ stored: [UInt8]?) async -> Bool? {
        await run { $0.verify(password, stored) }
    }

    func hash(_ password: String) async -> [UInt8]? {
        await run { $0.hash(password) } ?? nil
    }

    func isOutdated(_ stored: [UInt8]) -> Bool { hasher.isOutdated(stored) }

    private func run<Value: Sendable>(_ work: @escaping @Sendable (PasswordHasher) -> Value) async -> Value? {
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.limit else {
            waiting.subtract(1, ordering: .relaxed)
            return nil
        }
        let queue = queues[next.wrappingAdd(1, ordering: .relaxed).newValue & 1]
        return await withCheckedContinuation { continuation in
            queue.async { [hasher, self] in
                let value = work(hasher)
                waiting.subtract(1, ordering: .relaxed)
                continuation.resume(returning: value)
            }
        }
    }
}
