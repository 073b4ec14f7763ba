/// Reads one JSON object: notes where the members that mean something lie, and passes over all else.
enum JSONRow {
    static let depthLimit = 64

    /// Whether the bytes are one object and nothing after it; `slots` then holds its fields.
    static func read(_ row: Span<UInt8>, _ names: NameLookup, into slots: inout RowSlots) -> Bool {
        read(row, 0..<row.count, names, into: &slots)
    }

    static func read(
        _ row: Span<UInt8>, _ range: Range<Int>, _ names: NameLookup, into slots: inout RowSlots
    ) -> Bool {
        let bytes = row.extracting(0..<range.upperBound)
        var at = range.lowerBound
        JSONScan.white(bytes, &at)
        guard at < bytes.count, bytes[at] == 0x7b else { return false }
        guard object(bytes, &at, NameHash.start, 0, names, &slots) else { return false }
        JSONScan.white(bytes, &at)
        return at == bytes.count
    }

    private static func object(
        _ bytes: Span<UInt8>, _ at: inout Int, _ parent: UInt64, _ depth: Int, _ names: NameLookup,
        _ slots: inout RowSlots
    ) -> Bool {
        at += 1
        JSONScan.white(bytes, &at)
        if at < bytes.count, bytes[at] == 0x7d {
            at += 1
            return true
        }
        while true {
            guard let hash = JSONScan.name(bytes, &at, parent, nested: depth > 0), at < bytes.count else {
                return false
            }
            let start = at
            switch names.meaning(hash) {
            case .container where bytes[at] == 0x7b:
                guard object(bytes, &at, hash, depth + 1, names, &slots) else { return false }
            case .field(let field, let rank):
                guard let form = JSONScan.value(bytes, &at) else { return false }
                let isText = bytes[start] == 0x22
                if form != .absent {
                    slots.set(field, isText ? start + 1 : start, isText ? at - 1 : at, form, rank: rank)
                }
            default:
                guard JSONScan.value(bytes, &at) != nil else { return false }
            }
            guard let goesOn = JSONScan.comma(bytes, &at, close: 0x7d) else { return false }
            if !goesOn { return true }
        }
    }

    /// Hashes of all names in an object, nested ones too, and those of the first object in each array.
    static func names(_ row: Span<UInt8>) -> [UInt64] {
        var found: [UInt64] = []
        var at = 0
        JSONScan.white(row, &at)
        if at < row.count, row[at] == 0x7b { _ = collect(row, &at, NameHash.start, 0, &found) }
        return found
    }

    private static func collect(
        _ bytes: Span<UInt8>, _ at: inout Int, _ parent: UInt64, _ depth: Int, _ found: inout [UInt64]
    ) -> Bool {
        at += 1
        JSONScan.white(bytes, &at)
        if at < bytes.count, bytes[at] == 0x7d {
            at += 1
            return true
        }
        while found.count < 400 {
            guard let hash = JSONScan.name(bytes, &at, parent, nested: depth > 0), at < bytes.count else {
                return false
            }
            found.append(hash)
            let start = at
            if bytes[at] == 0x7b, depth < 4 {
                guard collect(bytes, &at, hash, depth + 1, &found) else { return false }
            } else {
                guard let form = JSONScan.value(bytes, &at) else { return false }
                if form == .array, depth < 2 {
                    var inner = start + 1
                    JSONScan.white(bytes, &inner)
                    if bytes[inner] == 0x7b { _ = collect(bytes, &inner, hash, depth + 1, &found) }
                }
            }
            guard let goesOn = JSONScan.comma(bytes, &at, close: 0x7d) else { return false }
            if !goesOn { return true }
        }
        return false
    }
}

/// The grammar of JSON, without building anything.
enum JSONScan {
    @inline(__always)
    static func white(_ bytes: Span<UInt8>, _ at: inout Int) {
        while at < bytes.count, bytes[at] <= 0x20,
            bytes[at] == 0x20 || bytes[at] == 0x0a || bytes[at] == 0x0d || bytes[at] == 0x09
        {
            at += 1
        }
    }

