public import Vocabulary

/// The written form of a key's scope: lists with commas.
public enum ScopeText {
    /// Of endpoints: their paths, such as `/v1/chat/completions`.
    public static func endpoints(_ text: String) -> [Endpoint]? {
        all(text) { word in
            Endpoint.allCases.first { $0 != .unknown && "\($0.template)" == word }
        }
    }

    /// Names of models or aliases; `*` at the end stands for any rest.
    public static func models(_ text: String) -> [[UInt8]]? {
        all(text) { word in
            let bytes = Array(word.utf8)
            let name = bytes.last == 0x2a ? bytes.dropLast() : bytes[...]
            return name.isEmpty && bytes.last != 0x2a || !(name.isEmpty || ModelName.isValid(name)) ? nil : bytes
        }
    }

    /// Addresses with or without the length of their prefix: `10.0.0.0/8,2001:db8::/32,192.0.2.7`.
    public static func networks(_ text: String) -> [Network]? { all(text, network) }

    public static func text(_ endpoints: [Endpoint]) -> String {
        endpoints.map { "\($0.template)" }.joined(separator: ",")
    }

    public static func text(_ models: [[UInt8]]) -> String {
        models.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",")
    }

    public static func text(_ networks: [Network]) -> String { networks.map(\.text).joined(separator: ",") }

    private static func all<Value>(_ text: String, _ read: (String) -> Value?) -> [Value]? {
        var values: [Value] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = read(word.trimmed) else { return nil }
            values.append(value)
        }
        return values
    }

    private static func network(_ text: String) -> Network? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ Network.address(String($0)) }) else { return nil }
        let isV4 = !parts[0].contains(":")
        let whole = isV4 ? 32 : 128
        guard parts.count == 1 || (1...3).contains(parts[1].utf8.count) else { return nil }
        guard let length = parts.count == 2 ? Int(parts[1]) : whole, (0...whole).contains(length) else { return nil }
        let network = Network(address: address, prefix: isV4 ? length + 96 : length)
        // 10.0.0.1/8 says two things.
        return network.address == address ? network : nil
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}

extension Network {
    /// Reads `192.0.2.7` or `2001:db8::1`; `nil` for anything else.
    static func address(_ text: String) -> Address? {
        if !text.contains(":") { return v4Number(text).map(v4) }
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        func groups(_ part: Substring) -> [UInt16]? {
            if part.isEmpty { return [] }
            var out: [UInt16] = []
            for group in part.split(separator: ":", omittingEmptySubsequences: false) {
                guard (1...4).contains(group.utf8.count), let value = UInt16(group, radix: 16) else { return nil }
                out.append(value)
            }
            return out
        }
        guard let head = groups(halves[0]), let tail = groups(halves.count == 2 ? halves[1] : "") else { return nil }
        let missing = 8 - head.count - tail.count
        guard halves.count == 2 ? missing >= 1 : missing == 0 else { return nil }
        return (head + Array(repeating: 0, count: max(0, missing)) + tail).reduce(0) { $0 << 16 | Address($1) }
    }

    private static func v4Number(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt8(part), part == "0" || part.first != "0"
            else { return nil }
            value = value << 8 | UInt32(number)
        }
        return value
    }

    var text: String {
        if address >> 32 == 0xffff, prefix >= 96 {
            let bytes = (0..<4).map { String(UInt8(truncatingIfNeeded: address >> Address(24 - $0 * 8))) }
            return bytes.joined(separator: ".") + (prefix == 128 ? "" : "/\(prefix - 96)")
        }
        let groups = (0..<8).map { String(UInt16(truncatingIfNeeded: address >> Address(112 - $0 * 16)), radix: 16) }
        return groups.joined(separator: ":") + (prefix == 128 ? "" : "/\(prefix)")
    }
}
