import NIOCore
import Vocabulary

extension SocketAddress {
    /// As key scopes compare it; `nil` for a local socket.
    var network: Network.Address? {
        // Where the address stands in `sockaddr_in` and `sockaddr_in6`.
        let place: Range<Int>
        switch self {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket: return nil
        }
        return unsafe withSockAddr { pointer, size in
            let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: size)
            let number = unsafe bytes[place].reduce(Network.Address(0)) { $0 << 8 | Network.Address($1) }
            return place.count == 4 ? Network.v4(UInt32(truncatingIfNeeded: number)) : number
        }
    }
}
