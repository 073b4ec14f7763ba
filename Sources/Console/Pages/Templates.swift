import CResources
import Mustache
import Synchronization
import Vocabulary

/// The pages' templates, compiled for each language when it is first asked for: `[[key]]` is a sentence of the catalogue,
/// put in before compiling, so a page costs no look-up.
final class Templates: Sendable {
    static let names = [
        "frame", "sign-in", "code", "confirm", "set-up", "invitation", "problem", "overview", "requests",
        "request-row", "explore", "chart", "keys", "key-made", "provider-keys", "models", "playground", "budgets",
        "credit", "team", "audit-log", "privacy",
        "settings", "recovery", "mail", "agree", "docs", "installation", "organisations", "rights-requests",
        "passkey", "passkey-form", "side", "visits",
    ]
    private let libraries = Mutex<[Language: MustacheLibrary]>([:])

    init() {}

    func html(_ name: String, _ view: Any, _ language: Language) -> String {
        library(language).render(view, withTemplate: name) ?? ""
    }

    private func library(_ language: Language) -> MustacheLibrary {
        libraries.withLock { libraries in
            if let library = libraries[language] { return library }
            var library = MustacheLibrary()
            for name in Self.names {
                // A test compiles every template in every language.
                try? library.register(Self.translated(Self.source(name), language.catalogue), named: name)
            }
            libraries[language] = library
            return library
        }
    }

    static func source(_ name: String) -> String {
        var count = 0
        let bytes = unsafe tacet_template(name, &count)
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    static func translated(_ source: String, _ words: Catalogue) -> String {
        var out = ""
        var rest = source[...]
        while let open = rest.firstRange(of: "[["), let close = rest[open.upperBound...].firstRange(of: "]]") {
            out += rest[..<open.lowerBound]
            out += escaped(words.named(String(rest[open.upperBound..<close.lowerBound])))
            rest = rest[close.upperBound...]
        }
        return out + rest
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
