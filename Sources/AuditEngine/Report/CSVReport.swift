import Vocabulary

extension AuditReport {
    /// One line a group of every dimension, as CSV (RFC 4180). Cells that a spreadsheet would run are led by an apostrophe.
    public func csv() -> [UInt8] {
        var out = text("dimension,name,requests,input_tokens,cache_read_tokens,output_tokens,cost_usd\r\n")
        for dimension in AuditDimension.allCases {
            for group in groups(by: dimension) {
                out += text(dimension.word) + [0x2c] + Self.cell(group.name) + [0x2c]
                for count in [group.requests, group.inputTokens, group.cachedTokens, group.outputTokens] {
                    out += digits(count) + [0x2c]
                }
                out += Self.exactUSD(group.cost) + [0x0d, 0x0a]
            }
        }
        out += text("total,,") + digits(requests) + text(",,,,") + Self.exactUSD(cost) + [0x0d, 0x0a]
        return out
    }

    /// USD with twelve decimals.
    static func exactUSD(_ atto: Int128) -> [UInt8] {
        let value = pico(atto)
        let magnitude = value < 0 ? -value : value
        return (value < 0 ? [0x2d] : []) + digits(magnitude / 1_000_000_000_000) + [0x2e]
            + padded(Int64(magnitude % 1_000_000_000_000), 12)
    }

    private static func cell(_ name: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x22]
        if let first = name.first, [0x3d, 0x2b, 0x2d, 0x40, 0x09].contains(first) { out.append(0x27) }
        for byte in name {
            if byte == 0x22 { out.append(0x22) }
            out.append(byte)
        }
        return out + [0x22]
    }
}
