import Policy
import Records
import Vocabulary

/// Turns a tree of settings into `Settings`, and goes on after a mistake so that all are told at once.
struct SettingsReader {
    private(set) var mistakes: [Mistake] = []
    let surroundings: Surroundings
    /// Whether `accounts.sign_in` is said; else the profile says it.
    var saysSignIn = false

    /// What the reader may ask of the world; handed in, so that it can be tested.
    struct Surroundings: Sendable {
        var environment: [String: String]
        /// `nil`: readable. Else why not.
        var unreadable: @Sendable (_ path: String) -> String?
    }

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    static let sections = [
        "listen", "data", "profile", "swap", "providers", "models", "pricing", "limits", "upstream_roots",
        "event_loops", "metrics", "node", "billing", "budgets", "alerts", "vault", "operators", "legal", "accounts",
        "decisions",
        "cache", "compression", "router",
    ]

    static func read(_ tree: SettingNode, _ surroundings: Surroundings) throws(Mistakes) -> Settings {
        var reader = SettingsReader(surroundings)
        let settings = reader.settings(tree)
        guard reader.mistakes.isEmpty else { throw Mistakes(inOrder: reader.mistakes) }
        return settings
    }

    private mutating func settings(_ tree: SettingNode) -> Settings {
        var settings = Settings()
        var aliases: SettingNode?
        var routing: SettingNode?
        var declared: [String]?
        for member in members(of: tree, named: "the file", allowed: Self.sections) {
            let node = member.node
            switch member.name {
            case "listen": listeners(node, into: &settings)
            case "data": settings.data = path(node, "data") ?? settings.data
            case "profile":
                settings.policy = profile(node) ?? settings.policy
            case "swap":
                settings.allowsSwap =
                    choice(node, "swap", [("allowed", true), ("by-profile", false)]) ?? settings.allowsSwap
            case "providers":
                declared = []
                for entry in members(of: node, named: "providers", allowed: nil) {
                    declared?.append(entry.name)
                    if let provider = provider(entry) { settings.providers.append(provider) }
                }
            case "models": aliases = node
            case "router": routing = node
            case "pricing": settings.unknownPrice = pricing(node) ?? settings.unknownPrice
            case "limits": settings.limits = limits(node)
            case "upstream_roots": settings.upstreamRoots = file(node, "upstream_roots")
            case "node": settings.node = whole(node, "node", 1...999).map(UInt32.init) ?? settings.node
            case "billing":
                settings.spending.billing =
                    choice(node, "billing", [("none", Billing.none), ("prepaid", .prepaid)]) ?? .none
            case "alerts": settings.alerts = alerts(node)
            case "budgets": spending(node, into: &settings.spending)
            case "event_loops": settings.eventLoops = whole(node, "event_loops", 1...1024)
            case "metrics":
                for entry in members(of: node, named: "metrics", allowed: ["token"]) {
                    settings.metricsToken = keySource(entry.node, "metrics.token", allowsNone: false)
                }
            case "decisions": settings.decisions = decisions(node)
            case "cache": settings.cache = cache(node)
            case "compression":
                for entry in members(of: node, named: "compression", allowed: ["control"]) {
                    settings.compressionControl =
                        (percent(entry.node, "compression.control", of: "sessions") ?? 0) * 10
                }
            case "vault": settings.vault = vault(node)
            case "operators": settings.operators = operators(node)
            case "accounts": settings.accounts = accounts(node)
            case "legal": settings.legal = legal(node)
            default: break
            }
        }
        if !saysSignIn, settings.policy.promises.contains(where: { $0.id == Self.withoutPassword }) {
            settings.accounts.allowsPassword = false
        }
        if declared == nil { settings.providers = Self.implicitProviders(surroundings.environment) }
        let names = declared ?? settings.providers.map(\.name)
        if let aliases { settings.models = models(aliases, providers: names + ["sandbox"]) }
        if let routing { settings.router = router(routing, providers: names + ["sandbox"]) }
        contradictions(settings, tree)
        return settings
    }

    mutating func mistake(_ place: Mistake.Place, _ text: String) {
        mistakes.append(Mistake(place: place, text: text))
    }

    // MARK: Kinds of value

    /// The members of a section, in order; unknown names are told with the nearest known one.
    mutating func members(of node: SettingNode, named name: String, allowed: [String]?) -> [SettingNode.Member] {
        guard case .section(let members) = node.value else {
            if case .scalar(_, isNull: true) = node.value { return [] }
            mistake(node.place, "\(name) is \(node.kind); allowed: a section of names and values")
            return []
        }
        guard let allowed else { return members }
        return members.filter { member in
            if allowed.contains(member.name) { return true }
            let near = Nearest.name(to: member.name, in: allowed).map { "; did you mean `\($0)`?" } ?? ";"
            let list = allowed.map { "`\($0)`" }.joined(separator: ", ")
            mistake(member.place, "`\(member.name)` is not known in \(name)\(near) allowed: \(list)")
            return false
        }
    }

