import Foundation
public import Secrets
public import Vocabulary

/// A signed statement of what was deleted. Anyone who has the installation's public key can check it offline.
///
/// `{"statement":{…},"signature":"…","installation_key":"…"}`: the signature covers `TACETDEL` and the statement's bytes as
/// they stand.
public enum DeletionProof {
    private static let domain = Array("TACETDEL".utf8)

    public static func make(
        _ count: PurgeCount, organisation: OrganisationID, requestedAt: Moment?, purgedAt: Moment,
        auditHead: MerkleHash,
        signedBy identity: InstallationIdentity
    ) throws(KeyFileFault) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.number("organisation", organisation.value)
            if let requestedAt { json.number("requested_at_us", requestedAt.microseconds) }
            json.number("purged_at_us", purgedAt.microseconds)
            json.object("deleted") { json in
                json.number("receipts", count.receipts)
                json.number("gateway_keys", count.gatewayKeys)
                json.number("provider_keys", count.providerKeys)
                json.number("open_requests", count.openRequests)
            }
            json.hexes("data_keys_destroyed", count.fingerprints)
            json.flag("amounts_kept_under_a_number", true)
            json.flag("leaf_hashes_kept", true)
            json.hex("audit_head", auditHead.bytes)
        }
        let statement = json.bytes
        let signature = try identity.sign(domain + statement)
        var out = Array(#"{"statement":"#.utf8) + statement + Array(#","signature":""#.utf8)
        out += Hex.text(signature) + Array(#"","installation_key":""#.utf8) + Hex.text(identity.publicKey)
        return out + Array(#""}"#.utf8)
    }

    /// Whether these bytes are a proof that this installation (32 bytes of its public key) signed.
    public static func isValid(_ proof: [UInt8], installation: [UInt8]) -> Bool {
        let head = Array(#"{"statement":"#.utf8)
        let middle = Array(#","signature":""#.utf8)
        let key = Array(#"","installation_key":""#.utf8) + Hex.text(installation) + Array(#""}"#.utf8)
        let end = proof.count - key.count
        guard proof.starts(with: head), end > head.count + middle.count + 128, proof[end...].elementsEqual(key),
            proof[(end - 128 - middle.count)..<(end - 128)].elementsEqual(middle),
            let signature = Hex.bytes(String(decoding: proof[(end - 128)..<end], as: UTF8.self))
        else { return false }
        return InstallationIdentity.isSigned(
            domain + proof[head.count..<(end - 128 - middle.count)], by: installation, signature)
    }
}
