extension SettingsReader {
    mutating func limits(_ node: SettingNode) -> Settings.Limits {
        let times: [(String, WritableKeyPath<Settings.Limits, Int64>)] = [
            ("header_time", \.headerTime), ("idle", \.idle), ("write_stall", \.writeStall),
            ("upstream_connect", \.upstreamConnect), ("upstream_first_byte", \.upstreamFirstByte),
            ("upstream_silence", \.upstreamSilence), ("upstream_total", \.upstreamTotal), ("queue_time", \.queueTime),
        ]
        var limits = Settings.Limits()
        for member in members(of: node, named: "limits", allowed: Self.limitNames + times.map(\.0)) {
            let name = "limits.\(member.name)"
            switch member.name {
            case "body": limits.body = size(member.node, name, 1024...(1 << 30)) ?? limits.body
            case "connections":
                limits.connections = whole(member.node, name, 1...1_000_000) ?? limits.connections
            case "connections_per_address":
                limits.connectionsPerAddress = whole(member.node, name, 1...1_000_000) ?? limits.connectionsPerAddress
            case "queue": limits.queue = whole(member.node, name, 0...10_000) ?? limits.queue
            case "retries": limits.retryPercent = percent(member.node, name, of: "requests") ?? limits.retryPercent
            default:
                guard let path = times.first(where: { $0.0 == member.name })?.1 else { continue }
                limits[keyPath: path] = duration(member.node, name) ?? limits[keyPath: path]
            }
        }
        return limits
    }

    private static let limitNames = ["body", "connections", "connections_per_address", "queue", "retries"]

    /// A whole number of percent.
    mutating func percent(_ node: SettingNode, _ name: String, of whole: String) -> Int? {
        let allowed = "a share of \(whole) from 0% to 100%, such as 10%"
        guard let text = scalar(node, name, allowed: allowed) else { return nil }
        if text.hasSuffix("%"), let number = Int(text.dropLast()), (0...100).contains(number) { return number }
        mistake(node.place, "\(name) is `\(text)`; allowed: \(allowed)")
        return nil
    }
}
