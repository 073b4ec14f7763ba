import Secrets
import Testing
import Vocabulary

/// RFC 6962, section 2.1, written again from its text: recursion on the largest power of two below the count, with a
/// SHA-256 of our own, so that nothing is shared with what is tested.
private func referenceRoot(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
    if leaves.count == 1 { return leaves[leaves.startIndex] }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    let middle = leaves.startIndex + split
    return sha256([1] + referenceRoot(leaves[..<middle]) + referenceRoot(leaves[middle...]))
}

private func referencePath(_ index: Int, _ leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
    if leaves.count == 1 { return [] }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    let middle = leaves.startIndex + split
    return index < split
        ? referencePath(index, leaves[..<middle]) + [referenceRoot(leaves[middle...])]
        : referencePath(index - split, leaves[middle...]) + [referenceRoot(leaves[..<middle])]
}

@Suite struct MerkleTests {
    @Test func ownDigestAgreesWithThePublishedVector() {
        #expect(hex(sha256(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func leafIsTheDigestOfPrefixSchemaSaltAndContent() {
        let salt = [UInt8](repeating: 7, count: 32)
        let content = Array("content".utf8)
        #expect(
            Merkle.leaf(schema: 0x0102, salt: salt, content: content).bytes
                == sha256([0x00, 0x02, 0x01] + salt + content))
    }

    @Test func rootsAndPathsAreThoseOfRFC6962() {
        #expect(MerkleTree([]).root.bytes == sha256([]))
        for count in Array(1...19) + [31, 32, 33] {
            let hashes = (0..<count).map { sha256([UInt8($0), 9]) }
            let tree = MerkleTree(hashes.compactMap { MerkleHash($0) })
            #expect(tree.root.bytes == referenceRoot(hashes[...]))
            for index in 0..<count {
                let path = tree.path(to: index)
                #expect(path.map(\.bytes) == referencePath(index, hashes[...]))
                #expect(Merkle.includes(tree.leaves[index], at: index, of: count, path: path, root: tree.root))
            }
        }
    }

    @Test func nothingElseIsIncluded() {
        for count in 1...17 {
            let tree = MerkleTree((0..<count).compactMap { MerkleHash(sha256([UInt8($0)])) })
            for index in 0..<count {
                let leaf = tree.leaves[index]
                let path = tree.path(to: index)
                for other in -1...count + 1 where other != index {
                    #expect(!Merkle.includes(leaf, at: other, of: count, path: path, root: tree.root))
                }
                #expect(!Merkle.includes(leaf, at: index, of: count, path: path + [leaf], root: tree.root))
                if !path.isEmpty {
                    #expect(
                        !Merkle.includes(leaf, at: index, of: count, path: Array(path.dropLast()), root: tree.root))
                }
                #expect(!Merkle.includes(.zero, at: index, of: count, path: path, root: tree.root))
                #expect(!Merkle.includes(leaf, at: index, of: count, path: path, root: .zero))
            }
        }
    }

    @Test func headsReadBackAndEveryByteIsSigned() throws {
        let folder = try TemporaryFolder()
        let installation = try InstallationIdentity(directory: folder.path)
        let node = try NodeIdentity(directory: folder.path, node: 3, installation: installation)
        let head = MerkleHead(
            served: NodeEpoch(node: 3, epoch: 9), index: 4, firstSequence: 10, lastSequence: 20, leafCount: 5,
            root: MerkleTree([]).root, previous: .zero, at: Moment(microseconds: 1_700_000_000_000_001))
        let signed = try node.sign(head)
        #expect(head.canonicalBytes.count == MerkleHead.encodedLength)
        #expect(MerkleHead(canonicalBytes: head.canonicalBytes) == head)
        #expect(signed.isValid(node.certificate, installation: installation.publicKey))
        #expect(!signed.isValid(node.certificate, installation: node.certificate.publicKey))
        for position in head.canonicalBytes.indices {
            var bytes = head.canonicalBytes
            bytes[position] ^= 1
            guard let changed = MerkleHead(canonicalBytes: bytes) else { continue }
            let forged = SignedHead(head: changed, signature: signed.signature)
            #expect(!forged.isValid(node.certificate, installation: installation.publicKey))
        }
        var stranger = node.certificate
        stranger.node = 4
        #expect(!signed.isValid(stranger, installation: installation.publicKey))
    }
}
