import CBytes
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

extension ByteBuffer {
    func holds(_ text: StaticString) -> Bool { place(of: text) != nil }

    /// How many readable bytes stand before a text, of those behind the first `start`.
    private func place(of text: StaticString, behind start: Int = 0) -> Int? {
        let place = unsafe withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress, start < bytes.count else { return bytes.count }
            return unsafe start
                + tacet_find(
                    base.assumingMemoryBound(to: UInt8.self) + start, bytes.count - start, text.utf8Start,
                    text.utf8CodeUnitCount)
        }
        return place < readableBytes ? place : nil
    }

    /// Whether some member `temperature` of a JSON text is nought: told without reading the rest, for most are not. The
    /// name with its quotes cannot stand inside a string, where they are escaped.
    var mayAskForTemperatureZero: Bool {
        let name: StaticString = "\"temperature\""
        var behind = 0
        while let place = place(of: name, behind: behind) {
            behind = place + name.utf8CodeUnitCount
            let number = readableBytesView.dropFirst(behind).drop { " \t\r\n:".utf8.contains($0) }
                .prefix { "-0.123456789".utf8.contains($0) }
            if !number.isEmpty, number.allSatisfy({ "-0.".utf8.contains($0) }) { return true }
        }
        return false
    }
}
