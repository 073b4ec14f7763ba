/// SipHash-2-4, keyed: tells repeats of requests apart in memory. It is not a cryptographic commitment (`RULES.md` 42).
struct SipHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    private var word: UInt64 = 0
    private var filled: UInt64 = 0
    private var length: UInt64 = 0

    init(_ key: AuditKey) {
        v0 = key.low ^ 0x736f_6d65_7073_6575
        v1 = key.high ^ 0x646f_7261_6e64_6f6d
        v2 = key.low ^ 0x6c79_6765_6e65_7261
        v3 = key.high ^ 0x7465_6462_7974_6573
    }

    mutating func add(_ byte: UInt8) {
        word |= UInt64(byte) << (8 * filled)
        filled += 1
        length &+= 1
        if filled == 8 {
            compress(word)
            word = 0
            filled = 0
        }
    }

    mutating func add(_ value: UInt64) {
        for place in 0..<8 { add(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
    }

    mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices { add(bytes[index]) }
    }

    /// The hash of what was added so far; more may follow.
    var value: UInt64 {
        var copy = self
        copy.compress(word | length << 56)
        copy.v2 ^= 0xff
        for _ in 0..<4 { copy.round() }
        return copy.v0 ^ copy.v1 ^ copy.v2 ^ copy.v3
    }

    private mutating func compress(_ message: UInt64) {
        v3 ^= message
        round()
        round()
        v0 ^= message
    }

    private mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = v1 << 13 | v1 >> 51
        v3 = v3 << 16 | v3 >> 48
        v1 ^= v0
        v3 ^= v2
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v1
        v0 &+= v3
        v1 = v1 << 17 | v1 >> 47
        v3 = v3 << 21 | v3 >> 43
        v1 ^= v2
        v3 ^= v0
        v2 = v2 << 32 | v2 >> 32
    }
}

/// The secret of one audit, drawn anew by whoever runs it and never kept.
public struct AuditKey: Sendable {
    let low: UInt64
    let high: UInt64

    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
}
