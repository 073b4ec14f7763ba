import Policy
import Testing
import Vocabulary

/// Versions of pages (conflict 19): a date for all, a notice beforehand where the profile promises one, age and law by knob.
@Suite struct LegalEditionTests {
    private static let today: Int64 = 20_000

    @Test func aChangeNeverHoldsBeforeItWasPublished() {
        for profile in ProfileID.allCases {
            let policy = DeploymentPolicy(profile)
            let notice: Int64 = policy.value(of: "change_notice") == "date" ? 0 : 1
            for page in LegalPage.allCases {
                func effective(_ wanted: Int64, isFirst: Bool) -> Int64 {
                    LegalEdition.effective(page, wanted: wanted, today: Self.today, isFirst: isFirst, policy: policy)
                }
                #expect(effective(Self.today - 900, isFirst: true) == Self.today - 900)
                #expect(effective(Self.today - 900, isFirst: false) == Self.today + (page.isAgreement ? notice : 0))
                #expect(effective(Self.today + 30, isFirst: false) == Self.today + (page.isAgreement ? 30 : 0))
            }
        }
        #expect(DeploymentPolicy(.auxen).value(of: "change_notice") == "mail_before")
        #expect(DeploymentPolicy(.aurixel).value(of: "change_notice") == "date")
    }

    @Test func theHistoryKnowsWhatIsInForceWhatComesAndWhatWas() {
        let editions = [(1, -400), (2, -30), (3, 7)].map {
            LegalEdition(number: Int64($0.0), effective: Self.today + Int64($0.1))
        }
        let history = LegalHistory(editions, today: Self.today)
        #expect(history.current?.number == 2 && history.coming?.number == 3)
        #expect(history.earlier.map(\.number) == [1] && history[3]?.effective == Self.today + 7 && history[4] == nil)
        let later = LegalHistory(editions, today: Self.today + 7)
        #expect(later.current?.number == 3 && later.coming == nil && later.earlier.count == 2)
        let first = LegalHistory([editions[2]], today: Self.today)
        #expect(first.current?.number == 3 && first.coming == nil)
        #expect(LegalHistory([], today: 0).current == nil)
    }

    @Test func aPageTellsOfTheComingVersionAndLinksTheEarlierOnes() {
        let facts = Words.facts()
        let editions = [1, 2, 3].map { LegalEdition(number: $0, effective: Self.today + ($0 - 2) * 10) }
        let history = LegalHistory(editions, today: Self.today)
        func page(_ shown: LegalEdition?) -> String {
            LegalHTML.page(.terms, facts, content: "<h1>Terms</h1>\n", history: history, shown: shown)
        }
        let now = page(editions[1])
        #expect(now.contains("This page changes on Oct 14, 2024.") && now.contains("version=3\""))
        #expect(now.contains("Version 2, in force since Oct 4, 2024.") && now.contains("version=1\""))
        #expect(page(editions[0]).contains("no longer in force") && !page(editions[0]).contains("changes on"))
        #expect(page(editions[2]).contains("Version 3, in force from Oct 14, 2024."))
    }

    /// Conflict 19: the age stands in pages as the profile has it.
    @Test func ageAndNoticeFollowTheProfile() {
        for profile in ProfileID.allCases {
            let page = Words.page(.privacy, Words.facts(DeploymentPolicy(profile)))
            let isYounger = DeploymentPolicy(profile).value(of: "minimum_age") != "16"
            #expect(page.contains("Nobody under 13, in the European Union under 16") == isYounger)
            #expect(page.contains("Nobody under 16 may") == !isYounger)
            let isNoticed = DeploymentPolicy(profile).value(of: "change_notice") != "date"
            #expect(page.contains("announced on this page before it takes effect") == isNoticed)
        }
        #expect(DeploymentPolicy(.auxen).value(of: "jurisdiction") == "united_states")
        #expect(DeploymentPolicy(.aurixel).value(of: "jurisdiction") == "hong_kong")
    }
}
