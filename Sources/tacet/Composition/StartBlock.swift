import Vocabulary

/// The words at start: one calm block on a terminal.
struct StartBlock {
    var api: String
    var console: String
    var data: String
    var profile: ProfileID
    var providers: [Settings.Provider]
    var notes: [String] = []
    /// A fresh key and nothing else configured: the demonstration.
    var demoKey: String?
    /// Makes the first account, once.
    var setUpSecret: String?

    var text: String {
        var lines = ["", "  Tacet \(Version.text) keeps silent.", ""]
        lines.append("  API      \(api)/v1")
        lines.append(
            "  Console  \(console)/" + (setUpSecret.map { "set-up/\($0)   makes the first account, once" } ?? ""))
        lines.append("  Data     \(data)")
        lines.append("  Profile  \(profile.name)")
        for (index, provider) in providers.enumerated() {
            lines.append((index == 0 ? "  Provider " : "           ") + provider.name + "  " + provider.base.text)
        }
        lines.append(
            (providers.isEmpty ? "  Provider " : "           ") + "sandbox  built in, deterministic, not a model")
        for note in notes { lines.append("  Note     \(note)") }
        if let key = demoKey {
            lines += ["", "  A fresh key, valid while this demo runs. Paste this into another terminal:", ""]
            lines += [Self.curl(api: api, key: key), ""]
        } else {
            lines += ["", "  Make a key with: tacet keys create --name my-app", ""]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line, so that it survives any paste.
    static func curl(api: String, key: String) -> String {
        "curl \(api)/v1/chat/completions -H 'authorization: Bearer \(key)' -H 'content-type: application/json' "
            + #"-d '{"model":"sandbox/echo","messages":[{"role":"user","content":"Hello, Tacet"}]}'"#
    }
}

enum Version {
    static let text = "0.1.0"
}
