import Synchronization
import Vocabulary

/// Counts client connections, in all and by address, so that one client cannot take them all (CONTROL 4.6). Asked when a
/// connection is accepted and when it ends, never for a request.
final class ConnectionCensus: Sendable {
    private struct State {
        var all = 0
        var byAddress: [Network.Address: Int] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int
    private let limitPerAddress: Int

    init(_ limits: RelayLimits) {
        limit = limits.connections
        limitPerAddress = limits.connectionsPerAddress
    }

    /// An address's network: hosts on IPv6 have 2^64 addresses of their own.
    private static func place(of address: Network.Address) -> Network.Address {
        address >> 32 == Network.v4(0) >> 32 ? address : (address >> 64) << 64
    }

    /// - Returns: `false` when the connection is one too many, and was not counted.
    func enter(_ address: Network.Address?) -> Bool {
        state.withLock { state in
            guard state.all < limit else { return false }
            if let address {
                let place = Self.place(of: address)
                let count = state.byAddress[place, default: 0]
                guard count < limitPerAddress else { return false }
                state.byAddress[place] = count + 1
            }
            state.all += 1
            return true
        }
    }

    /// Ends what `enter` began.
    func leave(_ address: Network.Address?) {
        state.withLock { state in
            state.all -= 1
            guard let address else { return }
            let place = Self.place(of: address)
            let left = state.byAddress[place, default: 1] - 1
            state.byAddress[place] = left > 0 ? left : nil
        }
    }
}
