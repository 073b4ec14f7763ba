import Crypto
import FoundationEssentials
public import Vocabulary

/// What is signed of a batch of receipts. Heads of one node's epoch form a chain (`RULES.md` 28).
public struct MerkleHead: Equatable, Sendable {
    public static let version: UInt32 = 1
    /// The length of the canonical bytes.
    public static let encodedLength = 120

    public var served: NodeEpoch
    /// From 0 within the epoch.
    public var index: UInt64
    /// The lowest and the highest journal sequence of the batch's receipts.
    public var firstSequence: UInt64
    public var lastSequence: UInt64
    public var leafCount: UInt32
    public var root: MerkleHash
    /// The digest of the head before; zero for index 0.
    public var previous: MerkleHash
    public var at: Moment

    public init(
        served: NodeEpoch, index: UInt64, firstSequence: UInt64, lastSequence: UInt64, leafCount: UInt32,
        root: MerkleHash, previous: MerkleHash, at: Moment
    ) {
        self.served = served
        self.index = index
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.leafCount = leafCount
        self.root = root
        self.previous = previous
        self.at = at
    }

    /// `TACETHED` and every field, fixed width, little-endian.
    public var canonicalBytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(Self.encodedLength)
        out += Array("TACETHED".utf8)
        out.appendLittleEndian(Self.version)
        out.appendLittleEndian(served.node)
        out.appendLittleEndian(served.epoch)
        out.appendLittleEndian(index)
        out.appendLittleEndian(firstSequence)
        out.appendLittleEndian(lastSequence)
        out.appendLittleEndian(leafCount)
        root.append(to: &out)
        previous.append(to: &out)
        out.appendLittleEndian(at.microseconds)
        return out
    }

    /// Reads canonical bytes; `nil` for another length, magic or version.
    public init?(canonicalBytes bytes: [UInt8]) {
        guard bytes.count == Self.encodedLength, bytes.starts(with: "TACETHED".utf8) else { return nil }
        func number<Value: FixedWidthInteger>(_ at: Int, _ type: Value.Type = Value.self) -> Value {
            var value: Value = 0
            for index in 0..<Value.bitWidth / 8 {
                value |= Value(truncatingIfNeeded: bytes[at + index]) << Value(index * 8)
            }
            return value
        }
        guard number(8, UInt32.self) == Self.version, let root = MerkleHash(bytes[48..<80]),
            let previous = MerkleHash(bytes[80..<112])
        else { return nil }
        self.init(
            served: NodeEpoch(node: number(12), epoch: number(16)), index: number(20), firstSequence: number(28),
            lastSequence: number(36), leafCount: number(44), root: root, previous: previous,
            at: Moment(microseconds: number(112)))
    }

    /// What the next head of the chain holds as `previous`: SHA-256 of the canonical bytes.
    public var digest: MerkleHash { MerkleHash(SHA256.hash(data: canonicalBytes)) }
}

/// A head with its node's signature.
public struct SignedHead: Equatable, Sendable {
    public var head: MerkleHead
    /// 64 bytes, Ed25519 over the canonical bytes.
    public var signature: [UInt8]

    public init(head: MerkleHead, signature: [UInt8]) {
        self.head = head
        self.signature = signature
    }

    /// Whether the certificate's node signed this head, and `installation` (32 bytes) certified that node.
    public func isValid(_ certificate: NodeCertificate, installation: [UInt8]) -> Bool {
        certificate.node == head.served.node && certificate.isValid(for: installation)
            && isSigned(head.canonicalBytes, by: certificate.publicKey, signature)
    }
}
