import NIOCore

extension ByteBuffer {
    /// A copy of some bytes, so that what is kept does not keep a whole receive buffer alive.
    /// - Parameter range: offsets from the reader index.
    func copy(_ range: Range<Int>) -> ByteBuffer? {
        getSlice(at: readerIndex + range.lowerBound, length: range.count).map { ByteBuffer($0.readableBytesView) }
    }

    /// Overwrites bytes where they lie, in the memory this buffer shares with every copy of it.
    /// - Parameter range: absolute indexes, within what was written.
    func wipe(_ range: Range<Int>) {
        unsafe withVeryUnsafeBytes { bytes in
            guard range.upperBound <= bytes.count else { return }
            let target = unsafe UnsafeMutableRawBufferPointer(mutating: UnsafeRawBufferPointer(rebasing: bytes[range]))
            for index in target.indices { unsafe target[index] = 0 }
        }
    }
}

extension Span<UInt8> {
    /// - Parameter text: lower-case ASCII.
    func beginsIgnoringCase(_ text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && extracting(first: text.utf8CodeUnitCount).equalsIgnoringCase(text)
    }
}
