import CResources
public import Vocabulary

extension Language {
    /// The words of the console and of the legal pages; numbers and dates as the audit page writes them.
    public var catalogue: Catalogue { Self.catalogues[Int(rawValue)] }

    private static let catalogues = allCases.map { language in
        var catalogue = Catalogue(code: language.code.withUTF8Buffer { unsafe Array($0) })
        for part in 0..<3 as Range<Int32> {
            var count = 0
            let start = unsafe tacet_language(Int32(language.rawValue), part, &count)
            let text = unsafe Array(UnsafeBufferPointer(start: start, count: count))
            catalogue.add(text.span)
        }
        return catalogue
    }

    public init?(code: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.code.description == code }) else { return nil }
        self = found
    }

    /// What a browser prefers of the languages there are (`Accept-Language`, RFC 9110 §12.5.4); English when none.
    public init(accepting field: String?) {
        var best: (language: Language, weight: Double)?
        for range in (field ?? "").split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";").map { $0.trimmed }
            guard let tag = parts.first?.split(separator: "-").first?.lowercased(), let language = Language(code: tag)
            else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .english
    }
}

extension Catalogue {
    /// The sentence as text, for pages.
    public func text(_ key: StaticString, _ values: PhraseValue...) -> String {
        String(decoding: sentence(key, values), as: UTF8.self)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
