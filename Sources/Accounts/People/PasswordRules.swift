/// Which passwords are taken (NIST SP 800-63B-4): 15 characters or more of any kind, and none that is guessed first. There
/// are no rules of composition, no hints and no end of validity.
public enum PasswordRules {
    public static let shortest = 15
    /// So that nobody sends a book; far above the 64 that must be taken.
    public static let longest = 512

    public enum Refusal: String, Error, Sendable, CaseIterable {
        case tooShort = "too_short"
        case tooLong = "too_long"
        /// The same few characters again and again, or a row of the keyboard or the alphabet.
        case tooRegular = "too_regular"
        /// Little but the address, the name, the product's, or what passwords are put together of.
        case knownWord = "known_word"
        /// In the file of passwords known from leaks that the operator named.
        case leaked
    }

    /// - Parameter context: the address and names that whoever guesses knows too.
    public static func check(_ password: String, context: [String]) -> Refusal? {
        let count = password.unicodeScalars.count
        guard count >= shortest else { return .tooShort }
        guard count <= longest else { return .tooLong }
        let folded = Array(password.lowercased().unicodeScalars)
        if isRegular(folded) { return .tooRegular }
        // What is left must be worth a password of its own.
        return cost(Array(password.lowercased().utf8), context.flatMap(words)) < shortest / 2 ? .knownWord : nil
    }

    /// How much a password leaves to be guessed, roughly: nothing for what whoever guesses knows, one for each common
    /// fragment, however long, and one for every other character.
    private static func cost(_ text: [UInt8], _ context: [String]) -> Int {
        let context = Set(context.map { Array($0.utf8) })
        let longest = max(CommonFragments.longest, context.map(\.count).max() ?? 0)
        let plain = text.map(unmasked)
        var least = Array(0...text.count)
        for end in text.indices.map({ $0 + 1 }) {
            least[end] = least[end - 1] + (text[end - 1] & 0xc0 == 0x80 ? 0 : 1)
            for start in max(0, end - longest)..<end where least[start] < least[end] {
                let spellings = [text[start..<end], plain[start..<end]]
                if spellings.contains(where: { context.contains(Array($0)) }) {
                    least[end] = least[start]
                } else if least[start] + 1 < least[end], spellings.contains(where: CommonFragments.contains) {
                    least[end] = least[start] + 1
                }
            }
        }
        return least[text.count]
    }

    /// The letter that a digit or sign stands for in a word.
    private static func unmasked(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "@"), UInt8(ascii: "4"): UInt8(ascii: "a")
        case UInt8(ascii: "0"): UInt8(ascii: "o")
        case UInt8(ascii: "1"), UInt8(ascii: "!"): UInt8(ascii: "i")
        case UInt8(ascii: "3"): UInt8(ascii: "e")
        case UInt8(ascii: "$"), UInt8(ascii: "5"): UInt8(ascii: "s")
        case UInt8(ascii: "7"): UInt8(ascii: "t")
        default: byte
        }
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init).filter { $0.count > 2 }
    }

    private static func isRegular(_ text: [Unicode.Scalar]) -> Bool {
        if Set(text).count < 5 { return true }
        // A block of up to seven characters, again and again.
        for period in 1...7 where text.indices.dropFirst(period).allSatisfy({ text[$0] == text[$0 - period] }) {
            return true
        }
        // Runs such as 12345 or edcba; rows of the keyboard.
        let rows = ["`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop", "azertyuiop"]
        var steps = 0
        for index in text.indices.dropFirst() {
            let difference = Int64(text[index].value) - Int64(text[index - 1].value)
            let pair = String(String.UnicodeScalarView([text[index - 1], text[index]]))
            let isNeighbour = rows.contains { $0.contains(pair) || String($0.reversed()).contains(pair) }
            if difference == 1 || difference == -1 || difference == 0 || isNeighbour { steps += 1 }
        }
        return steps * 4 >= (text.count - 1) * 3
    }
}
