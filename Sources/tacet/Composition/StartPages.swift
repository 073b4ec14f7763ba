import Glibc

/// Pages of the program that only the start needed.
enum StartPages {
    /// Hands the program's own code pages back to the kernel, which maps those that are needed again on the next use.
    ///
    /// Only mappings that can be executed and not written are named: they are the file's own bytes, so nothing is lost.
    static func release() {
        guard let file = unsafe fopen("/proc/self/maps", "r") else { return }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 4096)
        while unsafe fgets(&line, Int32(line.count), file) != nil {
            let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split(separator: " ")
            guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, let start = unsafe UnsafeMutableRawPointer(bitPattern: ends[0]) else { continue }
            _ = unsafe madvise(start, Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }
}
