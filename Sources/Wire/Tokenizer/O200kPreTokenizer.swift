/// o200k_base:
///
///     [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
///     |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
///     |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
///
/// A mark may begin a word either as the character before it or as part of it; both end at the same place.
enum O200kPreTokenizer: PreTokenizer {
    @inline(__always) static func end(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        let first = classes.character(text, at)
        if first.class.isWord { return wordEnd(text, at, classes) }
        if first.class == .number { return numberEnd(text, at, first.count, classes) }
        let after = at &+ first.count
        if first.class != .newline && after < text.count {
            let next = classes.character(text, after)
            if next.class.isWord { return wordEnd(text, after, classes) }
            if next.class.isSymbol && text[at] == UInt8(ascii: " ") { return symbolPiece(text, after, classes) }
        }
        if first.class.isSymbol { return symbolPiece(text, at, classes) }
        return spaceEnd(text, at, classes, takesAllAtEnd: false)
    }

    private static func symbolPiece(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        var end = symbolEnd(text, at, classes)
        while end < text.count, text[end] == 0x0a || text[end] == 0x0d || text[end] == UInt8(ascii: "/") { end &+= 1 }
        return end
    }

    /// The end of the word whose letters and marks begin at `at`.
    @inline(__always) private static func wordEnd(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        var end = at
        while end < text.count, text[end] &- 0x41 < 26 { end &+= 1 }
        end = ByteRuns.lowerEnd(text, end)
        guard end < text.count else { return end }
        if text[end] >= 0x80 { return mixedEnd(text, at, classes) }
        return text[end] == UInt8(ascii: "'") ? end &+ contraction(text, end) : end
    }

    /// The same for any letters. Capitals, then what has no capital; where only capitals follow something without case, the
    /// word ends after the last such character, because the first alternative must end in one.
    private static func mixedEnd(_ text: Span<UInt8>, _ at: Int, _ classes: CharacterClasses) -> Int {
        var end = at
        var caselessEnd = at
        capitals: while end < text.count {
            let next = classes.character(text, end)
            switch next.class {
            case .upper: end &+= next.count
            case .caseless, .mark:
                end &+= next.count
                caselessEnd = end
            case .lower:
                repeat {
                    let next = classes.character(text, end)
                    guard next.class.isWord, next.class != .upper else { break }
                    end &+= next.count
                } while end < text.count
                caselessEnd = end
                break capitals
            default: break capitals
            }
        }
        if caselessEnd > at { end = caselessEnd }
        guard end < text.count, text[end] == UInt8(ascii: "'") else { return end }
        return end &+ contraction(text, end)
    }
}
