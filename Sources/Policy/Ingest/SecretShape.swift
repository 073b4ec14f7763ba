/// Texts that look like somebody's credential: by the prefixes that issuers give them, by well-known forms, or because they
/// are long and look drawn at random.
enum SecretShape {
    /// A prefix, and the fewest characters that follow it in a real one.
    static let prefixes: [(prefix: String, rest: Int)] = [
        // Model providers.
        ("sk-", 16), ("sk_", 16), ("gsk_", 20), ("pplx-", 20), ("hf_", 20), ("api_org_", 20), ("r8_", 20), ("xai-", 20),
        ("AIza", 30), ("ya29.", 16), ("fw_", 20), ("csk-", 20), ("nvapi-", 20), ("tgp_v1_", 20), ("dsk-", 20),
        // Tacet's own.
        ("tct_live_", 20), ("tct_test_", 20),
        // Clouds.
        ("AKIA", 16), ("ASIA", 16), ("ABIA", 16), ("ACCA", 16), ("A3T", 16), ("bedrock-api-key-", 10), ("dop_v1_", 32),
        ("doo_v1_", 32), ("dor_v1_", 32), ("LTAI", 16), ("YC", 38), ("flyv1_", 20), ("hvs.", 20), ("hvb.", 20),
        ("dapi", 32), ("pul-", 32), ("nfp_", 30), ("shpat_", 32), ("shpca_", 32), ("shppa_", 32), ("shpss_", 32),
        // Code and builds.
        ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20), ("glpat-", 16),
        ("gldt-", 16), ("glrt-", 16), ("glptt-", 16), ("npm_", 30), ("pypi-", 40), ("rubygems_", 30), ("ATATT3", 30),
        ("ATBB", 20), ("sntrys_", 20), ("sntryu_", 20), ("glsa_", 20), ("glc_", 20), ("NRAK-", 20), ("dt0c01.", 20),
        // Messages and money.
        ("xoxb-", 10), ("xoxp-", 10), ("xoxa-", 10), ("xoxr-", 10), ("xoxs-", 10), ("xoxe", 20), ("xapp-", 10),
        ("SG.", 20), ("SK", 32), ("AC", 32), ("key-", 32), ("sk_live_", 10), ("sk_test_", 10), ("rk_live_", 10),
        ("rk_test_", 10), ("whsec_", 16), ("pdl_", 20), ("sq0", 20), ("EAAA", 40), ("lin_api_", 20), ("secret_", 24),
        ("ntn_", 24), ("figd_", 20), ("PMAK-", 20), ("AGE-SECRET-KEY-", 20), ("ops_eyJ", 20), ("doc_", 32),
    ]

    static func isOne(_ text: String) -> Bool {
        if text.contains("-----BEGIN") || text.contains("PRIVATE KEY") { return true }
        return text.utf8.split(whereSeparator: { !isOfToken($0) }).contains { isToken(Array($0)) }
    }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "+"): true
        case UInt8(ascii: "~"): true
        default: false
        }
    }

    private static func isToken(_ token: [UInt8]) -> Bool {
        guard token.count >= 16 else { return false }
        // A prefix may stand behind another word: `key/sk-…`.
        let starts = token.indices.filter { index in
            index == 0 || !isAlphanumeric(token[index - 1])
        }
        for start in starts {
            let rest = token[start...]
            for (prefix, length) in prefixes
            where rest.count >= prefix.utf8.count + length && rest.starts(with: prefix.utf8) {
                let tail = rest.dropFirst(prefix.utf8.count)
                if tail.contains(where: { (0x30...0x39).contains($0) }) || tail.count >= 32 { return true }
            }
        }
        return isSignedToken(token) || looksRandom(token)
    }

    /// Three parts in base64, the first of which begins like an object: a JSON web token.
    private static func isSignedToken(_ token: [UInt8]) -> Bool {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].starts(with: "eyJ".utf8) && parts[1].starts(with: "eyJ".utf8)
    }

    /// 32 or more hexadecimal digits, or 36 or more letters of both cases and digits without a break.
    private static func looksRandom(_ token: [UInt8]) -> Bool {
        for run in token.split(whereSeparator: { !isAlphanumeric($0) }) {
            let digits = run.count { (0x30...0x39).contains($0) }
            let upper = run.count { (0x41...0x5a).contains($0) }
            let lower = run.count - digits - upper
            if run.count >= 32, digits >= 4, run.allSatisfy(isHexadecimal) { return true }
            if run.count >= 36, digits >= 2, upper >= 4, lower >= 4 { return true }
        }
        return false
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
