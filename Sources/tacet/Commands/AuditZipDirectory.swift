import Glibc

/// The members of a ZIP archive, from its central directory. ZIP64 and encrypted members are not read.
enum ZipDirectory {
    struct Member {
        var start: Int64
        var count: Int64
        var isDeflated: Bool
    }

    static func members(_ file: Int32) -> [Member]? {
        let size = Int64(lseek(file, 0, SEEK_END))
        let tail = bytes(file, at: max(0, size - 65_557), count: Int(min(size, 65_557)))
        guard tail.count >= 22 else { return nil }
        var end = tail.count - 22
        while end >= 0, number(tail, end, 4) != 0x0605_4b50 { end -= 1 }
        guard end >= 0 else { return nil }
        let entries = number(tail, end + 10, 2)
        let start = number(tail, end + 16, 4)
        let length = number(tail, end + 12, 4)
        guard entries != 0xffff, start != 0xffff_ffff, start + length <= size, length <= 64 << 20 else { return nil }
        let directory = bytes(file, at: start, count: Int(length))
        var members: [Member] = []
        var at = 0
        while at + 46 <= directory.count, number(directory, at, 4) == 0x0201_4b50 {
            let flags = number(directory, at + 8, 2)
            let method = number(directory, at + 10, 2)
            let packed = number(directory, at + 20, 4)
            let header = number(directory, at + 42, 4)
            at +=
                46 + Int(number(directory, at + 28, 2) + number(directory, at + 30, 2) + number(directory, at + 32, 2))
            guard flags & 1 == 0, method == 0 || method == 8, packed > 0, packed != 0xffff_ffff else { continue }
            let local = bytes(file, at: header, count: 30)
            guard local.count == 30, number(local, 0, 4) == 0x0403_4b50 else { continue }
            let data = header + 30 + number(local, 26, 2) + number(local, 28, 2)
            members.append(Member(start: data, count: packed, isDeflated: method == 8))
        }
        return members
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ width: Int) -> Int64 {
        guard at >= 0, at + width <= bytes.count else { return 0 }
        var value: Int64 = 0
        for place in 0..<width { value |= Int64(bytes[at + place]) << Int64(8 * place) }
        return value
    }

    private static func bytes(_ file: Int32, at: Int64, count: Int) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: count)
        let read = unsafe out.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, count, off_t(at)) }
        return read == count ? out : []
    }
}
