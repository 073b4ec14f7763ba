public import Accounts
public import Policy
public import Records
public import Vocabulary

/// What people were promised to be told by mail.
public enum Announcement: Sendable {
    /// An incident that concerns them (AN-20).
    case incident(Incident.Kind, from: Moment)
    /// An authority's request that concerns them, where the law lets that be told (AU-25, AN-21).
    case authority
    /// A page that changes, before it holds (AN-30).
    case page(LegalPage, from: Moment)

    /// In the person's language, or in English where the browser's was taken.
    /// - Parameter address: the console's.
    public func letter(to person: Person, address: String, endsAt: Moment) -> Letter {
        let words = (Language(rawValue: person.language &- 1) ?? .english).catalogue
        let (subject, text) =
            switch self {
            case .incident(let kind, let from):
                (
                    words.text("letter.incident.subject"),
                    words.text(
                        "letter.incident.text", .text(words.named("legal.incident.\(kind.name)")),
                        .text(words.day(from)), .text(address + "/security"))
                )
            case .authority:
                (
                    words.text("letter.authority.subject"),
                    words.text("letter.authority.text", .text(address + "/legal/privacy"))
                )
            case .page(let page, let from):
                (
                    words.text("letter.page.subject"),
                    words.text(
                        "letter.page.text", .text(words.named("legal.title.\(page.rawValue)")), .text(words.day(from)),
                        .text(address + "/legal/\(page.rawValue)"))
                )
            }
        return Letter(to: person.mail, subject: subject, text: text, endsAt: endsAt)
    }
}
