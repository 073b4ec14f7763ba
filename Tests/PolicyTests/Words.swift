import Policy
import Vocabulary

/// The words of the legal pages as the console has them: how a language writes numbers, and its own file.
enum Words {
    static func of(_ language: Language) -> Catalogue {
        let code = language.code.description
        var catalogue = Catalogue(code: Array(code.utf8))
        for folder in ["Browser", "Sources/Policy"] {
            let text = Array(Repository.read("\(folder)/Languages/\(code).txt").utf8)
            catalogue.add(text.span)
        }
        return catalogue
    }

    static func facts(
        _ policy: DeploymentPolicy = DeploymentPolicy(.aura), _ language: Language = .english
    ) -> LegalFacts {
        let values = LegalFacts.Name.allCases.map { ($0, $0 == .effective ? "2026-12-01" : "<\($0.rawValue)> & Co") }
        return LegalFacts(
            policy: policy, version: "1", values: Dictionary(values, uniquingKeysWith: { $1 }), recipients: register,
            words: of(language))
    }

    static let register = RecipientRegister([
        Recipient(
            name: "openai", host: "api.openai.com", port: 443, classes: [.relay, .health], use: .answers,
            terms: Recipient.terms(of: "api.openai.com"))
    ])

    static func page(_ page: LegalPage, _ facts: LegalFacts) -> String {
        LegalHTML.page(
            page, facts, content: LegalHTML.content(page, facts), history: LegalHistory([], today: 0), shown: nil)
    }
}
