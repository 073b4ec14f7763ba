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
        /// Little but the address, the name, or the product's.
        case knownWord = "known_word"
    }

    /// - Parameter context: the address and names that whoever guesses knows too.
    public static func check(_ password: String, context: [String]) -> Refusal? {
        let count = password.unicodeScalars.count
        guard count >= shortest else { return .tooShort }
        guard count <= longest else { return .tooLong }
        let folded = Array(password.lowercased().unicodeScalars)
        if isRegular(folded) { return .tooRegular }
        var rest = password.lowercased()
        for word in context.flatMap(words) + commonWords { rest = rest.replacing(word, with: "") }
        // What is left must be worth a password of its own.
        return rest.unicodeScalars.count < shortest / 2 ? .knownWord : nil
    }

    private static let commonWords = [
        "password", "passwort", "tacet", "letmein", "welcome", "qwertyuiop", "qwerty", "admin", "iloveyou", "monkey",
        "dragon", "football", "baseball", "sunshine", "princess", "changeme", "secret", "trustno1", "master", "login",
    ]

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
