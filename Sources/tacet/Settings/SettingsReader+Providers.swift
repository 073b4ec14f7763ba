import Vocabulary

extension SettingsReader {
    /// Reads `env:NAME`, `file:PATH`, `vault`, `passthrough` or `none`. What else stands there may be a key, so it is never quoted.
    mutating func keySource(_ node: SettingNode, _ name: String, allowsNone: Bool) -> Settings.KeySource? {
        let allowed = allowsNone ? "`env:NAME`, `file:PATH`, `vault` or `none`" : "`env:NAME` or `file:PATH`"
        guard case .scalar(let text, isNull: false) = node.value else {
            mistake(node.place, "\(name) is empty or not text; allowed: \(allowed)")
            return nil
        }
        let source: Settings.KeySource
        if text == "none", allowsNone {
            source = .none
        } else if text == "vault", allowsNone {
            source = .vault
        } else if text == "passthrough", allowsNone {
            source = .passthrough
        } else if text.hasPrefix("env:") {
            let variable = String(text.dropFirst(4))
            let isVariable =
                variable.first.map { !$0.isNumber } ?? false
                && variable.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard isVariable else {
                mistake(node.place, "\(name) has no variable's name after `env:`; allowed: \(allowed)")
                return nil
            }
            source = .environment(variable)
        } else if text.hasPrefix("file:"), text.count > 5 {
            source = .file(resolved(String(text.dropFirst(5)), at: node.place))
        } else {
            mistake(
                node.place,
                "\(name) seems to hold the key itself, which is refused: settings are copied and committed. "
                    + "Allowed: \(allowed)")
            return nil
        }
        return check(source, at: node.place, name) ? source : nil
    }

    @discardableResult
    mutating func check(_ source: Settings.KeySource, at place: Mistake.Place, _ name: String) -> Bool {
        switch source {
        case .none, .vault, .passthrough: return true
        case .environment(let variable):
            let value = surroundings.environment[variable]
            if let value, !value.isEmpty { return true }
            mistake(
                place,
                "\(name) is `env:\(variable)`, and the environment has \(value == nil ? "no" : "an empty") \(variable); "
                    + "allowed: a variable that is set")
        case .file(let path):
            guard let reason = surroundings.unreadable(path) else { return true }
            mistake(place, "\(name) is `file:\(path)`, which \(reason); allowed: a file that can be read")
        }
        return false
    }

    // MARK: Listeners

    mutating func listeners(_ node: SettingNode, into settings: inout Settings) {
        for member in members(of: node, named: "listen", allowed: ["api", "console"]) {
            let path: WritableKeyPath<Settings, Settings.Listener> = member.name == "api" ? \.api : \.console
            settings[keyPath: path] =
                listener(member.node, "listen.\(member.name)", settings[keyPath: path]) ?? settings[keyPath: path]
        }
        if settings.api.port != 0, settings.api.host == settings.console.host,
            settings.api.port == settings.console.port
        {
            mistake(node.place, "listen has \(settings.api.address) twice; allowed: another port for each")
        }
    }

    private mutating func listener(
        _ node: SettingNode, _ name: String, _ standard: Settings.Listener
    ) -> Settings.Listener? {
        var listener = standard
        guard case .section = node.value else { return bind(node, name) }
        for member in members(of: node, named: name, allowed: ["address", "tls"]) {
            if member.name == "address" {
                guard let bound = bind(member.node, "\(name).address") else { continue }
                listener.host = bound.host
                listener.port = bound.port
            } else if case .scalar("in_front", isNull: false) = member.node.value {
                listener.isBehindTLS = true
            } else {
                listener.tls = tls(member.node, "\(name).tls")
            }
        }
        return listener
    }

    private mutating func bind(_ node: SettingNode, _ name: String) -> Settings.Listener? {
        let allowed = "an address and port such as 127.0.0.1:8400 or [::1]:8400"
        guard let text = scalar(node, name, allowed: allowed) else { return nil }
        if let (host, port) = HostForm.split(text, defaultPort: nil) {
            return Settings.Listener(host: host, port: port)
        }
        mistake(node.place, "\(name) is `\(text)`; allowed: \(allowed)")
        return nil
    }

    private mutating func tls(_ node: SettingNode, _ name: String) -> Settings.Listener.TLS? {
        var files: [String: String] = [:]
        let count = mistakes.count
        for member in members(of: node, named: name, allowed: ["certificate", "key"]) {
            files[member.name] = file(member.node, "\(name).\(member.name)")
        }
        if let certificate = files["certificate"], let key = files["key"] {
            return Settings.Listener.TLS(certificate: certificate, key: key)
        }
        if mistakes.count == count {
            mistake(node.place, "\(name) lacks a file; allowed: both `certificate` and `key`, as PEM files")
        }
        return nil
    }
}
