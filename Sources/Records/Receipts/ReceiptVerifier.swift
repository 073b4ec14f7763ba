import Foundation
import Secrets
public import Vocabulary

/// Checks exported receipts offline, knowing nothing but the installation's public key.
///
/// The signed bytes are the truth: a line must be, byte for byte, what they print as.
public struct ReceiptVerifier {
    public enum Verdict: Equatable, Sendable {
        case ok(RequestID)
        /// The receipt was erased; its leaf still stands in the signed tree.
        case erased
        case bad(Reason)
        case missingProof
    }

    public enum Reason: Equatable, Sendable {
        /// Not a line of an export.
        case malformed
        /// The head was not signed by a node of this installation.
        case signature
        /// The leaf does not stand where the proof says.
        case inclusion
        /// The line says other than the signed bytes.
        case content
        /// The head contradicts another of its chain.
        case chain
    }

    /// What a whole file showed.
    public struct Summary: Equatable, Sendable {
        public var ok = 0
        public var erased = 0
        public var bad = 0
        public var missingProof = 0
        /// Leaves of the heads seen that the file has no line for: neither shown nor erased.
        public var missing = 0
        /// Heads that the chains seen must have and that the file does not show.
        public var missingHeads = 0

        public var isSound: Bool { bad == 0 && missingProof == 0 }
    }

    private struct Place: Hashable {
        var served: NodeEpoch
        var index: UInt64
    }

    private let installation: [UInt8]
    private var heads: [Place: MerkleHead] = [:]
    private var seen: [Place: Set<Int>] = [:]
    private var trusted: Set<[UInt8]> = []
    private var counts = Summary()

    /// - Parameter installationKey: 32 bytes.
    public init(installationKey: [UInt8]) { installation = installationKey }

    /// The installation's key as hexadecimal text; `nil` for another form.
    public init?(installationKeyText text: String) {
        guard let key = Hex.bytes(text), key.count == 32 else { return nil }
        self.init(installationKey: key)
    }

    /// Checks one line.
    public mutating func add(line: some Collection<UInt8>) -> Verdict {
        let verdict = check(Array(line))
        switch verdict {
        case .ok: counts.ok += 1
        case .erased: counts.erased += 1
        case .bad: counts.bad += 1
        case .missingProof: counts.missingProof += 1
        }
        return verdict
    }

    /// Checks every line of a file; empty lines are skipped.
    public mutating func add(file: some Collection<UInt8>) -> [Verdict] {
        file.split(separator: 0x0a).map { add(line: $0.last == 0x0d ? $0.dropLast() : $0) }
    }

    public var summary: Summary {
        var summary = counts
        for (place, head) in heads { summary.missing += Int(head.leafCount) - (seen[place]?.count ?? 0) }
        for (_, chain) in Dictionary(grouping: heads.keys, by: \.served) {
            let length = (chain.map(\.index).max() ?? 0) &+ 1
            summary.missingHeads += Int(clamping: length) - chain.count
        }
        return summary
    }

    private mutating func check(_ line: [UInt8]) -> Verdict {
        guard let shown = try? JSONDecoder().decode(ShownReceipt.self, from: Data(line)) else {
            return .bad(.malformed)
        }
        guard let shownProof = shown.proof else { return .missingProof }
        guard let proof = shownProof.proof(installation: installation) else { return .bad(.malformed) }
        let head = proof.head.head
        guard isTrusted(proof) else { return .bad(.signature) }
        guard proof.count == Int(head.leafCount),
            Merkle.includes(proof.leaf, at: proof.index, of: proof.count, path: proof.path, root: head.root)
        else { return .bad(.inclusion) }
        let verdict: Verdict
        if shown.erased == true {
            guard proof.salt == nil, proof.erasedJSON() == line else { return .bad(.content) }
            verdict = .erased
        } else {
            guard let canonical = shownProof.canonical.flatMap(Hex.bytes), let salt = proof.salt,
                let receipt = unsafe Receipt(canonicalBytes: canonical.span.bytes)
            else { return .bad(.malformed) }
            guard proof.leaf == Merkle.leaf(schema: Receipt.schema, salt: salt, content: canonical),
                receipt.served == head.served
            else { return .bad(.inclusion) }
            let rebuilt = StoredReceipt(
                receipt: receipt, requestedModel: shown.requestedModel, servedModel: shown.servedModel,
                deployment: shown.deployment, proof: proof)
            guard rebuilt.namesMatch, rebuilt.json() == line else { return .bad(.content) }
            verdict = .ok(receipt.id)
        }
        guard joins(head) else { return .bad(.chain) }
        let place = Place(served: head.served, index: head.index)
        heads[place] = head
        seen[place, default: []].insert(proof.index)
        return verdict
    }

