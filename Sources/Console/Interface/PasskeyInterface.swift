import Accounts
import HTTPTypes
import Records
import Secrets
import Vocabulary

/// Passkeys for programs that can show one. Bytes are in base64url, without padding.
enum PasskeyInterface {
    static let routes: [Route] = [
        .api(open: "/api/session/passkey", "Begins a sign-in by passkey", takes: [], gives: .begun) { visit in
            guard let site = visit.passkeySite else { throw PeopleRefusal.notAllowed }
            let text = try visit.desk.people.beginPasskey()
            guard let request = try visit.desk.people.passkeyRequest(text) else { throw PeopleRefusal.over }
            return BegunPasskey(pending: text, challenge: PasskeyChallenge(request: request, site: site))
        },
        .api(
            open: "/api/session/passkey/answer",
            "Shows the passkey that a sign-in asks for, as the whole proof or the second",
            takes: [.init("pending", .text, "Of the answer before.")] + answer, gives: .signIn
        ) { visit in try PasskeyPages.shown(visit, visit.form["pending"], .bearer) },
        .api(
            .post, "/api/session/proof/passkey", "Proves again who it is, by a passkey: a fresh token", nil,
            takes: answer, gives: .signIn
        ) { visit, account in .session(try PasskeyPages.proved(visit, account)) },
        .api(.get, "/api/me/passkeys", "The person's passkeys", nil, lists: .passkey) { visit, account in
            try visit.desk.people.passkeys(of: account)
        },
        .api(
            .get, "/api/me/passkeys/challenge", "What a browser needs to make a passkey, or to show one", nil,
            gives: .passkeyChallenge
        ) { visit, account in
            guard let site = visit.passkeySite else { throw PageFault.notFound }
            return PasskeyChallenge(request: try visit.desk.people.passkeyRequest(account), site: site)
        },
        .api(
            .post, "/api/me/passkeys", "Adds a passkey; gives recovery codes where there were none", nil,
            takes: [
                .init("name", .text, "1 to 64 characters."), .init("client", .text, "`clientDataJSON`."),
                .init("attestation", .text, "`attestationObject`."),
            ], isConfirmed: true, gives: .recovery
        ) { visit, account in try PasskeyPages.added(visit, account) },
        .api(.delete, "/api/me/passkeys/{id}", "Removes a passkey", nil, isConfirmed: true) { visit, account in
            try visit.desk.people.removePasskey(visit.parameters["id"] ?? "", of: account)
        },
    ]

    private static let answer: [Schema.Property] = [
        .init("id", .text, "The passkey's `rawId`."), .init("client", .text, "`clientDataJSON`."),
        .init("authenticator", .text, "`authenticatorData`."), .init("signature", .text, "`signature`."),
    ]
}

/// What is needed to ask a browser.
struct PasskeyChallenge: Sendable {
    let request: PasskeyRequest
    let site: PasskeySite
}

/// A sign-in that waits for a passkey.
struct BegunPasskey: Sendable {
    let pending: String
    let challenge: PasskeyChallenge
}

extension Shape<PasskeyChallenge> {
    static let passkeyChallenge = Shape(
        "PasskeyChallenge",
        [
            .text("challenge", "32 bytes, for ten minutes and one answer.") {
                SessionToken.base64url($0.request.challenge)
            },
            .text("relying_party", "The name that passkeys are made for.") { $0.site.party },
            .text("user", "Names the person to an authenticator.") { SessionToken.base64url($0.request.user) },
            .texts("known", "Ids of the person's passkeys.") { $0.request.known.map(SessionToken.base64url) },
        ])
}

extension Shape<BegunPasskey> {
    static let begun = Shape(
        "BegunPasskey",
        [
            .text("pending", "Send it with the answer.") { $0.pending },
            .text("challenge", "32 bytes, for ten minutes and one answer.") {
                SessionToken.base64url($0.challenge.request.challenge)
            },
            .text("relying_party", "The name that passkeys are made for.") { $0.challenge.site.party },
        ])
}

extension Shape<KnownPasskey> {
    static let passkey = Shape(
        "Passkey",
        [
            .text("id", "Names it in paths.") { $0.id }, .text("name", "As its owner called it.") { $0.name },
            .time("created_at", "Since when.") { $0.createdAt }, .time("used_at", "Last.") { $0.usedAt },
        ])
}
