import Planning
import Policy
import Testing
import Vocabulary

@testable import tacet

/// A profile of one's own, and configurations that contradict theirs.
@Suite struct ProfileSettingsTests {
    private static func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> Settings {
        try SettingsReader.read(
            SettingNode.read(yaml: yaml, file: "tacet.yaml"),
            SettingsReader.Surroundings(environment: environment, unreadable: { _ in nil }))
    }

    private static func mistake(_ yaml: String) -> String {
        do {
            _ = try read(yaml, ["K": "x"])
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func aProfileOfOnesOwnExtendsOne() throws {
        let policy = try Self.read("profile: { extends: auxen, log_retention_days: 14, compression: off }").policy
        #expect(policy.base == .auxen && policy.changed == ["log_retention_days": "14", "compression": "off"])
        #expect(try Self.read("profile: aura").policy == DeploymentPolicy(.aura))
        #expect(try Self.read("profile: { extends: strict }").policy == DeploymentPolicy(.strict))
    }

    @Test(arguments: [
        ("profile: { extends: aura, log_retention_days: 30 }", ["looser than `14`", "AU-29: Server logs are deleted"]),
        ("profile: { extends: strict, unencrypted_swap: allowed }", ["looser than `refused`", "AU-12: What passes"]),
        ("profile: { extends: aura, log_days: 30 }", ["`log_days` is not known in profile", "log_retention_days"]),
        ("profile: { extends: aura, compression: sometimes }", ["allowed: `by_key`, `on_request`, `off`"]),
        ("profile: { compression: off }", ["profile lacks `extends`"]),
        ("profile: { extends: best }", ["profile.extends is `best`", "`aurex`"]),
        ("profile: [aura]", ["profile is a list", "`strict`"]),
    ]) func aContradictionNamesTheSentenceItWouldBreak(_ yaml: String, _ parts: [String]) {
        let text = Self.mistake(yaml)
        for part in parts { #expect(text.contains(part), "\(text)") }
        #expect(text.contains("tacet.yaml:1:"))
    }

    /// Every one of them, with the words of the register.
    @Test(arguments: [
        ("listen: { api: 0.0.0.0:8480 }", PromiseID(.auxen, 18)), ("profile: aurixel", PromiseID(.aurixel, 9)),
        ("providers: { a: { base_url: \"http://10.0.0.1/v1\", key: env:K } }", PromiseID(.aura, 7)),
        ("alerts: { webhook: { url: \"http://10.0.0.1/x\", secret: env:K } }", PromiseID(.auxen, 18)),
        ("profile: aura\naccounts: { sign_in: code }", PromiseID(.aura, 1)),
        ("profile: auxen\naccounts: { sign_in: password-or-code }", PromiseID(.auxen, 1)),
        ("profile: { extends: aura, receipt_days: until_deletion }", PromiseID(.aura, 27)),
    ]) func aRefusalQuotesTheSentence(_ yaml: String, _ id: PromiseID) throws {
        let promise = try #require(Register.promise(id))
        #expect(Self.mistake(yaml).contains("would break \(promise.quoted)"), "\(Self.mistake(yaml))")
    }

    @Test func signInFollowsTheProfileThatPromisesIt() throws {
        #expect(try !Self.read("profile: auxen").accounts.allowsPassword)
        #expect(try !Self.read("profile: auxen\naccounts: { sign_up: open }").accounts.allowsPassword)
        for profile in ["strict", "aura", "outlay"] {
            #expect(try Self.read("profile: \(profile)").accounts.allowsPassword)
        }
    }

    /// AN-18, AU-33: no listener that other machines reach is plain, unless a proxy is declared.
    @Test func aListenerOnANetworkNeedsTLS() throws {
        for name in ["api", "console"] {
            let text = Self.mistake("listen: { \(name): 0.0.0.0:8480 }")
            #expect(text.contains("listen.\(name) is 0.0.0.0:8480 without TLS, which would break AN-18"))
            #expect(text.contains("All traffic is encrypted.") && text.contains("tls: in_front"))
            let behind = try Self.read("listen: { \(name): { address: 0.0.0.0:8480, tls: in_front } }")
            #expect(name == "api" ? behind.api.isBehindTLS : behind.console.isBehindTLS)
            #expect(throws: Never.self) {
                try Self.read("listen: { \(name): { address: 0.0.0.0:8480, tls: { certificate: c.pem, key: k.pem } } }")
            }
            #expect(throws: Never.self) { try Self.read("listen: { \(name): 127.0.0.1:8480 }") }
        }
    }

    @Test func prepaidIsPromisedByOne() throws {
        #expect(Self.mistake("profile: aurixel").contains("which would break AI-9"))
        #expect(throws: Never.self) { try Self.read("profile: aurixel\nbilling: prepaid") }
    }

    /// What alerts go to is asked for at the gate and stands on the page of recipients.
    @Test func whoeverIsToldOfAlertsIsARecipient() throws {
        let settings = try Self.read(
            """
            alerts:
              mail: { server: "smtps://mail.example", from: a@example.com, to: [b@example.com] }
              webhook: { url: "https://hooks.example:8443/x", secret: env:S }
            """, ["S": "secret"])
        let register = Routes.recipients(settings, sandboxPort: nil)
        #expect(register.allows(host: "mail.example", port: 465, .alert))
        #expect(register.allows(host: "mail.example", port: 465, .letter))
        #expect(register.allows(host: "hooks.example", port: 8443, .alert))
        #expect(!register.allows(host: "hooks.example", port: 8443, .letter), "who is told of alerts gets no address")
        #expect(!register.allows(host: "hooks.example", port: 8443, .relay))
    }

    @Test func aCallersOwnKeyIsNobodysToKeep() throws {
        let settings = try Self.read("providers: { openai: { key: passthrough }, groq: { key: vault } }")
        let deployments = Routes.deployments(settings, sandboxPort: 1, book: try Routes.book())
        #expect(deployments.map(\.takesCallersKey) == [true, false, false])
        #expect(deployments.map(\.hasOwnKeys) == [true, true, false])
    }
}
