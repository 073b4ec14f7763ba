import Glibc
import Synchronization

/// Bytes that must not leave memory: locked against swapping, left out of core dumps, zeroed when released.
///
/// A class, because one provider key is shared by all event loops; its bytes never change. It has no description, no
/// encoding and no `==` on purpose (`RULES.md` 15, 19).
@safe public final class SecretBytes: Sendable {
    private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer
    private let count: Int
    /// Whether the pages are locked. `mlock` is refused above `RLIMIT_MEMLOCK`; the bytes are then still wiped.
    public let isLocked: Bool

    /// Copies `bytes`; wiping the source is the caller's part.
    public init(copying bytes: Span<UInt8>) {
        count = bytes.count
        let pages = bytes.count <= LockedPages.page ? LockedPages.take() : LockedPages(holding: bytes.count)
        isLocked = pages.isLocked
        unsafe memory = UnsafeMutableRawBufferPointer(start: pages.base, count: pages.size)
        for index in 0..<bytes.count { unsafe memory[index] = bytes[index] }
    }

    /// Takes the bytes over and zeroes the array's storage (other copies of it are the caller's to avoid).
    public convenience init(taking bytes: inout [UInt8]) {
        self.init(copying: bytes.span)
        wipe(&bytes)
    }

    /// Lends the bytes; the span must not outlive the call.
    public func withBytes<Result, Fault: Error>(_ body: (Span<UInt8>) throws(Fault) -> Result) throws(Fault) -> Result {
        let bytes = unsafe UnsafeBufferPointer(
            start: memory.baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
        return try body(unsafe Span(_unsafeElements: bytes))
    }

    deinit {
        guard let base = unsafe memory.baseAddress else { return }
        unsafe explicit_bzero(base, memory.count)
        unsafe LockedPages(base: base, size: memory.count, isLocked: isLocked).giveBack()
    }
}

/// Memory for one secret. A zeroed page is kept for the next one: to map, lock and unmap a page costs a request more than to
/// open a sealed key.
@safe private struct LockedPages {
    static let page = 4096
    private static let most = 64
    /// Addresses of zeroed pages, and whether each is locked.
    private static let spare = Mutex<[(address: UInt, isLocked: Bool)]>([])

    let base: UnsafeMutableRawPointer
    let size: Int
    let isLocked: Bool

    init(base: UnsafeMutableRawPointer, size: Int, isLocked: Bool) {
        unsafe self.base = base
        self.size = size
        self.isLocked = isLocked
    }

    init(holding count: Int) {
        size = max(Self.page, (count + Self.page - 1) / Self.page * Self.page)
        let mapped = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base = unsafe mapped, unsafe base != MAP_FAILED else { fatalError("out of memory for a secret") }
        isLocked = unsafe mlock(base, size) == 0
        _ = unsafe madvise(base, size, MADV_DONTDUMP)
        unsafe self.base = base
    }

    static func take() -> LockedPages {
        guard let found = spare.withLock({ $0.popLast() }),
            let base = unsafe UnsafeMutableRawPointer(bitPattern: found.address)
        else { return LockedPages(holding: page) }
        return unsafe LockedPages(base: base, size: page, isLocked: found.isLocked)
    }

    func giveBack() {
        let address = unsafe UInt(bitPattern: base)
        let isKept =
            size == Self.page
            && Self.spare.withLock { spare in
                guard spare.count < Self.most else { return false }
                spare.append((address, isLocked))
                return true
            }
        if !isKept { unsafe munmap(base, size) }
    }
}

/// Zeroes an array in place, in a way the optimiser keeps.
public func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { memory in unsafe wipe(memory) }
}

/// Zeroes memory in a way the optimiser keeps.
func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    if let base = memory.baseAddress { unsafe explicit_bzero(base, memory.count) }
}
