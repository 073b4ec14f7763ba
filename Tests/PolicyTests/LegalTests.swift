import Policy
import Testing
import Vocabulary

@Suite struct LegalTests {
    private static let register = RecipientRegister([
        Recipient(
            name: "openai", host: "api.openai.com", port: 443, classes: [.relay, .health], purpose: "answers requests",
            terms: Recipient.terms(of: "api.openai.com"))
    ])
    private static func facts(_ profile: ProfileID = .aura) -> LegalFacts {
        let values = LegalFacts.Name.allCases.map { ($0, $0 == .effective ? "2026-12-01" : "<\($0.rawValue)> & Co") }
        return LegalFacts(
            profile: profile, version: "1", values: Dictionary(values, uniquingKeysWith: { $1 }), recipients: register)
    }

    /// AN-31: a page with an unset placeholder is not published, and it is known which.
    @Test func aPageWithAnUnsetPlaceholderIsNotPublished() {
        for page in LegalPage.allCases {
            #expect(LegalHTML.page(page, Self.facts()) != nil)
            for name in page.needed {
                for empty in [nil, ""] as [String?] {
                    var facts = Self.facts()
                    facts.values[name] = empty
                    #expect(LegalHTML.page(page, facts) == nil)
                    #expect(page.missing(in: facts) == [name])
                    #expect(LegalHTML.unpublished(page, facts).contains("not published"))
                }
            }
        }
    }

    /// AX-22, OL-14: a contact, a short version first, every stored field, every recipient with its terms.
    @Test func thePagesSayWhatThePolicyValueSays() throws {
        for profile in ProfileID.allCases {
            let facts = Self.facts(profile)
            let privacy = try #require(LegalHTML.page(.privacy, facts))
            let short = try #require(privacy.firstRange(of: "The short version"))
            #expect(short.lowerBound < (try #require(privacy.firstRange(of: "Who is responsible"))).lowerBound)
            #expect(privacy.contains("Server logs: \(PolicyProfile(profile).logRetentionDays) days."))
            #expect(privacy.contains("&lt;privacy_contact&gt; &amp; Co") && !privacy.contains("<privacy_contact>"))
            for field in DataMap.fields { #expect(privacy.contains("<td class=\"name\">\(field.name)</td>")) }
            let recipients = try #require(LegalHTML.page(.subprocessors, facts))
            #expect(recipients.contains("api.openai.com:443") && recipients.contains("https://openai.com/policies/"))
            let transparency = try #require(LegalHTML.page(.transparency, facts))
            for promise in Register.promises(of: profile) { #expect(transparency.contains("\(promise.id)")) }
            // A page never claims what is not kept.
            for promise in Register.missing(in: profile) {
                #expect(!privacy.contains("(\(promise.id))"), "\(promise.id)")
            }
        }
    }

    @Test func everyPageIsPlainAccessibleHTML() throws {
        for page in LegalPage.allCases {
            let html = try #require(LegalHTML.page(page, Self.facts()))
            #expect(html.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
            #expect(html.components(of: "<h1>") == 1 && html.components(of: "<main>") == 1)
            #expect(!html.contains("<script") && !html.contains("<img") && !html.contains(" style="))
            for tag in ["ul", "table", "thead", "tbody", "section", "nav", "div"] {
                #expect(
                    html.components(of: "<\(tag)>") + html.components(of: "<\(tag) ")
                        == html.components(of: "</\(tag)>"))
            }
        }
    }

    /// AU-24: what is not in the register cannot be called, nor with data of another class.
    @Test func onlyWhatIsInTheRegisterMayBeCalled() {
        #expect(Self.register.allows(host: "api.openai.com", port: 443, .relay))
        #expect(!Self.register.allows(host: "api.openai.com", port: 443, .local))
        #expect(!Self.register.allows(host: "api.openai.com", port: 80, .relay))
        #expect(!Self.register.allows(host: "evil.openai.com", port: 443, .relay))
        #expect(Recipient.terms(of: "notopenai.com") == nil && Recipient.terms(of: "eu.api.openai.com") != nil)
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
