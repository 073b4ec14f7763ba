/// A QR code (ISO/IEC 18004) of bytes, with error correction M, drawn as SVG: no picture is asked of anybody for a secret.
struct SquareCode {
    /// What the template draws: one path of dark squares.
    struct View {
        let size: Int
        let path: String
    }

    let size: Int
    private(set) var dark: [[Bool]]
    private var isFixed: [[Bool]]

    /// Of version 1 to 15: bytes of correction in each block, and how many blocks.
    private static let correction = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24]
    private static let blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10]

    /// `nil` above 412 bytes.
    init?(_ bytes: [UInt8]) {
        let found = (1...15).first { Self.capacity($0) * 8 >= 4 + Self.countBits($0) + 8 * bytes.count }
        guard let version = found else { return nil }
        size = 17 + 4 * version
        dark = Array(repeating: Array(repeating: false, count: size), count: size)
        isFixed = dark
        drawPatterns(version)
        drawFormat()
        place(Self.interleaved(Self.words(bytes, version), version))
        mask()
    }

    var view: View {
        var path = ""
        for y in 0..<size { for x in 0..<size where dark[y][x] { path += "M\(x + 4) \(y + 4)h1v1h-1z" } }
        return View(size: size + 8, path: path)
    }

    // MARK: Words

    private static func countBits(_ version: Int) -> Int { version < 10 ? 8 : 16 }

    /// All modules that hold data and correction, in bytes.
    private static func modules(_ version: Int) -> Int {
        var count = (16 * version + 128) * version + 64
        if version >= 2 {
            let align = version / 7 + 2
            count -= (25 * align - 10) * align - 55
            if version >= 7 { count -= 36 }
        }
        return count / 8
    }

    private static func capacity(_ version: Int) -> Int {
        modules(version) - correction[version - 1] * blocks[version - 1]
    }

    private static func words(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        var bits: [Bool] = []
        func add(_ value: Int, _ count: Int) {
            for shift in (0..<count).reversed() { bits.append(value >> shift & 1 == 1) }
        }
        add(4, 4)
        add(bytes.count, countBits(version))
        for byte in bytes { add(Int(byte), 8) }
        let room = capacity(version) * 8
        add(0, min(4, room - bits.count))
        add(0, (8 - bits.count % 8) % 8)
        var padding = 0xec
        while bits.count < room {
            add(padding, 8)
            padding ^= 0xec ^ 0x11
        }
        return stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }

    /// Blocks with their correction, a byte of each in turn.
    private static func interleaved(_ words: [UInt8], _ version: Int) -> [UInt8] {
        let count = blocks[version - 1]
        let divisor = divisor(correction[version - 1])
        let short = words.count / count
        let firstLong = count - words.count % count
        var parts: [(data: [UInt8], check: [UInt8])] = []
        var at = 0
        for index in 0..<count {
            let length = short + (index >= firstLong ? 1 : 0)
            let data = Array(words[at..<at + length])
            parts.append((data, remainder(data, divisor)))
            at += length
        }
        var out: [UInt8] = []
        for index in 0...short { for part in parts where index < part.data.count { out.append(part.data[index]) } }
        for index in divisor.indices { for part in parts { out.append(part.check[index]) } }
        return out
    }

    /// Reed–Solomon over GF(256) with 0x11d.
    private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var result = 0
        for shift in (0..<8).reversed() {
            result = result << 1 ^ (result >> 7) * 0x11d
            result ^= Int(b >> UInt8(shift) & 1) * Int(a)
        }
        return UInt8(result)
    }

    private static func divisor(_ degree: Int) -> [UInt8] {
        var out = Array(repeating: UInt8(0), count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in out.indices {
                out[index] = product(out[index], root)
                if index + 1 < out.count { out[index] ^= out[index + 1] }
            }
            root = product(root, 2)
        }
        return out
    }

    private static func remainder(_ data: [UInt8], _ divisor: [UInt8]) -> [UInt8] {
        var out = Array(repeating: UInt8(0), count: divisor.count)
        for byte in data {
            let factor = byte ^ out.removeFirst()
            out.append(0)
            for index in out.indices { out[index] ^= product(divisor[index], factor) }
        }
        return out
    }

    // MARK: Modules

    private mutating func set(_ x: Int, _ y: Int, _ value: Bool) {
        guard (0..<size).contains(x), (0..<size).contains(y) else { return }
        dark[y][x] = value
        isFixed[y][x] = true
    }

    private mutating func drawPatterns(_ version: Int) {
        for index in 0..<size {
            set(6, index, index % 2 == 0)
            set(index, 6, index % 2 == 0)
        }
        for (cx, cy) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            for dy in -4...4 {
                for dx in -4...4 {
                    let distance = max(abs(dx), abs(dy))
                    set(cx + dx, cy + dy, distance != 2 && distance != 4)
                }
            }
        }
        if version >= 2 {
            let count = version / 7 + 2
            let step = (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
            let places = [6] + (0..<count - 1).map { size - 7 - $0 * step }.reversed()
            for (row, y) in places.enumerated() {
                for (column, x) in places.enumerated() {
                    let last = count - 1
                    if (row == 0 && (column == 0 || column == last)) || (row == last && column == 0) { continue }
                    for dy in -2...2 { for dx in -2...2 { set(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) } }
                }
            }
        }
        if version >= 7 {
            var rest = version
            for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1f25 }
            let bits = version << 12 | rest
            for index in 0..<18 {
                let value = bits >> index & 1 == 1
                set(size - 11 + index % 3, index / 3, value)
                set(index / 3, size - 11 + index % 3, value)
            }
        }
    }

    /// Correction M and mask 0, whose 15 bits are the standard's constant.
    private mutating func drawFormat() {
        let bits = 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { set(8, index, bit(index)) }
        set(8, 7, bit(6))
        set(8, 8, bit(7))
        set(7, 8, bit(8))
        for index in 9..<15 { set(14 - index, 8, bit(index)) }
        for index in 0..<8 { set(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { set(8, size - 15 + index, bit(index)) }
        set(8, size - 8, true)
    }

    /// In columns of two from the right, up and down.
    private mutating func place(_ words: [UInt8]) {
        var at = 0
        var right = size - 1
        while right >= 1 {
            if right == 6 { right = 5 }
            for step in 0..<size {
                for x in [right, right - 1] {
                    let y = (right + 1) & 2 == 0 ? size - 1 - step : step
                    guard !isFixed[y][x], at < words.count * 8 else { continue }
                    dark[y][x] = words[at / 8] >> UInt8(7 - at % 8) & 1 == 1
                    at += 1
                }
            }
            right -= 2
        }
    }

    /// Mask 0: every other module. Readers take any; the best of eight would only matter on bad paper.
    private mutating func mask() {
        for y in 0..<size { for x in 0..<size where !isFixed[y][x] && (x + y) % 2 == 0 { dark[y][x].toggle() } }
    }
}
