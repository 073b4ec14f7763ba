/// A provider's base address, taken apart: `https://api.openai.com/v1`.
struct BaseAddress: Equatable, Sendable {
    var isSecure: Bool
    /// Lower case, without brackets.
    var host: String
    var port: Int
    /// Empty or `/v1`, without a slash at its end.
    var path: String

    /// What stands in a `host` header.
    var authority: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        let standard = port == (isSecure ? 443 : 80)
        return shown + (standard ? "" : ":\(port)")
    }

    var text: String { (isSecure ? "https://" : "http://") + authority + path }

    /// Whether the host is this machine by its written form; names are not looked up.
    var isLoopback: Bool { HostForm.isLoopback(host) }

    init(isSecure: Bool, host: String, port: Int, path: String) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }

    /// Reads an address. The error says what is wrong with it and never quotes it: it could hold a password.
    init(_ text: String) throws(Wrong) {
        let rest: Substring
        if text.hasPrefix("https://") {
            isSecure = true
            rest = text.dropFirst(8)
        } else if text.hasPrefix("http://") {
            isSecure = false
            rest = text.dropFirst(7)
        } else {
            throw .scheme
        }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x5c }) else { throw .characters }
        guard !rest.contains("?"), !rest.contains("#") else { throw .query }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw .userinfo }
        guard let (host, port) = HostForm.split(String(authority), defaultPort: isSecure ? 443 : 80) else {
            throw .host
        }
        self.host = host
        self.port = port
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else { throw .characters }
        self.path = path
    }

    enum Wrong: Error {
        case scheme
        case userinfo
        case query
        case host
        case characters

        var text: String {
            switch self {
            case .scheme: "has no scheme; allowed: an address that begins with https:// or http://"
            case .userinfo: "holds a user or password; allowed: only host, port and path, the key goes under `key`"
            case .query: "has a query or fragment; allowed: only scheme, host, port and path"
            case .host: "has no valid host and port; allowed: such as https://api.openai.com/v1"
            case .characters: "has characters that an address cannot have; allowed: such as https://api.openai.com/v1"
            }
        }
    }
}

/// Hosts and ports as written.
enum HostForm {
    /// `host:port`, `[::1]:port`, or `host` alone when there is a default.
    static func split(_ text: String, defaultPort: Int?) -> (host: String, port: Int)? {
        var host: Substring
        var rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text.dropFirst(host.count)
            guard host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }),
                !host.hasPrefix("."), !host.hasPrefix("-")
            else { return nil }
        }
        guard !host.isEmpty, host.utf8.count <= 253 else { return nil }
        if rest.isEmpty { return defaultPort.map { (host.lowercased(), $0) } }
        guard rest.removeFirst() == ":", rest.count <= 5, rest.allSatisfy({ $0.isASCII && $0.isNumber }),
            let port = Int(rest), (0...65535).contains(port)
        else { return nil }
        return (host.lowercased(), port)
    }

    /// An address in digits, which no certificate names.
    static func isNumeric(_ host: String) -> Bool {
        host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host.hasSuffix(".localhost") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
