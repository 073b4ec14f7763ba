/// What a pre-tokenizer asks of a character: Unicode's general category, folded to eight classes.
enum CharacterClass: UInt8, Sendable {
    /// None of the others: punctuation, symbols, controls, unassigned, and each byte that is not UTF-8.
    case other = 0
    /// Lu, Lt
    case upper
    /// Ll
    case lower
    /// Lm, Lo: letters without case
    case caseless
    /// M
    case mark
    /// N
    case number
    /// White_Space without CR and LF
    case space
    /// CR, LF
    case newline

    /// A letter or a mark: what o200k_base's words are made of.
    @inline(__always) var isWord: Bool { rawValue &- 1 < 4 }
    /// A letter: what cl100k_base's words are made of.
    @inline(__always) var isLetter: Bool { rawValue &- 1 < 3 }
    @inline(__always) var isSpace: Bool { rawValue >= 6 }
    /// Neither letter, number nor white space.
    @inline(__always) var isSymbol: Bool { self == .other || self == .mark }
}

/// The class of every code point, by pages of 256; pages that hold one class throughout are shared.
struct CharacterClasses: Sendable {
    private let pages: [UInt16]
    private let entries: [UInt8]

    /// Reads runs as `classes.bin` has them: see `tokenizers/make.py` beside it.
    init(_ data: Span<UInt8>) throws(TokenizerFault) {
        guard data.count > 8, data[0] == 0x54, data[1] == 0x43, data[2] == 0x4c, data[3] == 0x53 else {
            throw .notClasses
        }
        var flat: [UInt8] = []
        flat.reserveCapacity(0x11_0000)
        var value = 0
        var shift = 0
        for index in 8..<data.count {
            value |= Int(data[index] & 127) << shift
            shift += 7
            if data[index] > 127 {
                guard shift < 28 else { throw .notClasses }
                continue
            }
            guard flat.count + value >> 3 <= 0x11_0000 else { throw .notClasses }
            flat.append(contentsOf: repeatElement(UInt8(value & 7), count: value >> 3))
            value = 0
            shift = 0
        }
        guard flat.count == 0x11_0000 else { throw .notClasses }
        var pages: [UInt16] = []
        var entries: [UInt8] = []
        var uniform = [UInt16?](repeating: nil, count: 8)
        for start in stride(from: 0, to: flat.count, by: 256) {
            let first = flat[start]
            // Page 0 stands first: ASCII is looked up in it without the index.
            let isUniform = start > 0 && flat[start..<start + 256].allSatisfy { $0 == first }
            if isUniform, let page = uniform[Int(first)] {
                pages.append(page)
                continue
            }
            let page = UInt16(entries.count / 256)
            if isUniform { uniform[Int(first)] = page }
            pages.append(page)
            entries.append(contentsOf: flat[start..<start + 256])
        }
        self.pages = pages
        self.entries = entries
    }

    /// Of an ASCII byte.
    @inline(__always) func ascii(_ byte: UInt8) -> CharacterClass {
        unsafe unsafeBitCast(entries[Int(byte)], to: CharacterClass.self)
    }

    @inline(__always) private func of(_ code: Int) -> CharacterClass {
        unsafe unsafeBitCast(entries[Int(pages[code >> 8]) << 8 | code & 255], to: CharacterClass.self)
    }

    /// The class and byte count of the character at `at`. A byte that begins no UTF-8 sequence (RFC 3629) is a character of
    /// its own, of class `other`.
    @inline(__always) func character(_ text: Span<UInt8>, _ at: Int) -> (class: CharacterClass, count: Int) {
        let first = text[at]
        return first < 0x80 ? (ascii(first), 1) : beyondASCII(text, at, first)
    }

    private func beyondASCII(_ text: Span<UInt8>, _ at: Int, _ first: UInt8) -> (class: CharacterClass, count: Int) {
        let left = text.count - at
        guard first >= 0xc2, left > 1 else { return (.other, 1) }
        let second = text[at + 1]
        guard second & 0xc0 == 0x80 else { return (.other, 1) }
        if first < 0xe0 {
            return (of(Int(first & 0x1f) << 6 | Int(second & 0x3f)), 2)
        }
        guard left > 2 else { return (.other, 1) }
        let third = text[at + 2]
        guard third & 0xc0 == 0x80 else { return (.other, 1) }
        let low = Int(second & 0x3f) << 6 | Int(third & 0x3f)
        if first < 0xf0 {
            let code = Int(first & 0x0f) << 12 | low
            return code < 0x800 || code >> 11 == 0x1b ? (.other, 1) : (of(code), 3)
        }
        guard first < 0xf5, left > 3, text[at + 3] & 0xc0 == 0x80 else { return (.other, 1) }
        let code = Int(first & 7) << 18 | low << 6 | Int(text[at + 3] & 0x3f)
        return code < 0x1_0000 || code > 0x10_ffff ? (.other, 1) : (of(code), 4)
    }
}
