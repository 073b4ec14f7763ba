/// The organisation that owns keys, receipts and money.
public struct OrganisationID: Hashable, Sendable {
    public var value: UInt64
    public init(_ value: UInt64) { self.value = value }
    /// The one organisation of an installation that has made no other.
    public static let home = OrganisationID(1)
}

/// A gateway key's public number; it names the key without helping to guess it.
public struct KeyID: Hashable, Sendable {
    public var value: UInt64
    public init(_ value: UInt64) { self.value = value }
}

/// A person of an organisation; 0 where a key is nobody's.
public struct MemberID: Hashable, Sendable {
    public var value: UInt64
    public init(_ value: UInt64) { self.value = value }
    public static let none = MemberID(0)
}

/// A configured way to reach a provider: base address, dialect and credential. Stable over restarts (hash of its name).
public struct DeploymentID: Hashable, Sendable {
    public var value: UInt64
    public init(_ value: UInt64) { self.value = value }
    public static let none = DeploymentID(0)
}

/// A model's catalogue number: a hash of its name, `0` while the name is not known to be a model's (`RULES.md` 12).
public struct ModelID: Hashable, Sendable {
    public var value: UInt64
    public init(_ value: UInt64) { self.value = value }
    /// A name outside the catalogue that no provider has answered to.
    public static let other = ModelID(0)
}

/// The process that served a request: a node and the number of its start.
public struct NodeEpoch: Hashable, Sendable {
    public var node: UInt32
    public var epoch: UInt32
    public init(node: UInt32, epoch: UInt32) {
        self.node = node
        self.epoch = epoch
    }
}

/// Names are turned into stable numbers by FNV-1a, 64 bits: not cryptographic, only short and the same everywhere.
@inlinable public func stableNumber(of name: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return hash == 0 ? 1 : hash
}
