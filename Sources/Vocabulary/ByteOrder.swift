/// Reads fixed-width little-endian integers. It holds a copy: only the store and recovery read, never the request path.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ span: RawSpan) {
        var copy: [UInt8] = []
        copy.reserveCapacity(span.byteCount)
        for index in 0..<span.byteCount { copy.append(unsafe span.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
        bytes = copy
    }

    var remaining: Int { bytes.count - position }

    /// - Precondition: the caller has checked that enough bytes remain.
    mutating func take<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value {
        let width = Value.bitWidth / 8
        precondition(remaining >= width)
        var value: Value = 0
        for index in 0..<width { value |= Value(truncatingIfNeeded: bytes[position + index]) << Value(index * 8) }
        position += width
        return value
    }
}

extension OutputRawSpan {
    mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        unsafe append(value.littleEndian, as: Value.self)
    }
}

extension Array where Element == UInt8 {
    /// An array of exactly what `body` writes.
    init(writing capacity: Int, _ body: (inout OutputRawSpan) -> Void) {
        self = unsafe Array(unsafeUninitializedCapacity: capacity) { buffer, count in
            let memory = UnsafeMutableRawBufferPointer(buffer)
            var span = unsafe OutputRawSpan(buffer: memory, initializedCount: 0)
            body(&span)
            count = unsafe span.finalize(for: memory)
        }
    }
}
