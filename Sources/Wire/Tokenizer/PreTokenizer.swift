/// Cuts a text into the pieces that are encoded each on its own: a regular expression of the vocabulary, compiled by hand.
protocol PreTokenizer {
    /// The end of the piece that begins at `at`, which is below `text.count`; always above `at`.
    static func end(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int
}

extension PreTokenizer {
    /// The end of up to three characters of class `number`, one of which, of `count` bytes, stands at `at`.
    @inline(__always) static func numberEnd(
        _ text: Span<UInt8>, _ at: Int, _ count: Int, _ classes: CharacterClasses
    ) -> Int {
        var at = at &+ count
        for _ in 0..<2 where at < text.count {
            let next = classes.character(text, at)
            guard next.class == .number else { break }
            at &+= next.count
        }
        return at
    }

    /// The end of the run of symbols and marks at `at`.
    static func symbolEnd(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        var at = at
        while at < text.count {
            let next = classes.character(text, at)
            guard next.class.isSymbol else { break }
            at &+= next.count
        }
        return at
    }

    /// The end of a piece of white space that begins at `at`: up to the run's last line end if it has one, else without the
    /// run's last character, which belongs to what follows; at the end of the text the whole run, where
    /// `takesAllAtEnd` also when it has line ends.
    static func spaceEnd(
        _ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses, takesAllAtEnd: Bool
    ) -> Int {
        var end = at
        var last = at
        var lineEnd = at
        while end < text.count {
            let next = classes.character(text, end)
            guard next.class.isSpace else { break }
            last = end
            end &+= next.count
            if next.class == .newline { lineEnd = end }
        }
        if end == text.count && takesAllAtEnd { return end }
        if lineEnd > at { return lineEnd }
        return end == text.count || last == at ? end : last
    }

    /// The count of bytes of `'s 't 'm 'd 're 've 'll` at `at`, where an apostrophe stands; 0 if it is none of them. Case is
    /// ignored as Unicode folds it: `ſ` (U+017F) is an `s`.
    static func contraction(_ text: Span<UInt8>, _ at: Int) -> Int {
        guard at &+ 1 < text.count else { return 0 }
        switch text[at &+ 1] | 0x20 {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return at &+ 2 < text.count && text[at &+ 2] | 0x20 == UInt8(ascii: "e") ? 3 : 0
        case UInt8(ascii: "l"):
            return at &+ 2 < text.count && text[at &+ 2] | 0x20 == UInt8(ascii: "l") ? 3 : 0
        case 0xc5 | 0x20:
            return at &+ 2 < text.count && text[at &+ 1] == 0xc5 && text[at &+ 2] == 0xbf ? 3 : 0
        default: return 0
        }
    }
}

/// cl100k_base:
///
///     '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s
enum CL100kPreTokenizer: PreTokenizer {
    @inline(__always) static func end(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        let first = classes.character(text, at)
        if first.class.isLetter { return wordEnd(text, at, classes) }
        if first.class == .number { return numberEnd(text, at, first.count, classes) }
        if text[at] == UInt8(ascii: "'") {
            let count = contraction(text, at)
            if count > 0 { return at &+ count }
        }
        let after = at &+ first.count
        if first.class != .newline && after < text.count {
            let next = classes.character(text, after)
            if next.class.isLetter { return wordEnd(text, after, classes) }
            if next.class.isSymbol && text[at] == UInt8(ascii: " ") { return symbolPiece(text, after, classes) }
        }
        if first.class.isSymbol { return symbolPiece(text, at, classes) }
        return spaceEnd(text, at, classes, takesAllAtEnd: true)
    }

    private static func symbolPiece(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        var end = symbolEnd(text, at, classes)
        while end < text.count, text[end] == 0x0a || text[end] == 0x0d { end &+= 1 }
        return end
    }

    /// The end of the letters at `at`.
    @inline(__always) private static func wordEnd(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        let end = ByteRuns.letterEnd(text, at)
        guard end < text.count, text[end] >= 0x80 else { return end }
        return mixedEnd(text, end, classes)
    }

    private static func mixedEnd(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        var at = at
        while at < text.count {
            let next = classes.character(text, at)
            guard next.class.isLetter else { break }
            at &+= next.count
        }
        return at
    }
}
