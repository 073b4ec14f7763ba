import Accounts
import HTTPTypes
import Policy
import Vocabulary

/// What went wrong, told to people and to programs; nothing of the cause's inside.
struct Problem {
    let status: HTTPResponse.Status
    /// For programs: a closed set.
    let code: String
    let text: String
    /// Seconds after which it may be tried again.
    var retryAfter: Int64?

    init(_ error: any Error, _ words: Catalogue) {
        switch error {
        case let fault as PageFault:
            status = fault.status
            code = fault.code
            text =
                switch fault {
                case .refused(let key): words.named(key)
                case .member(let name, let allowed): words.text("problem.member", .text(name), .text(allowed))
                default: words.named("problem.\(fault.code)")
                }
        case let refusal as PeopleRefusal:
            status = refusal.status
            code = refusal.code
            text = words.sentence(for: refusal)
            if case .wait(let seconds) = refusal { retryAfter = seconds }
        default:
            status = .serviceUnavailable
            code = PeopleRefusal.failed.code
            text = words.text("problem.failed")
        }
    }

    /// As the interface sends it.
    var json: JSONTree { ["error": ["code": .text(code), "message": .text(text)]] }

    static let schema = Schema.named(
        "Problem",
        [
            .init(
                "error",
                .named(
                    "Error",
                    [
                        .init("code", .text, "Names what went wrong, for programs."),
                        .init("message", .text, "Says it to people, in the language asked for."),
                    ]), "What went wrong.")
        ])
}

extension PageFault {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .notFound: .notFound
        case .unreadable: .badRequest
        case .refused, .member: .unprocessableContent
        case .notSignedIn: .unauthorized
        case .notProved, .notAgreed, .foreign: .forbidden
        }
    }

    fileprivate var code: String {
        switch self {
        case .notFound: "not_found"
        case .unreadable: "unreadable"
        case .refused(let key): key.split(separator: ".").last.map(String.init) ?? "refused"
        case .member: "member"
        case .notSignedIn: "not_signed_in"
        case .notProved: "not_proved"
        case .notAgreed: "not_agreed"
        case .foreign: "origin"
        }
    }
}

extension PeopleRefusal {
    /// The status of the answer that says so.
    var status: HTTPResponse.Status {
        switch self {
        case .wait: .tooManyRequests
        case .busy, .failed: .serviceUnavailable
        case .notAllowed, .otherAddress: .forbidden
        case .unknown: .notFound
        case .lastOwner: .conflict
        case .over: .gone
        case .badMail, .badName, .badPassword, .wrong, .wrongCode, .badPasskey, .isMember: .unprocessableContent
        }
    }

    fileprivate var code: String {
        switch self {
        case .badMail: "mail"
        case .badName: "name"
        case .badPassword(let why): "password_\(why.rawValue)"
        case .wrong: "wrong"
        case .wrongCode: "code"
        case .badPasskey: "passkey"
        case .wait: "wait"
        case .over: "over"
        case .otherAddress: "other_address"
        case .lastOwner: "last_owner"
        case .isMember: "is_member"
        case .unknown: "not_found"
        case .notAllowed: "role"
        case .busy: "busy"
        case .failed: "failed"
        }
    }

    /// Whether the form is shown again, with what is wrong; otherwise there is nothing left to fill in.
    var keepsTheForm: Bool { self != .over && self != .failed }
}

extension Catalogue {
    /// What a refusal says to the person at the form.
    func sentence(for refusal: PeopleRefusal) -> String {
        switch refusal {
        case .badMail: text("refusal.mail")
        case .badName: text("refusal.name")
        case .badPassword(let why): named("refusal.password.\(why.rawValue)")
        case .wrong: text("refusal.wrong")
        case .wrongCode(let left): text("refusal.code", .count(Int64(left)))
        case .badPasskey: text("refusal.passkey")
        case .wait(let seconds): text("refusal.wait", .count(seconds))
        case .over: text("problem.over")
        case .otherAddress: text("problem.other_address")
        case .lastOwner: text("problem.last_owner")
        case .isMember: text("refusal.is_member")
        case .unknown: text("problem.not_found")
        case .notAllowed: text("problem.role")
        case .busy: text("refusal.busy")
        case .failed: text("problem.failed")
        }
    }
}
