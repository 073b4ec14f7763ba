/// What is kept: sums, and the weights of buckets with requests enough. Little-endian: version, three zero bytes, base,
/// three counts, bias and errors, then bucket, requests and weight of each.
extension OutcomeLearning {
    private static let version: UInt8 = 1
    private static let headLength = 4 + 4 + 3 * 8 + 3 * 4
    private static let entryLength = 2 + 1 + 4

    public var bytes: [UInt8] {
        var out: [UInt8] = [Self.version, 0, 0, 0]
        func put(_ value: some FixedWidthInteger) {
            for shift in 0..<value.bitWidth / 8 { out.append(UInt8(truncatingIfNeeded: value >> (8 * shift))) }
        }
        put(base)
        for count in [outcomes, control, controlGood] { put(count) }
        for number in [bias, errorAlone, errorLearned] { put(number.bitPattern) }
        for bucket in requests.indices where requests[bucket] >= Self.fewestRequests {
            put(UInt16(bucket))
            put(requests[bucket])
            put(weights[bucket].bitPattern)
        }
        return out
    }

    /// `nil` for bytes that are none of these, or hold a number out of its bounds.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.headLength, bytes[0] == Self.version,
            (bytes.count - Self.headLength) % Self.entryLength == 0
        else { return nil }
        var at = 4
        func take<Value: FixedWidthInteger>(_: Value.Type) -> Value {
            var value: Value = 0
            for shift in 0..<Value.bitWidth / 8 {
                value |= Value(truncatingIfNeeded: bytes[at]) << Value(truncatingIfNeeded: 8 * shift)
                at += 1
            }
            return value
        }
        func number() -> Float { Float(bitPattern: take(UInt32.self)) }
        self.init(base: take(UInt32.self))
        outcomes = take(Int64.self)
        control = take(Int64.self)
        controlGood = take(Int64.self)
        bias = number()
        errorAlone = number()
        errorLearned = number()
        guard outcomes >= 0, control >= 0, 0...control ~= controlGood, abs(bias) <= Self.largestCorrection,
            errorAlone >= 0, errorLearned >= 0, errorAlone.isFinite, errorLearned.isFinite
        else { return nil }
        while at < bytes.count {
            let bucket = Int(take(UInt16.self))
            requests[bucket] = take(UInt8.self)
            weights[bucket] = number()
            guard requests[bucket] >= Self.fewestRequests, abs(weights[bucket]) <= Self.largestWeight else {
                return nil
            }
        }
    }
}
