import Foundation
import Glibc

/// What the kernel saw a process write outside sockets, by strace: also what was written, read back and removed again.
struct CanaryTrace {
    /// Calls that hand bytes to a file, a pipe or a terminal.
    private static let calls = "write,pwrite64,writev,pwritev,pwritev2"
    static let program = "/usr/bin/strace"
    let path: String

    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// What starts a program under it.
    func arguments(for program: String, _ arguments: [String]) -> [String] { options + [program] + arguments }

    /// What attaches it to a process.
    func arguments(for process: Int32) -> [String] { options + ["-p", String(process)] }

    private var options: [String] {
        // -yy names each descriptor; a long string limit, or what is cut off would not be seen.
        ["-f", "-qq", "-yy", "-s", "16777216", "-e", "trace=" + Self.calls, "-e", "signal=none", "-o", path]
    }

    struct Write: Equatable {
        /// A path, `pipe:[…]`, a terminal; as strace names it.
        var target: String
        var bytes: [UInt8]
    }

    /// Every write that did not go to a socket.
    static func writes(in trace: some Sequence<UInt8>) -> [Write] {
        trace.split(separator: 0x0a).compactMap { line in write(Array(line)) }
    }

    /// `4711 write(2</dev/pts/1>, "words\n", 6) = 6`, and its vectored forms.
    private static func write(_ line: [UInt8]) -> Write? {
        guard let open = line.firstIndex(of: 0x28), let begin = line[open...].firstIndex(of: 0x3c),
            line[open..<begin].dropFirst().allSatisfy({ (0x30...0x39).contains($0) }),
            let comma = line[begin...].firstIndex(of: 0x22)
        else { return nil }
        var end = comma
        while end > begin, line[end] != 0x3e { end -= 1 }
        let target = String(decoding: line[(begin + 1)..<max(begin + 1, end)], as: UTF8.self)
        guard !["socket:", "TCP", "UDP", "UNIX", "NETLINK"].contains(where: { target.hasPrefix($0) }) else {
            return nil
        }
        return Write(target: target, bytes: strings(line[comma...]))
    }

    /// The quoted strings of a call one after another, with their escapes taken back.
    private static func strings(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var at = text.startIndex
        var isQuoted = false
        while at < text.endIndex {
            let byte = text[at]
            at += 1
            if byte == 0x22 {
                isQuoted.toggle()
            } else if isQuoted, byte == 0x5c, at < text.endIndex {
                let escape = text[at]
                at += 1
                switch escape {
                case UInt8(ascii: "n"): out.append(0x0a)
                case UInt8(ascii: "t"): out.append(0x09)
                case UInt8(ascii: "r"): out.append(0x0d)
                case UInt8(ascii: "v"): out.append(0x0b)
                case UInt8(ascii: "f"): out.append(0x0c)
                case 0x30...0x37:
                    var value = Int(escape - 0x30)
                    var digits = 1
                    while digits < 3, at < text.endIndex, (0x30...0x37).contains(text[at]) {
                        value = value * 8 + Int(text[at] - 0x30)
                        at += 1
                        digits += 1
                    }
                    out.append(UInt8(truncatingIfNeeded: value))
                default: out.append(escape)
                }
            } else if isQuoted {
                out.append(byte)
            }
        }
        return out
    }
}
