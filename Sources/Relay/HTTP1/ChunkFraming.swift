import NIOCore

/// A chunk is framed in the buffer that holds its bytes: room for the size line is left in front, and filled in when the
/// size is known.
extension ByteBuffer {
    /// Empties the buffer and leaves room for a size line before what will be appended.
    mutating func beginChunk() {
        clear()
        writeRepeatingByte(0, count: chunkRoom)
        moveReaderIndex(to: chunkRoom)
    }

    /// Frames what was appended since `beginChunk`, at least one byte.
    mutating func endChunk() {
        var size = readableBytes
        var at = chunkRoom - 2
        setInteger(UInt16(0x0d0a), at: at)
        repeat {
            at -= 1
            let digit = UInt8(size & 15)
            setInteger(digit < 10 ? 0x30 + digit : 0x57 + digit, at: at)
            size >>= 4
        } while size > 0
        moveReaderIndex(to: at)
        writeStaticString("\r\n")
    }
}

/// Eight digits and the line's end.
private let chunkRoom = 10

/// What ends a chunked body.
let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
