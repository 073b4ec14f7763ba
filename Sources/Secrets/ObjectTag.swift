public import Vocabulary

extension KeyHasher {
    /// What stands behind the id of a provider's object that an organisation was given (`RULES.md` 8): the first 128 bits
    /// of HMAC-SHA-256, as 22 characters of base64url.
    ///
    /// The digest of a gateway key begins with `tct_`, this with a zero byte: neither can be had from the other.
    public func tag(of object: [UInt8], _ organisation: OrganisationID, _ deployment: DeploymentID) -> [UInt8] {
        var text: [UInt8] = [0]
        for number in [organisation.value, deployment.value] {
            for shift in 0..<8 { text.append(UInt8(truncatingIfNeeded: number >> UInt64(shift * 8))) }
        }
        text += object
        let bytes = digest(of: text.span).bytes.prefix(16)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var out: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                out.append(digits[Int(bits >> UInt32(count) & 63)])
            }
        }
        out.append(digits[Int(bits << UInt32(6 - count) & 63)])
        return out
    }

    /// Whether a tag is that of the object, compared in constant time.
    public func isTag(
        _ tag: [UInt8], of object: [UInt8], _ organisation: OrganisationID, _ deployment: DeploymentID
    ) -> Bool {
        let expected = self.tag(of: object, organisation, deployment)
        guard tag.count == expected.count else { return false }
        var difference: UInt8 = 0
        for index in tag.indices { difference |= tag[index] ^ expected[index] }
        return difference == 0
    }
}
