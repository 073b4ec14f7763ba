import Crypto
import FoundationEssentials

/// A SHA-256 value in a tree or a chain.
public struct MerkleHash: Hashable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// In bytes.
    public static let length = 32
    public static let zero = MerkleHash(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Reads 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var all: [4 of UInt64] = .init(repeating: 0)
        for (index, byte) in bytes.enumerated() { all[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8) }
        words = (all[0], all[1], all[2], all[3])
    }

    /// SHA-256 of some memory.
    init(hashing memory: UnsafeRawBufferPointer) {
        self.init(unsafe SHA256.hash(data: memory))
    }

    init(_ digest: SHA256.Digest) {
        words = unsafe digest.withUnsafeBytes {
            unsafe (
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
            )
        }
    }

    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(32)
        append(to: &out)
        return out
    }

    /// Appends the 32 bytes.
    public func append(to out: inout [UInt8]) {
        out.appendLittleEndian(words.0)
        out.appendLittleEndian(words.1)
        out.appendLittleEndian(words.2)
        out.appendLittleEndian(words.3)
    }

    fileprivate func store(to memory: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe memory.storeBytes(of: words.0.littleEndian, toByteOffset: offset, as: UInt64.self)
        unsafe memory.storeBytes(of: words.1.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
        unsafe memory.storeBytes(of: words.2.littleEndian, toByteOffset: offset + 16, as: UInt64.self)
        unsafe memory.storeBytes(of: words.3.littleEndian, toByteOffset: offset + 24, as: UInt64.self)
    }

    public static func == (a: MerkleHash, b: MerkleHash) -> Bool { a.words == b.words }
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// Merkle trees by RFC 6962: a leaf is hashed behind 0x00, a pair behind 0x01, so neither can pass for the other.
public enum Merkle {
    /// The length of a leaf's salt: 256 bits, so that a leaf says nothing of its receipt once the salt is erased.
    public static let saltLength = 32

    /// SHA-256(0x00 ‖ schema ‖ salt ‖ canonical bytes).
    public static func leaf(schema: UInt16, salt: [UInt8], content: [UInt8]) -> MerkleHash {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 + salt.count + content.count)
        bytes.append(0)
        bytes.appendLittleEndian(schema)
        bytes += salt
        bytes += content
        return unsafe bytes.withUnsafeBytes { unsafe MerkleHash(hashing: $0) }
    }

    static func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        var pair = MerklePair()
        return pair.hash(left, right)
    }

    /// Whether `leaf` stands at `index` of `count` leaves under `root`.
    public static func includes(
        _ leaf: MerkleHash, at index: Int, of count: Int, path: [MerkleHash], root: MerkleHash
    ) -> Bool {
        guard index >= 0, index < count else { return false }
        var value = leaf
        var position = index
        var last = count - 1
        var used = 0
        while last > 0 {
            // A last node without a neighbour rises as it is.
            if position & 1 == 1 || position < last {
                guard used < path.count else { return false }
                value = position & 1 == 1 ? node(path[used], value) : node(value, path[used])
                used += 1
            }
            position /= 2
            last /= 2
        }
        return used == path.count && value == root
    }
}

/// A tree with all its levels, from which roots and paths are read.
public struct MerkleTree: Sendable {
    /// The leaves, then each level above them; the last is the root alone.
    private let levels: [[MerkleHash]]

    public init(_ leaves: [MerkleHash]) {
        var levels = [leaves]
        while let level = levels.last, level.count > 1 { levels.append(Self.above(level)) }
        self.levels = levels
    }

    public var leaves: [MerkleHash] { levels[0] }

    /// Of no leaves, SHA-256 of nothing.
    public var root: MerkleHash { levels[levels.count - 1].first ?? MerkleHash(SHA256.hash(data: [UInt8]())) }

    /// The hashes beside the way from leaf `index` up to the root, lowest first.
    /// - Precondition: `index` is one of the leaves'.
    public func path(to index: Int) -> [MerkleHash] {
        precondition(leaves.indices.contains(index))
        var path: [MerkleHash] = []
        var position = index
        for level in levels {
            let beside = position ^ 1
            if beside < level.count { path.append(level[beside]) }
            position /= 2
        }
        return path
    }

    /// Pairing neighbours and lifting an odd last one gives RFC 6962's tree, whose left side is always a full one.
    private static func above(_ level: [MerkleHash]) -> [MerkleHash] {
        var next = level
        lift(&next)
        return next
    }

    /// The root alone, without keeping the levels: what is signed of a batch.
    public static func root(of leaves: consuming [MerkleHash]) -> MerkleHash {
        while leaves.count > 1 { lift(&leaves) }
        return leaves.first ?? MerkleTree([]).root
    }

    /// Replaces a level by the one above it, in the same memory.
    private static func lift(_ level: inout [MerkleHash]) {
        var pair = MerklePair()
        let pairs = level.count / 2
        for index in 0..<pairs { level[index] = pair.hash(level[index * 2], level[index * 2 + 1]) }
        if level.count > pairs * 2 { level[pairs] = level[pairs * 2] }
        level.removeLast(level.count - (level.count + 1) / 2)
    }
}

/// The 65 bytes that are hashed of a pair, filled again for each.
private struct MerklePair {
    private var bytes: [65 of UInt8] = .init(repeating: 1)

    mutating func hash(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        unsafe withUnsafeMutableBytes(of: &bytes) { memory in
            unsafe left.store(to: memory, at: 1)
            unsafe right.store(to: memory, at: 33)
            return unsafe MerkleHash(hashing: UnsafeRawBufferPointer(memory))
        }
    }
}
