import Accounts
import Console
import Policy
import Records
import Vocabulary

/// People and the console's desk, joined to the running server.
struct ConsoleParts: Sendable {
    let desk: ConsoleDesk
    /// The secret of the one-time link to the first account; `nil` once there is one.
    let setUpSecret: String?

    init(
        _ plan: ServerPlan, _ parts: ServerParts, rights: Rights, egress: EgressList, vault: VaultDoor,
        routing: RoutingReader, status: StatusReader, apiPort: Int
    ) throws(Failure) {
        let settings = plan.settings
        let installation = parts.installation
        var leaked: LeakedPasswords?
        if let path = settings.accounts.leakedPasswords {
            leaked = LeakedPasswords(path: path)
            if leaked == nil {
                throw Failure(
                    text: "accounts.leaked_passwords: `\(path)` is no file of SHA-1 digests, one a line, in order.",
                    code: 2)
            }
        }
        let people = People(
            installation.ledger, installation.accountKeys,
            AccountTerms(
                allowsPassword: settings.accounts.allowsPassword, allowsMailCode: settings.accounts.allowsMailCode,
                allowsPasskey: settings.accounts.allowsPasskey, isOpen: settings.accounts.isOpen,
                fields: settings.policy.profile.accountFields,
                leaked: leaked),
            outbox: Outbox(
                now: { .now }, kept: KeptLetters(installation.ledger, installation.accountKeys),
                send: try LetterSender.sender(settings, environment: plan.environment, egress: egress)),
            now: { .now })
        var listener = settings.api
        listener.port = apiPort
        let address = settings.accounts.apiAddress.isEmpty ? listener.shownURL : settings.accounts.apiAddress
        desk = ConsoleDesk(
            installation.ledger, people: people, keys: installation.keys, rights: rights,
            publicAddress: settings.accounts.address, version: Version.text,
            api: { address }, pageOrigins: settings.consoleOrigins, vault: { try vault.vault() },
            routing: { await routing.status() }, status: { await status.status() },
            keysChanged: { try? parts.snapshot.refresh() },
            drain: { try? await parts.drainer.drainNow() }, now: { .now },
            visits: settings.accounts.countsVisits ? VisitCounter(installation.ledger, now: { .now }) : nil)
        do throws(StorageFault) {
            setUpSecret = try people.offerSetUp()
        } catch {
            throw Failure(text: FaultText.of(error))
        }
    }
}

extension Settings {
    /// The origins of the console's pages: the one the operator named, else those of this machine.
    var consoleOrigins: [String] {
        if !accounts.address.isEmpty { return [accounts.address] }
        guard console.port != 0 else { return [] }
        var local = console
        local.host = "localhost"
        return [console.shownURL, local.url]
    }
}
