import CZlib

/// Unpacks deflate streams piece by piece.
@safe struct AuditInflater: ~Copyable {
    enum Form {
        /// gzip or zlib, told by the stream.
        case gzip
        /// Bare deflate, as in ZIP.
        case raw
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var at = 0
    private var out = [UInt8](repeating: 0, count: 1 << 18)
    private let form: Form
    /// The stream ended, or is damaged and cannot go on.
    private(set) var isDone = false

    init(_ form: Form) {
        self.form = form
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let bits: Int32 = form == .gzip ? 15 + 32 : -15
        isDone = unsafe inflateInit2_(stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) != Z_OK
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The next `count` packed bytes.
    mutating func begin(_ bytes: [UInt8], _ count: Int) {
        input = Array(bytes[..<count])
        at = 0
    }

    /// Unpacked bytes; `nil` when more packed ones are needed.
    mutating func next() -> [UInt8]? {
        guard !isDone else { return nil }
        var made = 0
        var code = Z_OK
        unsafe input.withUnsafeMutableBufferPointer { packed in
            unsafe out.withUnsafeMutableBufferPointer { room in
                guard let from = packed.baseAddress, let to = room.baseAddress else { return }
                unsafe stream.pointee.next_in = unsafe from + at
                unsafe stream.pointee.avail_in = UInt32(packed.count - at)
                unsafe stream.pointee.next_out = unsafe to
                unsafe stream.pointee.avail_out = UInt32(room.count)
                code = unsafe inflate(stream, Z_NO_FLUSH)
                unsafe at = packed.count - Int(stream.pointee.avail_in)
                unsafe made = room.count - Int(stream.pointee.avail_out)
            }
        }
        if code == Z_STREAM_END {
            // gzip files may hold several streams, one after another.
            if form == .gzip, at < input.count { unsafe inflateReset(stream) } else { isDone = form == .raw }
            if form == .gzip, at == input.count { unsafe inflateReset(stream) }
        } else if code != Z_OK {
            isDone = code != Z_BUF_ERROR
        }
        return made == 0 ? nil : Array(out[..<made])
    }
}
