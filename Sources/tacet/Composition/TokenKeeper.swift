import Foundation
import NIOCore
import Policy
import Secrets
import Vocabulary

/// Fetches access tokens with service accounts' keys and renews them before they end, off every request's path.
actor TokenKeeper {
    /// A token is renewed this long before its end, or at half of a shorter life.
    private static let margin = Duration.seconds(300)
    private static let scope = "https://www.googleapis.com/auth/cloud-platform"

    private struct Account {
        var deployment: DeploymentID
        var key: ServiceAccount
        var address: BaseAddress
        var due = ContinuousClock.now
        var wait = Duration.seconds(1)
    }

    private let credentials: ReloadableCredentials
    private let egress: EgressList
    private let log: any EventLog
    private let roots: String?
    private var accounts: [Account] = []

    init(credentials: ReloadableCredentials, egress: EgressList, log: any EventLog, roots: String?) {
        self.credentials = credentials
        self.egress = egress
        self.log = log
        self.roots = roots
    }

    /// The accounts of these providers, read from where their keys are. Nothing is fetched yet.
    static func keys(
        _ providers: [Settings.Provider], environment: [String: String]
    ) throws(Failure) -> [(DeploymentID, ServiceAccount, BaseAddress)] {
        var keys: [(DeploymentID, ServiceAccount, BaseAddress)] = []
        for provider in providers {
            guard case .google = provider.account, provider.key != .none else { continue }
            var json = try ProviderKeys.document(provider.key, environment: environment)
            defer { wipe(&json) }
            guard let key = try? ServiceAccount(json: json), let address = try? BaseAddress(key.tokenAddress),
                address.isSecure || address.isLoopback
            else {
                throw Failure(
                    text:
                        "providers.\(provider.name).key: \(provider.key.text) is not the JSON key of a service account.",
                    code: 2)
            }
            keys.append((provider.deployment, key, address))
        }
        return keys
    }

    /// Takes these accounts instead of the former, and fetches the tokens that are missing.
    func replace(_ keys: [(DeploymentID, ServiceAccount, BaseAddress)]) async {
        accounts = keys.map { Account(deployment: $0.0, key: $0.1, address: $0.2) }
        credentials.keepTokens(of: Set(accounts.map(\.deployment)))
        await fetchDue()
    }

    /// Renews until cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            await fetchDue()
        }
    }

    private func fetchDue() async {
        let now = ContinuousClock.now
        for account in accounts where account.due <= now {
            let outcome = await fetch(account)
            // The list may have changed meanwhile.
            guard let place = accounts.firstIndex(where: { $0.deployment == account.deployment }) else { continue }
            if let life = outcome {
                accounts[place].due = .now + max(life - Self.margin, life / 2)
                accounts[place].wait = .seconds(1)
            } else {
                accounts[place].due = .now + accounts[place].wait
                accounts[place].wait = min(accounts[place].wait * 2, .seconds(60))
            }
        }
    }

    /// Stores a new token; how long it lives, or `nil`.
    private func fetch(_ account: Account) async -> Duration? {
        struct Answer: Decodable {
            var access_token: String
            var expires_in: Int64
        }
        guard egress.allows(host: account.address.host, port: account.address.port, .token) else {
            log.record(.upstreamFailed(deployment: account.deployment, error: .egressRefused))
            return nil
        }
        do {
            let seconds = Moment.now.microseconds / 1_000_000
            let assertion = try account.key.assertion(scope: Self.scope, seconds: seconds)
            let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
            let body = try await TokenFetch(roots: roots).post(
                "grant_type=\(grant)&assertion=\(assertion)", to: account.address)
            let answer = try JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView))
            var token = Array(answer.access_token.utf8)
            guard (1...8192).contains(token.count), token.allSatisfy({ (0x21...0x7e).contains($0) }),
                answer.expires_in > 0
            else { throw TokenFetch.Fault.refused }
            credentials.setToken(SecretBytes(taking: &token), of: account.deployment)
            return .seconds(min(answer.expires_in, 86_400))
        } catch TokenFetch.Fault.unreachable {
            log.record(.upstreamFailed(deployment: account.deployment, error: .upstreamUnreachable))
        } catch {
            log.record(.upstreamFailed(deployment: account.deployment, error: .upstreamRefusedKey))
        }
        return nil
    }
}
