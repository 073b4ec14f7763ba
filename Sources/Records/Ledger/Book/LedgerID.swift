/// A number of 128 bits that its maker chooses: of a transfer, an operation or an account. An operation sent again under
/// the same id is the same operation. Neither 0 nor the greatest number is an id.
public struct LedgerID: Hashable, Comparable, Sendable {
    public var value: UInt128

    public init(_ value: UInt128) { self.value = value }

    public static let zero = LedgerID(0)
    public static let max = LedgerID(.max)

    public static func < (a: LedgerID, b: LedgerID) -> Bool { a.value < b.value }

    /// The id of the `number`th transfer of an operation of this id; the first has the operation's own.
    public func part(_ number: Int) -> LedgerID {
        guard number > 0 else { return self }
        let step = UInt64(truncatingIfNeeded: number)
        let low = Self.mix(UInt64(truncatingIfNeeded: value) &+ step &* 0x9e37_79b9_7f4a_7c15)
        let high = Self.mix(UInt64(truncatingIfNeeded: value >> 64) ^ low)
        return LedgerID(UInt128(high) << 64 | UInt128(low ^ Self.mix(high)))
    }

    /// SplitMix64's finaliser: a permutation that spreads each bit over all.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// 16 bytes, big-endian.
    public var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: value >> UInt128(120 - $0 * 8)) } }

    /// `nil` unless there are 16.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        value = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// 32 hexadecimal digits.
    public var text: String { String(decoding: Hex.text(bytes), as: UTF8.self) }

    public init?(text: String) {
        guard let bytes = Hex.bytes(text) else { return nil }
        self.init(bytes: bytes)
    }
}
