import Vocabulary

/// The file: `TACETCLS`, version, two zero bytes, report, scale, bias, hand-made weights, hashed weights, CRC-32C of all
/// before. Little-endian.
extension ClassifierWeights {
    private static let magic: [UInt8] = Array("TACETCLS".utf8)
    private static let headLength = 8 + 4 + 12 + 8
    static let byteCount = headLength + 4 * PromptCounts.handCount + 2 * PromptReader.buckets + 4

    /// The file's bytes: the same weights give the same bytes.
    public var bytes: [UInt8] {
        var out = Self.magic
        out.reserveCapacity(Self.byteCount)
        func put(_ value: some FixedWidthInteger) {
            for shift in 0..<value.bitWidth / 8 { out.append(UInt8(truncatingIfNeeded: value >> (8 * shift))) }
        }
        put(Self.version)
        put(UInt16(0))
        put(report.rows)
        put(report.foldsAPGR)
        put(report.lengthAPGR)
        put(scale.bitPattern)
        put(bias.bitPattern)
        for weight in hand { put(weight.bitPattern) }
        for weight in hashed { put(weight) }
        unsafe put(CRC32C.of(out.span.bytes))
        return out
    }

    public init(_ bytes: Span<UInt8>) throws(WeightsFault) {
        var at = 0
        func take<Value: FixedWidthInteger>(_: Value.Type) -> Value {
            var value: Value = 0
            for shift in 0..<Value.bitWidth / 8 {
                value |= Value(truncatingIfNeeded: bytes[at]) << Value(truncatingIfNeeded: 8 * shift)
                at += 1
            }
            return value
        }
        guard bytes.count >= 12 else { throw .foreign }
        for (index, byte) in Self.magic.enumerated() where bytes[index] != byte { throw .foreign }
        at = Self.magic.count
        let version = take(UInt16.self)
        guard version == Self.version else { throw .version(version) }
        guard bytes.count == Self.byteCount else { throw .length(bytes: bytes.count, expected: Self.byteCount) }
        at = bytes.count - 4
        let sum = unsafe CRC32C.of(bytes.extracting(..<(bytes.count - 4)).bytes)
        guard take(UInt32.self) == sum else { throw .damaged }
        at = Self.magic.count + 4
        var report = TrainingReport()
        report.rows = take(UInt32.self)
        report.foldsAPGR = take(Int32.self)
        report.lengthAPGR = take(Int32.self)
        self.report = report
        scale = Float(bitPattern: take(UInt32.self))
        bias = Float(bitPattern: take(UInt32.self))
        var hand: [Float] = []
        for _ in 0..<PromptCounts.handCount { hand.append(Float(bitPattern: take(UInt32.self))) }
        var hashed: [Int16] = []
        hashed.reserveCapacity(PromptReader.buckets)
        for _ in 0..<PromptReader.buckets { hashed.append(take(Int16.self)) }
        self.hand = hand
        self.hashed = hashed
        guard scale.isFinite, bias.isFinite, hand.allSatisfy(\.isFinite) else { throw .notFinite }
    }
}
