/// Text for a terminal, measured in its columns: a letter of Chinese or Japanese takes two.
enum TerminalText {
    /// From bytes of a file, without what a terminal would obey.
    static func plain(_ bytes: [UInt8]) -> String {
        String(
            String(decoding: bytes, as: UTF8.self).unicodeScalars.filter {
                $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
            }.map(Character.init))
    }

    static func width(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + width($1) } }

    /// Padded to a width: a name on the right of it, a number on the left.
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - self.width(text)))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - self.width(text))) + text
    }

    /// As much of it as fits.
    static func cut(_ text: String, _ width: Int) -> String {
        var out = ""
        var rest = width
        for letter in text {
            rest -= self.width(letter)
            if rest < 0 { break }
            out.append(letter)
        }
        return out
    }

    /// Lines of at most `width` columns, broken at spaces and between wide letters, each begun by `indent`.
    static func wrapped(_ text: String, _ width: Int, indent: String) -> String {
        var lines: [String] = []
        var line = ""
        for piece in pieces(text) {
            if !line.isEmpty, self.width(indent) + self.width(line) + self.width(piece.trimmed) > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? piece.trimmed : piece
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { indent + $0 + "\n" }.joined()
    }

    /// Words with the space before them; wide letters by themselves, with the marks that may not begin a line.
    private static func pieces(_ text: String) -> [String] {
        var out: [String] = []
        var wasWide = false
        for letter in text {
            let isWide = width(letter) == 2
            let begins = letter == " " || isWide || wasWide
            if out.isEmpty || begins && !"、。，；：）」』！？ー".contains(letter) && out.last != " " {
                out.append(String(letter))
            } else {
                out[out.count - 1].append(letter)
            }
            wasWide = isWide
        }
        return out
    }

    private static func width(_ letter: Character) -> Int {
        switch letter.unicodeScalars.first?.value ?? 0 {
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            2
        default: 1
        }
    }
}

extension String {
    fileprivate var trimmed: String { first == " " ? String(dropFirst()) : self }
}
