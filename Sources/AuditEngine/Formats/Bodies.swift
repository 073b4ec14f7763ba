import Vocabulary

extension AuditEngine {
    /// Hashes what was asked, where the file holds it: of the whole, and of its beginnings in steps of 2 KiB. White space
    /// outside strings does not count. The words themselves are read once and not kept.
    func body(_ row: Span<UInt8>, _ out: inout UsageRow) {
        if slots.has(.session) {
            var trace = SipHash(key)
            trace.add(row.extracting(slots.range(.session)))
            out.trace = trace.value
        }
        guard slots.has(.body), slots.range(.body).count > 8 else { return }
        let form = slots.form(.body)
        if form == .doubled || form == .escaped {
            let bytes = slots.bytes(.body, row)
            hash(bytes.span, &out)
        } else {
            hash(row.extracting(slots.range(.body)), &out)
        }
        if slots.has(.parameters) {
            let parameters = slots.bytes(.parameters, row)
            out.isDeterministic = Self.hasZeroTemperature(parameters.span)
        }
    }

    private func hash(_ bytes: Span<UInt8>, _ out: inout UsageRow) {
        var hash = SipHash(key)
        hash.add(UInt64(UInt32(bitPattern: out.model)))
        var inString = false
        var isEscaped = false
        var length = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if isEscaped {
                isEscaped = false
            } else if byte == 0x5c {
                isEscaped = inString
            } else if byte == 0x22 {
                inString.toggle()
            } else if !inString, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
                continue
            }
            hash.add(byte)
            length += 1
            if length % 2048 == 0, out.prefixes.count < 128 { out.prefixes.append(hash.value) }
        }
        out.bodyHash = hash.value
        out.bodyLength = length
        out.isDeterministic = Self.hasZeroTemperature(bytes)
    }

    /// Whether `"temperature":0` stands in the text.
    private static func hasZeroTemperature(_ bytes: Span<UInt8>) -> Bool {
        let marker = Marker("temperature")
        var from = 0
        while from + marker.bytes.count < bytes.count {
            guard ByteSearch.contains(marker, in: bytes, from: from, to: bytes.count) else { return false }
            from = ByteSearch.first(0x22, in: bytes, from: from)
            var isHere = from + marker.bytes.count < bytes.count
            for (index, byte) in marker.bytes.enumerated() where isHere && bytes[from + index] != byte {
                isHere = false
            }
            if !isHere {
                from += 1
                continue
            }
            var at = from + marker.bytes.count
            JSONScan.white(bytes, &at)
            if at < bytes.count, bytes[at] == 0x3a { at += 1 }
            JSONScan.white(bytes, &at)
            let start = at
            while at < bytes.count, bytes[at] == 0x2e || bytes[at] >= 0x30 && bytes[at] <= 0x39 { at += 1 }
            return at > start && Decimal.scaled(bytes.extracting(start..<at)) == 0
        }
        return false
    }

    /// Langfuse's maps of usage and cost, whose keys are free: input is what says "input", output what says "output".
    mutating func details(_ row: Span<UInt8>, _ out: inout UsageRow) {
        if slots.has(.usageDetails) {
            let json = slots.bytes(.usageDetails, row)
            var plain: Int64 = 0
            var answer: Int64 = 0
            var total: Int64 = 0
            entries(json.span) { name, value in
                let count = max(0, Decimal.count(value) ?? 0)
                if name == text("total") {
                    total = count
                } else if Self.has(name, "output") {
                    if Self.has(name, "reasoning") { out.usage[.reasoning] = count }
                    answer += count
                } else if Self.has(name, "input") {
                    if Self.has(name, "cache_creation") || Self.has(name, "cache_write") {
                        out.usage[.cacheWrite5m] += count
                    } else if Self.has(name, "cache") {
                        out.usage[.cacheRead] += count
                    } else if Self.has(name, "audio") {
                        out.usage[.inputAudio] += count
                    } else {
                        plain += count
                    }
                }
            }
            out.usage[.input] = plain
            out.usage[.output] = answer
            if out.usage.isEmpty { out.usage[.input] = total }
        }
        if out.billed == nil, slots.has(.costDetails) {
            let json = slots.bytes(.costDetails, row)
            var sum: Int128?
            entries(json.span) { name, value in
                if name == text("total") { sum = Decimal.scaled(value) }
            }
            out.billed = sum
        }
        out.billed = out.billed == 0 && !out.usage.isEmpty ? nil : out.billed
    }

    private func entries(_ json: Span<UInt8>, _ body: ([UInt8], Span<UInt8>) -> Void) {
        var at = 0
        JSONScan.white(json, &at)
        guard at < json.count, json[at] == 0x7b else { return }
        at += 1
        JSONScan.white(json, &at)
        while at < json.count, json[at] == 0x22 {
            let start = at + 1
            guard JSONScan.name(json, &at, NameHash.start, nested: false) != nil else { return }
            var name: [UInt8] = []
            for index in start..<json.count {
                if json[index] == 0x22 { break }
                name.append(json[index])
            }
            let value = at
            guard let form = JSONScan.value(json, &at) else { return }
            if form == .number { body(name, json.extracting(value..<at)) }
            guard JSONScan.comma(json, &at, close: 0x7d) == true else { return }
        }
    }

    static func has(_ name: [UInt8], _ part: StaticString) -> Bool {
        let letters = text(part)
        guard name.count >= letters.count else { return false }
        for start in 0...(name.count - letters.count) {
            var isHere = true
            for (index, letter) in letters.enumerated() where name[start + index] | 0x20 != letter | 0x20 {
                isHere = false
                break
            }
            if isHere { return true }
        }
        return false
    }
}
