/// The contents of a batch's leaves, each behind its prefix and a salt of its own, in one piece of memory: what is
/// hashed and what is stored are the same bytes.
public struct SaltedLeaves: Sendable {
    private static let prefixLength = 3

    /// The length of each content.
    public let contentLength: Int
    public private(set) var count = 0
    /// What every leaf begins with, the place of its salt included.
    private let prefix: [UInt8]
    private var bytes: [UInt8] = []
    private var isSalted = false

    private var stride: Int { Self.prefixLength + Merkle.saltLength + contentLength }

    public init(schema: UInt16, contentLength: Int) {
        var prefix: [UInt8] = [0]
        prefix.appendLittleEndian(schema)
        self.prefix = prefix + [UInt8](repeating: 0, count: Merkle.saltLength)
        self.contentLength = contentLength
    }

    /// Adds a leaf, which has no salt before `salt()`.
    /// - Precondition: `content` has the length named at the beginning.
    public mutating func append(_ content: RawSpan) {
        precondition(content.byteCount == contentLength && !isSalted)
        bytes += prefix
        unsafe content.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        count += 1
    }

    /// Forgets all leaves and keeps their memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
        isSalted = false
    }

    /// Gives every leaf 32 bytes of the system's generator, asked for once.
    public mutating func salt() {
        var salts = randomBytes(count * Merkle.saltLength)
        let stride = stride
        unsafe bytes.withUnsafeMutableBytes { memory in
            unsafe salts.withUnsafeBytes { salts in
                for index in 0..<count {
                    let salt = unsafe UnsafeRawBufferPointer(
                        rebasing: salts[index * Merkle.saltLength..<(index + 1) * Merkle.saltLength])
                    let start = index * stride + Self.prefixLength
                    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + Merkle.saltLength])
                        .copyMemory(from: salt)
                }
            }
        }
        wipe(&salts)
        isSalted = true
    }

    /// SHA-256(0x00 ‖ schema ‖ salt ‖ content) of one leaf.
    /// - Precondition: the leaves were salted.
    public func hash(of index: Int) -> MerkleHash {
        precondition(isSalted)
        return unsafe bytes.withUnsafeBytes { memory in
            unsafe MerkleHash(hashing: UnsafeRawBufferPointer(rebasing: memory[index * stride..<(index + 1) * stride]))
        }
    }

    /// Lends the memory of all leaves.
    public func withBytes<Result, Fault: Error>(_ body: (RawSpan) throws(Fault) -> Result) throws(Fault) -> Result {
        try body(unsafe bytes.span.bytes)
    }

    /// Where the salt of a leaf stands in that memory.
    public func salt(of index: Int) -> Range<Int> {
        let start = index * stride + Self.prefixLength
        return start..<start + Merkle.saltLength
    }

    /// Where its content stands.
    public func content(of index: Int) -> Range<Int> { salt(of: index).upperBound..<(index + 1) * stride }
}
