import Planning
import Policy
import Vocabulary

extension SettingsReader {
    /// The providers of a start without a file: every known one whose key is in the environment.
    static func implicitProviders(_ environment: [String: String]) -> [Settings.Provider] {
        ProviderFacts.table.compactMap { facts in
            guard facts.variables.contains(where: { !(environment[$0] ?? "").isEmpty }) else { return nil }
            let place = Mistake.Place.variable(facts.variables[0])
            let entry = SettingNode.Member(
                name: facts.name, place: place, node: SettingNode(place: place, value: .section([])))
            // What its key variable alone does not suffice for is left out: AWS keys are set for many reasons.
            var reader = SettingsReader(Surroundings(environment: environment, unreadable: { _ in nil }))
            let provider = reader.provider(entry)
            return reader.mistakes.isEmpty ? provider : nil
        }
    }

    mutating func provider(_ entry: SettingNode.Member) -> Settings.Provider? {
        let name = entry.name
        guard Self.isName(name) else {
            mistake(entry.place, "a provider is named `\(name)`; allowed: up to 32 of a-z, 0-9, `-` and `_`")
            return nil
        }
        guard name != "sandbox" else {
            mistake(entry.place, "a provider is named `sandbox`, which Tacet brings itself; allowed: another name")
            return nil
        }
        let count = mistakes.count
        var draft = ProviderDraft(entry, facts: ProviderFacts.named(name))
        kind(entry, &draft)
        for member in members(of: entry.node, named: draft.prefix, allowed: draft.allowed) {
            read(member, into: &draft)
        }
        guard mistakes.count == count else { return nil }
        return finished(&draft)
    }

    /// Which row of the table holds: it decides what the other members may be, so it is read first.
    private mutating func kind(_ entry: SettingNode.Member, _ draft: inout ProviderDraft) {
        guard case .section(let members) = entry.node.value, let kind = members.first(where: { $0.name == "kind" })
        else { return }
        let allowed = ProviderFacts.table.map { ($0.name, $0) }
        draft.facts = choice(kind.node, "\(draft.prefix).kind", allowed) ?? draft.facts
    }

    private mutating func read(_ member: SettingNode.Member, into draft: inout ProviderDraft) {
        let (node, label) = (member.node, "\(draft.prefix).\(member.name)")
        switch member.name {
        case "dialect":
            let allowed = draft.hasOwnPaths ? draft.facts?.dialects ?? [] : Dialect.allCases
            draft.dialect = choice(node, label, allowed.map { ($0.name.description, $0) })
        case "base_url":
            draft.basePlace = node.place
            draft.base = address(node, label)
        case "key": draft.key = keySource(node, label, allowsNone: true)
        case "secret": draft.secret = keySource(node, label, allowsNone: false)
        case "session_token": draft.session = keySource(node, label, allowsNone: false)
        case "price": draft.isFree = choice(node, label, [("free", true)])
        case "api_version", "region", "project", "location":
            let allowed = "letters, digits, `-`, `_`, `.` and `:`"
            guard let text = scalar(node, label, allowed: allowed) else { return }
            guard Self.isPathWord(text) else {
                return mistake(node.place, "\(label) is `\(text)`; allowed: \(allowed)")
            }
            draft.words[member.name] = text
        default: break
        }
    }

