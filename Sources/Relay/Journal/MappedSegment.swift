import Glibc
import Synchronization
import Vocabulary

/// One journal segment: a file of fixed size, wholly allocated, mapped into memory. A record stored in it survives the
/// process. This is the only file of the content wing that touches a disk (`RULES.md` 10).
@safe final class MappedSegment: Sendable {
    static let headerLength = 64
    /// MADV_POPULATE_WRITE of Linux 5.14, which older headers do not name.
    private static let populateForWriting: Int32 = 23

    let number: UInt32
    let capacity: Int
    private let path: String
    private let descriptor: Int32
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer
    private let residence = Atomic(false)
    private let isMapped = Atomic(true)

    /// Allocates and maps a new segment, in the memory of a drained one where there is one. Fails with an `errno`.
    init(directory: String, node: NodeEpoch, number: UInt32, capacity: Int) throws(JournalFault) {
        let path = "\(directory)/\(padded(node.epoch, 10))-\(padded(number, 10)).seg"
        let descriptor: Int32
        if let spare = Self.reuse(in: directory, as: path, capacity: capacity) {
            descriptor = spare
        } else {
            descriptor = try Self.create(path, capacity: capacity)
        }
        guard
            let base = unsafe mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            unsafe base != MAP_FAILED
        else {
            let code = errno
            close(descriptor)
            unsafe unlink(path)
            throw JournalFault(code: code)
        }
        self.number = number
        self.capacity = capacity
        self.path = path
        self.descriptor = descriptor
        unsafe self.base = unsafe base
        writeHeader(node: node)
    }

    deinit {
        release()
        close(descriptor)
    }

    /// Gives the memory back once nothing more is stored here. To synchronise a mapped file the kernel interrupts every
    /// processor for each page.
    func release() {
        if isMapped.exchange(false, ordering: .relaxed) { unsafe munmap(base, capacity) }
    }

    /// Makes all pages writable here, on the journal's thread, not by faults on an event loop. A kernel without this
    /// advice faults them in as ever.
    func makeResident() {
        guard !residence.exchange(true, ordering: .relaxed) else { return }
        _ = unsafe madvise(base, capacity, Self.populateForWriting)
    }

    var isResident: Bool { residence.load(ordering: .relaxed) }

    /// Every block is taken now: a store into a hole of a full disk would be SIGBUS (`RULES.md` 25).
    private static func create(_ path: String, capacity: Int) throws(JournalFault) -> Int32 {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalFault(code: errno) }
        let allocated = posix_fallocate(descriptor, 0, capacity)
        guard allocated == 0 else {
            close(descriptor)
            unsafe unlink(path)
            throw JournalFault(code: allocated)
        }
        return descriptor
    }

    /// Takes over a file that the drain has emptied: its blocks and its pages in memory are there already.
    private static func reuse(in directory: String, as path: String, capacity: Int) -> Int32? {
        for number in 0..<SpareSegment.limit {
            guard unsafe rename("\(directory)/\(SpareSegment.name(number))", path) == 0 else { continue }
            let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
            var status = stat()
            if descriptor >= 0, unsafe fstat(descriptor, &status) == 0, status.st_size == off_t(capacity) {
                return descriptor
            }
            if descriptor >= 0 { close(descriptor) }
            unsafe unlink(path)
        }
        return nil
    }

    /// `false` once the drain has taken what stands here and the file away.
    var isInPlace: Bool { unsafe access(path, F_OK) == 0 }

    /// Notes which sequence the first record of this segment has.
    func begin(at sequence: UInt64) {
        unsafe base.storeBytes(of: sequence.littleEndian, toByteOffset: 24, as: UInt64.self)
    }

    /// Stores `length` bytes written by `body` at `offset`, then the commit word behind them.
    func store(at offset: Int, length: Int, _ body: (inout OutputRawSpan) -> Void) {
        precondition(offset + length + 4 <= capacity)
        let memory = unsafe UnsafeMutableRawBufferPointer(start: base + offset, count: length)
        var out = unsafe OutputRawSpan(buffer: memory, initializedCount: 0)
        body(&out)
        let written = unsafe out.finalize(for: memory)
        precondition(written == length)
        atomicMemoryFence(ordering: .releasing)
        unsafe base.storeBytes(
            of: JournalRecord.commitWord.littleEndian, toByteOffset: offset + length, as: UInt32.self)
    }

    /// Brings what was stored to the disk itself.
    func synchronise() { fdatasync(descriptor) }

    private func writeHeader(node: NodeEpoch) {
        let memory = unsafe UnsafeMutableRawBufferPointer(start: base, count: Self.headerLength)
        unsafe memory.copyBytes(from: "TACETJNL".utf8)
        unsafe memory.storeBytes(of: UInt32(1).littleEndian, toByteOffset: 8, as: UInt32.self)
        unsafe memory.storeBytes(of: node.node.littleEndian, toByteOffset: 12, as: UInt32.self)
        unsafe memory.storeBytes(of: node.epoch.littleEndian, toByteOffset: 16, as: UInt32.self)
        unsafe memory.storeBytes(of: number.littleEndian, toByteOffset: 20, as: UInt32.self)
    }
}

/// Why a segment could not be had: an `errno`.
struct JournalFault: Error, Equatable {
    let code: Int32
}

private func padded(_ number: UInt32, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
