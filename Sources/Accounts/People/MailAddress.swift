/// A mail address as accounts have it: small letters, ASCII, at most 254 bytes. It becomes a line of a mail, so nothing
/// stands in it that could end one.
public struct MailAddress: Hashable, Sendable {
    public let text: String

    /// `nil` for what is no address.
    public init?(_ text: String) {
        var bytes = Array(text.utf8)
        while bytes.last == 0x20 { bytes.removeLast() }
        while bytes.first == 0x20 { bytes.removeFirst() }
        guard (3...254).contains(bytes.count) else { return nil }
        let parts = bytes.split(separator: 0x40, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count),
            parts[1].contains(0x2e) || parts[1].elementsEqual("localhost".utf8)
        else { return nil }
        let local = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-".utf8)
        let host = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-".utf8)
        guard parts[0].allSatisfy(local.contains), parts[1].allSatisfy(host.contains),
            parts[1].split(separator: 0x2e, omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty })
        else { return nil }
        self.text = String(decoding: bytes, as: UTF8.self).lowercased()
    }
}
