import Glibc

/// Small files, read and replaced whole.
enum FileBytes {
    /// `nil` when there is none.
    static func read(_ path: String, atMost limit: Int) throws(StorageFault) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if file < 0 {
            if errno == ENOENT { return nil }
            throw DataDirectory.fault(errno)
        }
        defer { close(file) }
        return try read(file, at: 0, count: limit)
    }

    /// Up to `count` bytes from an offset; fewer only where the file ends.
    static func read(_ file: Int32, at offset: Int, count: Int) throws(StorageFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.removeLast(count - (try read(file, at: offset, into: &bytes)))
        return bytes
    }

    /// Fills `bytes` from an offset and tells how many were read; fewer than there is room for only where the file ends.
    static func read(_ file: Int32, at offset: Int, into bytes: inout [UInt8]) throws(StorageFault) -> Int {
        var filled = 0
        var fault: Int32 = 0
        unsafe bytes.withUnsafeMutableBytes { buffer in
            while filled < buffer.count, let base = buffer.baseAddress {
                let got = unsafe pread(file, base + filled, buffer.count - filled, offset + filled)
                if got < 0 {
                    if errno == EINTR { continue }
                    fault = errno
                    break
                }
                if got == 0 { break }
                filled += got
            }
        }
        guard fault == 0 else { throw DataDirectory.fault(fault) }
        return filled
    }

    /// Old content or new, never a part: draft, fsync, rename, fsync of the folder.
    static func replace(_ path: String, with bytes: [UInt8]) throws(StorageFault) {
        let draft = path + ".new"
        let file = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DataDirectory.fault(errno) }
        let written = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        let code = written == bytes.count ? (fsync(file) == 0 ? 0 : errno) : (written < 0 ? errno : ENOSPC)
        close(file)
        guard code == 0 else { throw DataDirectory.fault(code) }
        guard unsafe rename(draft, path) == 0 else { throw DataDirectory.fault(errno) }
        try sync(folder: path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
    }

    /// Makes an empty file of mode 0600 where there is none.
    static func create(_ path: String) throws(StorageFault) {
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DataDirectory.fault(errno) }
        close(file)
    }

    static func sync(folder: String) throws(StorageFault) {
        let file = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw DataDirectory.fault(errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw DataDirectory.fault(errno) }
    }

    /// A file that cannot go now is tried again at the next look.
    static func remove(_ path: String) { unsafe unlink(path) }

    /// Writes zeros over a whole file where it lies; `false` when it cannot.
    static func overwriteWithZeros(_ path: String) -> Bool {
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { return false }
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        var at = 0
        while at < Int(status.st_size) {
            let count = min(zeros.count, Int(status.st_size) - at)
            let written = unsafe zeros.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, count, off_t(at)) }
            guard written > 0 else { return false }
            at += written
        }
        return true
    }

    static func names(in folder: String) throws(StorageFault) -> [String] {
        guard let listing = unsafe opendir(folder) else { throw DataDirectory.fault(errno) }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
