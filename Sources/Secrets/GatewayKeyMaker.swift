public import Vocabulary

/// Makes fresh gateway keys (DESIGN §5): 32 characters of base 62, 190 bits.
public enum GatewayKeyMaker {
    /// The 47 bytes of a new key's text. Shown once, then to be wiped.
    public static func make(_ environment: GatewayKey.Environment) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var secret: [UInt8] = []
        secret.reserveCapacity(32)
        // Bounded `random` rejects what would bias the last digits.
        for _ in 0..<32 { secret.append(GatewayKey.alphabet[Int.random(in: 0..<62, using: &generator)]) }
        let text = GatewayKey.text(environment, secret: secret)
        wipe(&secret)
        return text
    }
}
