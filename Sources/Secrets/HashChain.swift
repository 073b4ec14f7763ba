import Crypto
import FoundationEssentials

/// A chain of hashes over records in order: what was recorded cannot be changed, removed or put in between unnoticed.
public enum HashChain {
    /// SHA-256(0x02 ‖ previous ‖ record). The prefix keeps it apart from a tree's leaves and nodes.
    public static func next(after previous: MerkleHash, _ record: [UInt8]) -> MerkleHash {
        var bytes: [UInt8] = [2]
        previous.append(to: &bytes)
        return MerkleHash(SHA256.hash(data: bytes + record))
    }
}
