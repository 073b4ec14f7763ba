import Accounts
import HTTPTypes
import Records
import Vocabulary

/// One request to a page, read: nothing of Hummingbird is left, so a page is a function.
struct Visit: Sendable {
    var desk: ConsoleDesk
    var pages: Templates
    var language: Language
    var path: String
    /// Of the path's template: `id`.
    var parameters: [String: String] = [:]
    var query = Form()
    var form = Form()
    /// The cookie's text, or the bearer's; empty without one.
    var token = ""
    var carrier = SessionRow.Carrier.cookie
    var account: Account?
    var from: GuessOrigin
    /// `http://127.0.0.1:8401`, as the browser has it.
    var address: String
    var now: Moment

    var words: Catalogue { language.catalogue }

    /// The page's path's `id`, which is a number in one of our forms.
    func number(_ name: String) throws(PageFault) -> UInt64 {
        guard let number = UInt64(parameters[name] ?? "", radix: 16) else { throw .notFound }
        return number
    }

    /// A page with its frame.
    func page(
        _ name: String, _ view: Any, title: StaticString, status: HTTPResponse.Status = .ok,
        cookie: PageAnswer.CookieChange = .keep, connects: String? = nil
    ) -> PageAnswer {
        let content = pages.html(name, view, language)
        let frame = FrameView(self, title: words.text(title), content: content)
        return .html(pages.html("frame", frame, language), status: status, cookie: cookie, connects: connects)
    }

    /// Back to a page that then says what was done.
    func done(_ path: String, _ notice: Notice) -> PageAnswer { .redirect("\(path)?done=\(notice.rawValue)") }

    /// What the last act of this person came to, as the query says; a closed set, so that a link cannot make a page speak.
    var notice: String? {
        Notice(rawValue: query["done"]).map { words.named("notice.\($0.rawValue)") }
    }
}

/// What a page says after something was done.
enum Notice: String, CaseIterable {
    case keyRevoked = "key_revoked"
    case providerKeySet = "provider_key_set"
    case providerKeyDeleted = "provider_key_deleted"
    case budgetSet = "budget_set"
    case budgetRemoved = "budget_removed"
    case roleSet = "role_set"
    case memberRemoved = "member_removed"
    case invitationWithdrawn = "invitation_withdrawn"
    case joined
    case passwordSet = "password_set"
    case mailSet = "mail_set"
    case factorRemoved = "factor_removed"
    case passkeyAdded = "passkey_added"
    case passkeyRemoved = "passkey_removed"
    case sessionsEnded = "sessions_ended"
    case saved
    case signedOut = "signed_out"
}

extension Catalogue {
    /// A sentence whose key is put together of closed names.
    func named(_ key: String, _ values: PhraseValue...) -> String {
        String(decoding: sentence(named: Array(key.utf8), values), as: UTF8.self)
    }
}

extension PhraseValue {
    static func text(_ text: String) -> PhraseValue { .name(Array(text.utf8)) }
    static func money(_ amount: NanoUSD) -> PhraseValue { .usd(Int128(amount.value) * 1_000_000_000) }
}
