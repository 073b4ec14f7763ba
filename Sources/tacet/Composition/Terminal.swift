import Glibc

/// Standard output and standard error, written at once: Swift's `print` buffers on a pipe.
enum Terminal {
    static func out(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }
    static func out(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }
    static func error(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    private static func write(_ bytes: [UInt8], to file: Int32) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { memory in
                unsafe Glibc.write(file, memory.baseAddress.map { unsafe $0 + written }, memory.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }
}

/// Why a command ends without success: what went wrong and what helps.
struct Failure: Error {
    var text: String
    /// 1: it failed; 2: it was asked for in a wrong way.
    var code: Int32 = 1
}
