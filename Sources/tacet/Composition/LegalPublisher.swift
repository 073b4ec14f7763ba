import Console
import Policy
import Records
import Secrets
import Vocabulary

/// Keeps each version of the legal pages as it was published, in every language, and finds the one that is in force.
struct LegalPublisher: Sendable {
    var facts: @Sendable (Language) -> LegalFacts
    var store: LegalStore
    /// Called for an agreement that changes, with the time from which it holds, where the profile promises a mail before.
    var announce: @Sendable (LegalPage, Moment) -> Void = { _, _ in }

    /// Publishes what has changed since its last version. A page that lacks something stays as it was.
    func publish(at now: Moment) throws(StorageFault) {
        let english = facts(.english)
        guard let effective = CivilDate(iso: english.value(of: .effective).utf8)?.daysSince1970 else { return }
        let today = Self.day(now)
        for page in LegalPage.allCases where !page.needed.isEmpty {
            guard let content = LegalHTML.content(page, english) else { continue }
            let digest = SHA256Digest.of(Array(content.utf8))
            let editions = try store.editions(of: page.number)
            guard editions.last?.digest != digest else { continue }
            let edition = PublishedEdition(
                number: (editions.last?.number ?? 0) + 1,
                effective: LegalEdition.effective(
                    page, wanted: effective, today: today, isFirst: editions.isEmpty, policy: english.policy),
                publishedAt: now, digest: digest)
            let texts = Language.allCases.map { ($0, Array((LegalHTML.content(page, facts($0)) ?? content).utf8)) }
            try store.publish(edition, of: page.number, Dictionary(texts, uniquingKeysWith: { first, _ in first }))
            if edition.number > 1, page.isAgreement, english.policy.value(of: "change_notice") == "mail_before" {
                announce(page, Moment(microseconds: edition.effective * CivilDate.dayLength))
            }
        }
    }

    /// The page as it is to be read today, or in one of its other versions; `nil`: there is no such version.
    func page(
        _ page: LegalPage, version: Int64?, in language: Language, at now: Moment
    ) throws(StorageFault) -> [UInt8]? {
        let facts = facts(language)
        let history = try history(of: page, at: now)
        guard let shown = version.map({ history[$0] }) ?? history.current else {
            guard version == nil else { return nil }
            return Array(
                LegalHTML.page(
                    page, facts, content: LegalHTML.content(page, facts), history: history, shown: nil
                ).utf8)
        }
        // What says how things are now is made now; what is agreed to is read as it was published.
        let isLive = version == nil && (!page.isAgreement || !page.missing(in: facts).isEmpty)
        let content =
            isLive
            ? LegalHTML.content(page, facts)
            : try store.text(of: page.number, shown.number, in: language).map { String(decoding: $0, as: UTF8.self) }
        return Array(LegalHTML.page(page, facts, content: content, history: history, shown: shown).utf8)
    }

    func history(of page: LegalPage, at now: Moment) throws(StorageFault) -> LegalHistory {
        LegalHistory(
            try store.editions(of: page.number).map { LegalEdition(number: $0.number, effective: $0.effective) },
            today: Self.day(now))
    }

    static func day(_ moment: Moment) -> Int64 { moment.microseconds / CivilDate.dayLength }
}
