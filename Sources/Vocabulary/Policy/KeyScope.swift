/// What a key may be used for. A key without a scope may do all that its organisation may.
public final class KeyScope: Sendable, Equatable {
    /// Names as clients send them, or their beginning with `*` behind it; empty: every model.
    public let models: [[UInt8]]
    /// Empty: every endpoint.
    public let endpoints: [Endpoint]
    /// Empty: from everywhere.
    public let networks: [Network]

    public init(models: [[UInt8]], endpoints: [Endpoint], networks: [Network]) {
        self.models = models
        self.endpoints = endpoints
        self.networks = networks
    }

    public static func == (a: KeyScope, b: KeyScope) -> Bool {
        a.models == b.models && a.endpoints == b.endpoints && a.networks == b.networks
    }

    public func allows(model: [UInt8]) -> Bool {
        if models.isEmpty { return true }
        for pattern in models {
            if pattern.last == 0x2a {
                if model.starts(with: pattern.dropLast()) { return true }
            } else if pattern == model {
                return true
            }
        }
        return false
    }

    public func allows(_ endpoint: Endpoint) -> Bool { endpoints.isEmpty || endpoints.contains(endpoint) }

    /// - Parameter address: 16 bytes, IPv4 mapped into IPv6; `nil` where it is not known.
    public func allows(address: Network.Address?) -> Bool {
        if networks.isEmpty { return true }
        guard let address else { return false }
        for network in networks where network.contains(address) { return true }
        return false
    }
}

/// A range of addresses, such as 10.0.0.0/8 or 2001:db8::/32.
public struct Network: Hashable, Sendable {
    /// 128 bits; IPv4 is `::ffff:a.b.c.d`.
    public typealias Address = UInt128

    public let address: Address
    /// Of the 128 bits.
    public let prefix: Int

    /// - Parameters:
    ///   - address: in network order.
    ///   - prefix: 0 to 128.
    public init(address: Address, prefix: Int) {
        self.prefix = min(max(0, prefix), 128)
        self.address = address & Self.mask(self.prefix)
    }

    public static func v4(_ address: UInt32) -> Address { 0xffff << 32 | Address(address) }

    public func contains(_ other: Address) -> Bool { other & Self.mask(prefix) == address }

    private static func mask(_ prefix: Int) -> Address { prefix == 0 ? 0 : Address.max << Address(128 - prefix) }
}
