/// A place in bytes from which fixed-width little-endian integers are read, one behind the other. It keeps no span, so
/// that it needs no lifetime: the bytes are named at each step.
struct ByteReader {
    private var position = 0

    init(at position: Int = 0) { self.position = position }

    /// - Precondition: enough bytes remain; the load checks it.
    mutating func take<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: RawSpan, as type: Value.Type = Value.self
    ) -> Value {
        // Every bit pattern is a value of an integer.
        let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Value.self)
        position += MemoryLayout<Value>.size
        return Value(littleEndian: value)
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
