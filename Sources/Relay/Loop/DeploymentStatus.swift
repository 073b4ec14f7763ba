public import Planning
import Synchronization
public import Vocabulary

/// How calls to a deployment go.
public struct DeploymentStatus: Sendable {
    public let id: DeploymentID
    /// Calls under way.
    public private(set) var inFlight: Int
    /// From a call to its answer's first byte, in microseconds; peaks count at once. 0: it has not answered yet.
    public private(set) var latency: Int64
    public private(set) var circuit: CircuitBreaker.State

    init(id: DeploymentID, health: DeploymentHealth, at now: Instant) {
        self.id = id
        inFlight = health.inFlight
        latency = health.latency(at: now)
        circuit = health.circuit(at: now)
    }

    /// With what another loop has seen.
    mutating func join(_ other: DeploymentStatus) {
        inFlight += other.inFlight
        latency = max(latency, other.latency)
        if circuit != .open, other.circuit != .closed { circuit = other.circuit }
    }
}

/// Where the loops tell what they have seen.
final class DeploymentBoard: Sendable {
    private let state = Mutex<[DeploymentStatus]>([])

    var lines: [DeploymentStatus] { state.withLock { $0 } }

    func add(_ seen: [DeploymentStatus]) {
        state.withLock { lines in
            // A reload may come between two loops: what is not of one table is not joined.
            guard lines.count == seen.count else {
                lines = seen
                return
            }
            for index in lines.indices where lines[index].id == seen[index].id { lines[index].join(seen[index]) }
        }
    }
}