    /// A member's name and colon; the hash goes on from its parent's. `at` then stands at the value.
    static func name(_ bytes: Span<UInt8>, _ at: inout Int, _ parent: UInt64, nested: Bool) -> UInt64? {
        guard at < bytes.count, bytes[at] == 0x22 else { return nil }
        at += 1
        var hash = nested ? NameHash.next(parent, 0x2e) : parent
        while at < bytes.count, bytes[at] != 0x22 {
            if bytes[at] == 0x5c { at += 1 }
            guard at < bytes.count else { return nil }
            hash = NameHash.next(hash, bytes[at] == 0x2e ? 0x5f : bytes[at])
            at += 1
        }
        at += 1
        white(bytes, &at)
        guard at < bytes.count, bytes[at] == 0x3a else { return nil }
        at += 1
        white(bytes, &at)
        return hash
    }

    /// After a value: `true` at a comma, `false` at the closing mark, which it passes.
    static func comma(_ bytes: Span<UInt8>, _ at: inout Int, close: UInt8) -> Bool? {
        white(bytes, &at)
        guard at < bytes.count else { return nil }
        let byte = bytes[at]
        at += 1
        if byte == close { return false }
        guard byte == 0x2c else { return nil }
        white(bytes, &at)
        return true
    }

    /// Passes a value and tells its form; `.absent` for null, `nil` for what is not JSON.
    static func value(_ bytes: Span<UInt8>, _ at: inout Int) -> RowSlots.Form? {
        guard at < bytes.count else { return nil }
        switch bytes[at] {
        case 0x22: return string(bytes, &at)
        case 0x7b: return nest(bytes, &at) ? .object : nil
        case 0x5b: return nest(bytes, &at) ? .array : nil
        case 0x74: return word(bytes, &at, "true") ? .isTrue : nil
        case 0x66: return word(bytes, &at, "false") ? .isFalse : nil
        case 0x6e: return word(bytes, &at, "null") ? .absent : nil
        default: return number(bytes, &at) ? .number : nil
        }
    }

    static func string(_ bytes: Span<UInt8>, _ at: inout Int) -> RowSlots.Form? {
        at += 1
        var form = RowSlots.Form.plain
        while true {
            at = ByteSearch.quoteOrBackslash(in: bytes, from: at)
            guard at < bytes.count else { return nil }
            if bytes[at] == 0x22 {
                at += 1
                return form
            }
            form = .escaped
            at += 2
        }
    }

    /// Passes an object or array: brackets and strings are read, the rest is only passed.
    private static func nest(_ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
        var open: [UInt8] = []
        while at < bytes.count {
            switch bytes[at] {
            case 0x22:
                guard string(bytes, &at) != nil else { return false }
                continue
            case 0x7b, 0x5b:
                guard open.count < 512 else { return false }
                open.append(bytes[at] + 2)
            case 0x7d, 0x5d:
                guard open.last == bytes[at] else { return false }
                open.removeLast()
                if open.isEmpty {
                    at += 1
                    return true
                }
            default: break
            }
            at += 1
        }
        return false
    }

    private static func word(_ bytes: Span<UInt8>, _ at: inout Int, _ word: StaticString) -> Bool {
        let letters = text(word)
        guard at + letters.count <= bytes.count else { return false }
        for (index, letter) in letters.enumerated() where bytes[at + index] != letter { return false }
        at += letters.count
        return true
    }

    private static func number(_ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
        let start = at
        if at < bytes.count, bytes[at] == 0x2d { at += 1 }
        let whole = at
        digits(bytes, &at)
        guard at > whole, bytes[whole] != 0x30 || at == whole + 1 else { return false }
        if at < bytes.count, bytes[at] == 0x2e {
            at += 1
            let fraction = at
            digits(bytes, &at)
            if at == fraction { return false }
        }
        if at < bytes.count, bytes[at] | 0x20 == 0x65 {
            at += 1
            if at < bytes.count, bytes[at] == 0x2b || bytes[at] == 0x2d { at += 1 }
            let exponent = at
            digits(bytes, &at)
            if at == exponent { return false }
        }
        return at > start
    }

    private static func digits(_ bytes: Span<UInt8>, _ at: inout Int) {
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
    }
}
