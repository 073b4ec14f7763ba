import Policy
import Testing
import Vocabulary

@Suite struct LegalTests {
    /// AN-31: a page with an unset placeholder is not published, and it is known which.
    @Test func aPageWithAnUnsetPlaceholderIsNotPublished() {
        for page in LegalPage.allCases {
            #expect(LegalHTML.content(page, Words.facts()) != nil)
            for name in page.needed {
                for empty in [nil, ""] as [String?] {
                    var facts = Words.facts()
                    facts.values[name] = empty
                    #expect(LegalHTML.content(page, facts) == nil)
                    #expect(page.missing(in: facts) == [name])
                    #expect(Words.page(page, facts).contains("not published"))
                }
            }
        }
    }

    /// AX-22, OL-14: a contact, a short version first, every stored field, every recipient with its terms.
    @Test func thePagesSayWhatThePolicyValueSays() throws {
        for profile in ProfileID.allCases {
            let policy = DeploymentPolicy(profile)
            let facts = Words.facts(policy)
            let privacy = Words.page(.privacy, facts)
            let short = try #require(privacy.firstRange(of: "The short version"))
            #expect(short.lowerBound < (try #require(privacy.firstRange(of: "Who is responsible"))).lowerBound)
            #expect(privacy.contains("Server logs: \(policy.profile.logRetentionDays) days."))
            #expect(privacy.contains("&lt;privacy_contact&gt; &amp; Co") && !privacy.contains("<privacy_contact>"))
            for field in DataMap.fields { #expect(privacy.contains("<td class=\"name\">\(field.name)</td>")) }
            let recipients = Words.page(.subprocessors, facts)
            #expect(recipients.contains("api.openai.com:443") && recipients.contains("https://openai.com/policies/"))
            let transparency = Words.page(.transparency, facts)
            for promise in policy.promises { #expect(transparency.contains("\(promise.id)")) }
            // A page never claims what is not kept.
            for promise in Register.missing(in: profile) {
                #expect(!privacy.contains("(\(promise.id))"), "\(promise.id)")
            }
        }
    }

    @Test(arguments: Language.allCases) func everyPageIsPlainAccessibleHTML(_ language: Language) throws {
        for page in LegalPage.allCases {
            let html = Words.page(page, Words.facts(DeploymentPolicy(.aura), language))
            #expect(html.hasPrefix("<!doctype html>\n<html lang=\"\(language.code)\">"))
            #expect(html.components(of: "<h1>") == 1 && html.components(of: "<main>") == 1)
            #expect(!html.contains("<script") && !html.contains("<img") && !html.contains(" style="))
            #expect(!html.contains("legal.") || page == .privacy || page == .transparency, "a key stands in a page")
            #expect(!html.contains(">legal.") && !html.contains(">promise.") && !html.contains("{0"))
            for other in Language.allCases { #expect(html.contains("lang=\(other.code)\" lang=\"\(other.code)\"")) }
            for tag in ["ul", "table", "thead", "tbody", "section", "nav", "div"] {
                #expect(
                    html.components(of: "<\(tag)>") + html.components(of: "<\(tag) ")
                        == html.components(of: "</\(tag)>"))
            }
        }
    }

    /// Every sentence in every language, with the same values in it; none is left in English.
    @Test func nothingIsMissingInAnyLanguage() {
        let english = Self.phrases("en")
        #expect(english.count > 190)
        let promises = Set(Register.promises.map { "promise.\($0.id)" })
        for language in Language.allCases where language != .english {
            let other = Self.phrases(language.code.description)
            #expect(Set(other.keys) == Set(english.keys).union(promises), "\(language.code)")
            for (key, phrase) in other {
                #expect(!phrase.isEmpty, "\(language.code) \(key)")
                if let original = english[key] {
                    #expect(Self.values(phrase) == Self.values(original), "\(language.code) \(key)")
                }
                let id = String(key.dropFirst("promise.".count))
                let original = english[key] ?? PromiseID(id).flatMap { Register.promise($0)?.sentence } ?? ""
                #expect(phrase != original || phrase.count < 20, "\(language.code) \(key) is English")
            }
        }
    }

    /// Every word of the closed lists behind the pages.
    @Test func everyListHasItsWords() {
        var keys = DataField.Kind.allCases.map { "class.\($0.rawValue)" }
        keys += DataField.Purpose.allCases.map { "purpose.\($0.rawValue)" }
        keys += DataField.Basis.allCases.map { "basis.\($0.rawValue)" }
        keys += Recipient.Class.allCases.map { "recipients.class.\($0.rawValue)" }
        keys += Recipient.Use.allCases.map { "recipients.use.\($0.rawValue)" }
        keys += LegalPage.allCases.map { "title.\($0.rawValue)" }
        let english = Self.phrases("en")
        for key in keys { #expect(english["legal." + key] != nil, "\(key)") }
    }

    /// The record of processing is made from the map: each purpose with what it is for.
    @Test func theRecordOfProcessingHasEveryPurpose() {
        let page = LegalHTML.processing(Words.facts())
        for purpose in DataField.Purpose.allCases where DataMap.fields.contains(where: { $0.purpose == purpose }) {
            #expect(page.contains("<tr><td class=\"name\">\(purpose.rawValue)</td>"), "\(purpose)")
        }
        #expect(page.contains("openai"))
    }

    /// AU-24: what is not in the register cannot be called, nor with data of another class.
    @Test func onlyWhatIsInTheRegisterMayBeCalled() {
        #expect(Words.register.allows(host: "api.openai.com", port: 443, .relay))
        #expect(!Words.register.allows(host: "api.openai.com", port: 443, .local))
        #expect(!Words.register.allows(host: "api.openai.com", port: 80, .relay))
        #expect(!Words.register.allows(host: "evil.openai.com", port: 443, .relay))
        #expect(Recipient.terms(of: "notopenai.com") == nil && Recipient.terms(of: "eu.api.openai.com") != nil)
    }

    private static func phrases(_ code: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in Repository.read("Sources/Policy/Languages/\(code).txt").split(separator: "\n")
        where !line.hasPrefix("#") {
            let parts = line.split(separator: " = ", maxSplits: 1)
            #expect(parts.count == 2 && found[String(parts[0])] == nil, "\(code): \(line)")
            found[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
        }
        return found
    }

    private static func values(_ phrase: String) -> Set<Substring> {
        Set(phrase.matches(of: /\{([0-9])/).map { $0.output.1 })
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