    /// One signature check for all receipts of a batch.
    private mutating func isTrusted(_ proof: ReceiptProof) -> Bool {
        let certificate = proof.certificate
        let all =
            proof.head.head.canonicalBytes + proof.head.signature + certificate.publicKey + certificate.signature
        if trusted.contains(all) { return true }
        guard proof.head.isValid(certificate, installation: installation) else { return false }
        trusted.insert(all)
        return true
    }

    /// Whether a head agrees with what is known of its chain.
    private func joins(_ head: MerkleHead) -> Bool {
        let place = Place(served: head.served, index: head.index)
        if let known = heads[place], known != head { return false }
        if head.index == 0 {
            guard head.previous == .zero else { return false }
        } else if let before = heads[Place(served: head.served, index: head.index - 1)] {
            guard head.previous == before.digest else { return false }
        }
        if let after = heads[Place(served: head.served, index: head.index &+ 1)] {
            guard after.previous == head.digest else { return false }
        }
        return true
    }
}

extension StoredReceipt {
    /// Names are not signed, but the numbers they are hashed to are.
    var namesMatch: Bool {
        func matches(_ name: String?, _ id: UInt64) -> Bool {
            guard let name else { return true }
            return stableNumber(of: name.utf8) == id || (name == "other" && id == 0)
        }
        return matches(requestedModel, receipt.requestedModel.value) && matches(servedModel, receipt.servedModel.value)
            && matches(deployment, receipt.deployment.value)
    }
}

/// The members of an exported line that verification starts from.
private struct ShownReceipt: Decodable {
    var erased: Bool?
    var requestedModel: String?
    var servedModel: String?
    var deployment: String?
    var proof: ShownProof?

    enum CodingKeys: String, CodingKey {
        case erased
        case requestedModel = "requested_model"
        case servedModel = "served_model"
        case deployment
        case proof
    }
}

private struct ShownProof: Decodable {
    var canonical: String?
    var leaf: String
    var salt: String?
    var index: Int
    var count: Int
    var path: [String]
    var head: String
    var signature: String
    var nodeKey: String
    var certificate: String
    var installationKey: String

    enum CodingKeys: String, CodingKey {
        case canonical
        case leaf
        case salt
        case index
        case count
        case path
        case head
        case signature
        case nodeKey = "node_key"
        case certificate
        case installationKey = "installation_key"
    }

    func proof(installation: [UInt8]) -> ReceiptProof? {
        let hashes = path.compactMap { Hex.bytes($0).flatMap { MerkleHash($0) } }
        guard hashes.count == path.count, let leaf = Hex.bytes(leaf).flatMap({ MerkleHash($0) }),
            let head = Hex.bytes(head).flatMap({ MerkleHead(canonicalBytes: $0) }),
            let signature = Hex.bytes(signature), let nodeKey = Hex.bytes(nodeKey),
            let certificate = Hex.bytes(certificate), let installationKey = Hex.bytes(installationKey)
        else { return nil }
        let saltBytes = salt.map { Hex.bytes($0) ?? [] }
        if let saltBytes, saltBytes.count != Merkle.saltLength { return nil }
        return ReceiptProof(
            leaf: leaf, salt: saltBytes, index: index, count: count, path: hashes,
            head: SignedHead(head: head, signature: signature),
            certificate: NodeCertificate(
                node: head.served.node, publicKey: nodeKey, installationKey: installationKey, signature: certificate))
    }
}