    /// What stands between slashes of an address, or in its host.
    private static func isPathWord(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
                    || [0x2d, 0x5f, 0x2e, 0x3a].contains($0)
            }
    }

    private mutating func finished(_ draft: inout ProviderDraft) -> Settings.Provider? {
        let count = mistakes.count
        var provider = Settings.Provider(
            name: draft.name, dialect: draft.dialect ?? draft.facts?.dialects[0] ?? .openAI,
            base: BaseAddress(isSecure: true, host: "", port: 443, path: ""), key: .none,
            isFree: draft.isFree ?? draft.facts?.isLocal ?? false)
        provider.kind = draft.facts?.name
        provider.key = key(of: &draft)
        account(of: draft, into: &provider)
        if provider.key == .vault || provider.key == .passthrough, provider.account.keyIsNoLine {
            mistake(
                draft.place,
                "\(draft.prefix).key is `\(provider.key.text)`, which takes keys of one line; allowed here: `env:NAME` or `file:PATH`"
            )
        }
        guard let base = base(of: draft, provider) else { return nil }
        provider.base = base
        if provider.kind == nil { provider.kind = Self.kind(at: base, speaking: provider.dialect) }
        guard mistakes.count == count else { return nil }
        if let promise = Register.promise(PromiseID(.aura, 7)), provider.key != .none, !base.isSecure, !base.isLoopback
        {
            mistake(
                draft.basePlace ?? draft.place,
                "\(draft.prefix).base_url is http:// to another machine, and the provider has a key, which would break "
                    + "\(promise.quoted) Allowed: https://, or `key: none`")
            return nil
        }
        return provider
    }

    /// The key that is said, else that of the first known variable that is set.
    private mutating func key(of draft: inout ProviderDraft) -> Settings.KeySource {
        if let key = draft.key { return key }
        guard let facts = draft.facts else {
            mistake(draft.place, "\(draft.prefix) lacks `key`; allowed: `env:NAME`, `file:PATH`, `vault` or `none`")
            return .none
        }
        let environment = surroundings.environment
        let found = facts.variables.first { !(environment[$0] ?? "").isEmpty }
        guard let variable = found ?? (facts.isLocal ? nil : facts.variables.first) else { return .none }
        // The one variable that holds a path.
        if facts.account == .google, let path = environment[variable], !path.isEmpty {
            let source = Settings.KeySource.file(path)
            check(source, at: draft.place, "\(draft.prefix).key")
            return source
        }
        check(.environment(variable), at: draft.place, "\(draft.prefix).key")
        return .environment(variable)
    }

    private mutating func account(of draft: ProviderDraft, into provider: inout Settings.Provider) {
        let environment = surroundings.environment
        func word(_ name: String, _ variables: String...) -> String? {
            let set = variables.lazy.compactMap { environment[$0] }.first { Self.isPathWord($0) }
            return draft.words[name] ?? set
        }
        switch draft.facts?.account {
        case .azure: provider.account = .azure(version: draft.words["api_version"])
        case .aws:
            guard let region = word("region", "AWS_REGION", "AWS_DEFAULT_REGION") else {
                return mistake(draft.place, "\(draft.prefix) lacks `region`; allowed: such as us-east-1, or AWS_REGION")
            }
            guard provider.key == .environment("AWS_ACCESS_KEY_ID") || draft.secret != nil else {
                provider.account = .aws(region: region, secret: .none, session: .none)
                return
            }
            let secret = draft.secret ?? .environment("AWS_SECRET_ACCESS_KEY")
            if draft.secret == nil { check(secret, at: draft.place, "\(draft.prefix).secret") }
            let hasSession = draft.key == nil && !(environment["AWS_SESSION_TOKEN"] ?? "").isEmpty
            let session = draft.session ?? (hasSession ? .environment("AWS_SESSION_TOKEN") : .none)
            provider.account = .aws(region: region, secret: secret, session: session)
        case .google:
            guard let project = word("project", "GOOGLE_CLOUD_PROJECT") else {
                return mistake(draft.place, "\(draft.prefix) lacks `project`; allowed: its id, or GOOGLE_CLOUD_PROJECT")
            }
            provider.account = .google(
                project: project, location: word("location", "GOOGLE_CLOUD_LOCATION") ?? "global")
        case .bearer, .header, nil: break
        }
    }

    private mutating func base(of draft: ProviderDraft, _ provider: Settings.Provider) -> BaseAddress? {
        if let base = draft.base { return base }
        switch provider.account {
        case .aws(let region, _, _): return try? BaseAddress("https://bedrock-runtime.\(region).amazonaws.com")
        case .google(_, "global"): return try? BaseAddress("https://aiplatform.googleapis.com")
        case .google(_, let location): return try? BaseAddress("https://\(location)-aiplatform.googleapis.com")
        case .azure:
            let variable = "AZURE_OPENAI_ENDPOINT"
            if let text = surroundings.environment[variable], !text.isEmpty {
                do throws(BaseAddress.Wrong) { return try BaseAddress(text) } catch {
                    mistake(draft.place, "\(variable) \(error.text)")
                    return nil
                }
            }
            mistake(
                draft.place,
                "\(draft.prefix) lacks `base_url`; allowed: such as https://NAME.openai.azure.com, or \(variable)")
            return nil
        case .key:
            if let base = draft.facts.flatMap({ try? BaseAddress($0.base) }) { return base }
            mistake(draft.place, "\(draft.prefix) lacks `base_url`; allowed: such as https://api.openai.com/v1")
            return nil
        }
    }

    /// The row of a well-known host, whatever the provider is called.
    private static func kind(at base: BaseAddress, speaking dialect: Dialect) -> String? {
        let row = ProviderFacts.table.first { facts in
            !facts.isLocal && facts.dialects.contains(dialect) && (try? BaseAddress(facts.base))?.host == base.host
        }
        return row?.name
    }

    private mutating func address(_ node: SettingNode, _ name: String) -> BaseAddress? {
        guard let text = scalar(node, name, allowed: "an address such as https://api.openai.com/v1") else { return nil }
        do throws(BaseAddress.Wrong) {
            let address = try BaseAddress(text)
            guard address.port > 0 else { throw .host }
            return address
        } catch {
            mistake(node.place, "\(name) \(error.text)")
            return nil
        }
    }

    static func isName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x5f
            }
    }
}

/// What was read of a provider so far.
private struct ProviderDraft {
    let name: String
    let place: Mistake.Place
    var facts: ProviderFacts?
    var dialect: Dialect?
    var base: BaseAddress?
    var basePlace: Mistake.Place?
    var key: Settings.KeySource?
    var secret: Settings.KeySource?
    var session: Settings.KeySource?
    var isFree: Bool?
    /// Members that are words of an address.
    var words: [String: String] = [:]

    init(_ entry: SettingNode.Member, facts: ProviderFacts?) {
        name = entry.name
        place = entry.place
        self.facts = facts
    }

    /// A provider whose paths are of its own: it speaks what its row says.
    var hasOwnPaths: Bool {
        switch facts?.account {
        case .azure, .aws, .google: true
        case .bearer, .header, nil: false
        }
    }

    var prefix: String { "providers.\(name)" }

    var allowed: [String] {
        let own: [String] =
            switch facts?.account {
            case .azure: ["api_version"]
            case .aws: ["region", "secret", "session_token"]
            case .google: ["project", "location"]
            case .bearer, .header, nil: []
            }
        return ["kind", "dialect", "base_url", "key", "price"] + own
    }
}
