import Synchronization
import Vocabulary

/// The hosts this installation may call: those of its configured providers and its own sandbox, nothing else.
final class EgressList: Egress {
    private let allowed: Mutex<Set<Entry>>

    struct Entry: Hashable {
        var host: String
        var port: Int
    }

    init(_ entries: Set<Entry>) { allowed = Mutex(entries) }

    func replace(_ entries: Set<Entry>) { allowed.withLock { $0 = entries } }

    func allows(host: String, port: Int, dataClass: DataClass) -> Bool {
        switch dataClass {
        case .relay: allowed.withLock { $0.contains(Entry(host: host, port: port)) }
        }
    }
}
