/// A request's id: 48 bits of milliseconds, 80 random bits, so that ids sort by time. Written `req_` and 26 characters
/// of Crockford's base 32.
public struct RequestID: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter random: 80 bits are used, the low 16 of `random.0` and all of `random.1`.
    public init(at moment: Moment, random: (UInt64, UInt64)) {
        high = UInt64(bitPattern: moment.microseconds / 1000) << 16 | random.0 & 0xffff
        low = random.1
    }

    public static let prefix: StaticString = "req_"
    public static let textLength = 30
    private static let digits: [UInt8] = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// The 30 ASCII bytes of the written form.
    public var text: [UInt8] {
        var out: [UInt8] = [0x72, 0x65, 0x71, 0x5f]
        out.reserveCapacity(Self.textLength)
        for position in 0..<26 { out.append(Self.digits[group(position)]) }
        return out
    }

    /// The 5 bits that the written form's character `position` (0 to 25) stands for.
    public func group(_ position: Int) -> Int { Int(bits(from: 125 - position * 5)) }

    /// Reads the written form; `nil` for anything else, upper case included.
    public init?(text: some Collection<UInt8>) {
        guard text.count == Self.textLength, text.starts(with: [0x72, 0x65, 0x71, 0x5f]) else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, byte) in text.dropFirst(4).enumerated() {
            guard let digit = Self.digits.firstIndex(of: byte) else { return nil }
            if position == 0 && digit > 7 { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(digit)
        }
        self.init(high: high, low: low)
    }

    private func bits(from shift: Int) -> UInt64 {
        let value = shift >= 64 ? high >> (shift - 64) : shift > 59 ? low >> shift | high << (64 - shift) : low >> shift
        return value & 31
    }
}
