import Foundation

/// Reads Swift text just enough for the house rules.
enum Code {
    /// Blanks comments and the insides of string literals. Interpolations count as code: `\(…)` stays.
    static func stripped(_ text: String) -> String {
        var out: [UInt8] = []
        let bytes = Array(text.utf8)
        out.reserveCapacity(bytes.count)
        var at = 0
        var isMultiline = false
        /// Parentheses open in each interpolation around this place.
        var interpolations: [(parentheses: Int, isMultiline: Bool)] = []
        var isInString = false
        func starts(_ word: StaticString) -> Bool {
            at + word.utf8CodeUnitCount <= bytes.count
                && (0..<word.utf8CodeUnitCount).allSatisfy { unsafe bytes[at + $0] == word.utf8Start[$0] }
        }
        while at < bytes.count {
            let byte = bytes[at]
            if isInString {
                if starts("\\(") {
                    out += "\\(".utf8
                    at += 2
                    interpolations.append((1, isMultiline))
                    isInString = false
                    continue
                }
                if byte == UInt8(ascii: "\\") {
                    at += 2
                    continue
                }
                if isMultiline ? starts("\"\"\"") : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n") {
                    at += isMultiline ? 3 : 1
                    out.append(byte)
                    isInString = false
                    continue
                }
                if byte == UInt8(ascii: "\n") { out.append(byte) }
                at += 1
                continue
            }
            if byte == UInt8(ascii: "/"), starts("//") {
                while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
                continue
            }
            if byte == UInt8(ascii: "/"), starts("/*") {
                while at < bytes.count, !starts("*/") {
                    if bytes[at] == UInt8(ascii: "\n") { out.append(bytes[at]) }
                    at += 1
                }
                at += 2
                continue
            }
            if byte == UInt8(ascii: "\"") {
                isMultiline = starts("\"\"\"")
                at += isMultiline ? 3 : 1
                out.append(byte)
                isInString = true
                continue
            }
            if let open = interpolations.indices.last {
                if byte == UInt8(ascii: "(") { interpolations[open].parentheses += 1 }
                if byte == UInt8(ascii: ")") {
                    interpolations[open].parentheses -= 1
                    if interpolations[open].parentheses == 0 {
                        isMultiline = interpolations.removeLast().isMultiline
                        isInString = true
                    }
                }
            }
            out.append(byte)
            at += 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The modules that stripped code imports.
    static func imports(_ code: String) -> [String] {
        let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        return code.split(separator: "\n").compactMap { line in
            guard line.contains("import ") else { return nil }
            let words = line.split(separator: " ").map(String.init)
            guard let at = words.firstIndex(of: "import"),
                words[..<at].allSatisfy({ $0.hasPrefix("@") || Self.access.contains($0) })
            else { return nil }
            let rest = words[(at + 1)...].drop { kinds.contains($0) }
            return rest.first.map { String($0.prefix { $0 != "." && $0 != ";" }) }
        }
    }

    private static let access: Set<String> = ["public", "package", "internal", "fileprivate", "private"]

    /// Where a pattern stands in code, as `path:line: text`.
    static func places(_ pattern: String, in source: House.Source) -> [String] {
        places(pattern, in: source.code, path: source.path)
    }

    static func places(_ pattern: String, in code: String, path: String) -> [String] {
        guard let expression = try? NSRegularExpression(pattern: pattern, options: .anchorsMatchLines) else {
            return ["a wrong pattern: \(pattern)"]
        }
        // Most texts match nowhere: asked as a whole before they are looked at by lines.
        let whole = NSRange(code.startIndex..., in: code)
        guard expression.firstMatch(in: code, range: whole) != nil else { return [] }
        return code.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            let line = String(line)
            let range = NSRange(line.startIndex..., in: line)
            guard expression.firstMatch(in: line, range: range) != nil else { return nil }
            return "\(path):\(index + 1): \(line.trimmingCharacters(in: .whitespaces))"
        }
    }
}
