import Foundation
import Secrets
import Testing
import Vocabulary

@testable import Records

/// The worked example of `docs/receipts.md`: what is printed there is what the code makes.
@Suite struct VectorTests {
    @Test func thePublishedVectorHolds() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/receipts.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for (label, bytes) in try vector() {
            let printed = String(decoding: Hex.text(bytes), as: UTF8.self)
            let wrapped = stride(from: 0, to: printed.count, by: 96).map { start in
                "  " + String(printed.dropFirst(start).prefix(96))
            }.joined(separator: "\n")
            #expect(text.contains("\(label)\n\(wrapped)\n"), "\(label)\n\(wrapped)")
        }
    }

    private func vector() throws -> [(String, [UInt8])] {
        let folder = try TemporaryFolder()
        for (file, seed) in [("installation.key", UInt8(1)), ("node.key", UInt8(2))] {
            let made = FileManager.default.createFile(
                atPath: folder.path + "/" + file, contents: Data(repeating: seed, count: 32),
                attributes: [.posixPermissions: 0o600])
            #expect(made)
        }
        let installation = try InstallationIdentity(directory: folder.path)
        let node = try NodeIdentity(directory: folder.path, node: 1, installation: installation)
        let example = receipt(1)
        let salt = [UInt8](repeating: 3, count: 32)
        let leaf = Merkle.leaf(schema: Receipt.schema, salt: salt, content: example.canonicalBytes)
        let head = MerkleHead(
            served: example.served, index: 0, firstSequence: 3, lastSequence: 3, leafCount: 1,
            root: MerkleTree([leaf]).root, previous: .zero, at: Moment(microseconds: 1_700_000_000_000_000))
        let signed = try node.sign(head)
        #expect(signed.isValid(node.certificate, installation: installation.publicKey))
        return [
            ("canonical", example.canonicalBytes), ("salt", salt), ("leaf, also root", leaf.bytes),
            ("head", head.canonicalBytes), ("signature", signed.signature), ("node_key", node.certificate.publicKey),
            ("certificate", node.certificate.signature), ("installation_key", installation.publicKey),
            ("journal record, sequence 3", recordBytes(example, sequence: 3)),
        ]
    }
}