    mutating func scalar(_ node: SettingNode, _ name: String, allowed: String) -> String? {
        if case .scalar(let text, isNull: false) = node.value { return text }
        mistake(node.place, "\(name) is \(node.kind); allowed: \(allowed)")
        return nil
    }

    mutating func choice<Value>(_ node: SettingNode, _ name: String, _ allowed: [(String, Value)]) -> Value? {
        let list = allowed.map { "`\($0.0)`" }.joined(separator: ", ")
        guard let text = scalar(node, name, allowed: list) else { return nil }
        if let value = allowed.first(where: { $0.0 == text })?.1 { return value }
        let near = Nearest.name(to: text, in: allowed.map(\.0)).map { "; did you mean `\($0)`?" } ?? ""
        mistake(node.place, "\(name) is `\(text)`\(near.isEmpty ? ";" : near) allowed: \(list)")
        return nil
    }

    mutating func size(_ node: SettingNode, _ name: String, _ range: ClosedRange<Int>) -> Int? {
        let allowed = "a size from \(range.lowerBound)B to \(range.upperBound >> 20)MiB, such as 512KiB or 32MiB"
        guard let text = scalar(node, name, allowed: allowed) else { return nil }
        if let bytes = Quantities.size(text), range.contains(bytes) { return bytes }
        mistake(node.place, "\(name) is `\(text)`; allowed: \(allowed)")
        return nil
    }

    mutating func duration(_ node: SettingNode, _ name: String) -> Int64? {
        var allowed = "a time from 1ms to 24h with its unit, such as 500ms, 10s, 5m or 1h"
        guard let text = scalar(node, name, allowed: allowed) else { return nil }
        if Quantities.duration(text + "s") != nil { allowed += "; \(text)s for seconds" }
        if let time = Quantities.duration(text), (1...86_400_000).contains(time) { return time }
        mistake(node.place, "\(name) is `\(text)`; allowed: \(allowed)")
        return nil
    }

    mutating func whole(_ node: SettingNode, _ name: String, _ range: ClosedRange<Int>) -> Int? {
        let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = scalar(node, name, allowed: allowed) else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        mistake(node.place, "\(name) is `\(text)`; allowed: \(allowed)")
        return nil
    }

    mutating func path(_ node: SettingNode, _ name: String) -> String? {
        guard let text = scalar(node, name, allowed: "a path") else { return nil }
        if !text.isEmpty, !text.contains("\0") { return resolved(text, at: node.place) }
        mistake(node.place, "\(name) is empty; allowed: a path")
        return nil
    }

    /// A file that can be read now.
    mutating func file(_ node: SettingNode, _ name: String) -> String? {
        guard let path = path(node, name) else { return nil }
        guard let reason = surroundings.unreadable(path) else { return path }
        mistake(node.place, "\(name) is `\(path)`, which \(reason); allowed: a file that can be read")
        return nil
    }

    /// `~` is the home; a path in a file counts from the file's folder, so that every command means the same place.
    func resolved(_ path: String, at place: Mistake.Place) -> String {
        if path == "~" || path.hasPrefix("~/"), let home = surroundings.environment["HOME"] {
            return home + path.dropFirst()
        }
        guard !path.hasPrefix("/"), case .file(let name, _, _) = place, let slash = name.lastIndex(of: "/") else {
            return path
        }
        return String(name[...slash] + (path.hasPrefix("./") ? path.dropFirst(2) : path[...]))
    }

    private mutating func pricing(_ node: SettingNode) -> Settings.UnknownPrice? {
        let allowed = "`refuse`, `free`, or `ceiling: { input: …, output: … }` in USD per million tokens"
        var answer: Settings.UnknownPrice?
        for member in members(of: node, named: "pricing", allowed: ["unknown"]) {
            switch member.node.value {
            case .scalar("refuse", _): answer = .refuse
            case .scalar("free", _): answer = .free
            case .section: answer = ceiling(member.node)
            default: mistake(member.node.place, "pricing.unknown is \(member.node.kind); allowed: \(allowed)")
            }
        }
        return answer
    }

    private mutating func ceiling(_ node: SettingNode) -> Settings.UnknownPrice? {
        var prices: [String: PicoUSD] = [:]
        let count = mistakes.count
        for outer in members(of: node, named: "pricing.unknown", allowed: ["ceiling"]) {
            for member in members(of: outer.node, named: "pricing.unknown.ceiling", allowed: ["input", "output"]) {
                let name = "pricing.unknown.ceiling.\(member.name)"
                let allowed = "USD per million tokens with at most six decimals, such as 15 or 0.25"
                guard let text = scalar(member.node, name, allowed: allowed) else { continue }
                prices[member.name] = Quantities.perMillion(text)
                if prices[member.name] == nil {
                    mistake(member.node.place, "\(name) is `\(text)`; allowed: \(allowed)")
                }
            }
        }
        if let input = prices["input"], let output = prices["output"] { return .ceiling(input: input, output: output) }
        if mistakes.count == count {
            mistake(node.place, "pricing.unknown.ceiling lacks a price; allowed: both `input` and `output`")
        }
        return nil
    }
}
