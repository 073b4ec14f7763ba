/// Whether a request comes from our own pages (CONTROL 4.4): a value, so that every case stands in a table.
struct OriginCheck: Sendable {
    /// `https://console.example`, where the operator named it; empty otherwise.
    let publicAddress: String

    /// Whether the console answers to this name. A page elsewhere that points its own name here is not answered, so it
    /// cannot read: names of this machine, addresses in numbers, and the operator's own.
    func isOurs(host: String) -> Bool {
        let name = Self.name(host)
        if name == "localhost" || name.hasPrefix("[") { return true }
        if name.split(separator: ".").count == 4, name.allSatisfy({ $0 == "." || ("0"..."9").contains($0) }) {
            return true
        }
        return !publicAddress.isEmpty && publicAddress == "https://\(host)" || publicAddress == "http://\(host)"
    }

    /// Whether an unsafe request was sent by a page of ours. A browser says so in one field or both; who says nothing is no
    /// browser, and has the interface with a bearer.
    func isSameOrigin(host: String, origin: String?, fetchSite: String?) -> Bool {
        if let fetchSite, fetchSite != "same-origin" { return false }
        if let origin {
            if !publicAddress.isEmpty, origin == publicAddress { return true }
            return origin == "http://\(host)" || origin == "https://\(host)"
        }
        return fetchSite != nil
    }

    /// Where to go next, of what a link says: a path of ours, or the first page. Nothing that leaves (open redirect).
    static func path(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.first == 0x2f, bytes.count < 512, bytes.count == 1 || (bytes[1] != 0x2f && bytes[1] != 0x5c),
            bytes.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x5c })
        else { return "/" }
        return text
    }

    private static func name(_ host: String) -> Substring {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return host[...end] }
        return host.prefix { $0 != ":" }
    }
}
