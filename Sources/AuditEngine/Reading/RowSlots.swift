/// Where the fields of one row lie in its bytes.
struct RowSlots {
    /// What form a value has.
    enum Form: UInt8 {
        case absent = 0
        case plain
        /// JSON text with a backslash in it.
        case escaped
        /// A CSV cell with doubled quotes.
        case doubled
        case number
        case isTrue
        case isFalse
        case object
        case array
    }

    struct Slot {
        var start: Int32
        var end: Int32
        var form: Form
        /// The place of the name among the field's names: the earlier one wins.
        var rank: UInt8
    }

    private static let absent = Slot(start: 0, end: 0, form: .absent, rank: .max)
    private var slots: [Slot] = Array(repeating: Self.absent, count: Field.count)
    /// Which mark parts decimals, and whether dates begin with the day.
    var mark: Decimal.Mark = .point
    var dayFirst = false

    mutating func clear() {
        for index in slots.indices { slots[index] = Self.absent }
    }

    mutating func set(_ field: Field, _ start: Int, _ end: Int, _ form: Form, rank: UInt8) {
        let index = Int(field.rawValue)
        guard rank <= slots[index].rank, start < end || form == .object else { return }
        slots[index] = Slot(start: Int32(start), end: Int32(end), form: form, rank: rank)
    }

    mutating func unset(_ field: Field) { slots[Int(field.rawValue)] = Self.absent }

    func has(_ field: Field) -> Bool { slots[Int(field.rawValue)].form != .absent }
    func form(_ field: Field) -> Form { slots[Int(field.rawValue)].form }

    func range(_ field: Field) -> Range<Int> {
        let slot = slots[Int(field.rawValue)]
        return Int(slot.start)..<Int(slot.end)
    }

    func count(_ field: Field, _ row: Span<UInt8>) -> Int64? {
        guard has(field) else { return nil }
        return Decimal.count(row.extracting(range(field)), mark: mark(field))
    }

    func scaled(_ field: Field, _ row: Span<UInt8>) -> Int128? {
        guard has(field) else { return nil }
        return Decimal.scaled(row.extracting(range(field)), mark: mark(field))
    }

    func moment(_ field: Field, _ row: Span<UInt8>) -> Int64? {
        guard has(field) else { return nil }
        return Timestamp.microseconds(row.extracting(range(field)), dayFirst: dayFirst)
    }

    /// The value as text, its escapes resolved.
    func bytes(_ field: Field, _ row: Span<UInt8>) -> [UInt8] {
        guard has(field) else { return [] }
        return Unescaped.bytes(row.extracting(range(field)), form(field))
    }

    /// Whether the value is this word, in any case.
    func matches(_ field: Field, _ word: StaticString, _ row: Span<UInt8>) -> Bool {
        guard has(field) else { return false }
        let range = range(field)
        let letters = text(word)
        guard range.count == letters.count else { return false }
        for (index, letter) in letters.enumerated() where row[range.lowerBound + index] | 0x20 != letter | 0x20 {
            return false
        }
        return true
    }

    /// `true`, `1` or the word itself.
    func isTrue(_ field: Field, _ row: Span<UInt8>) -> Bool {
        form(field) == .isTrue || matches(field, "true", row) || matches(field, "1", row)
    }

    private func mark(_ field: Field) -> Decimal.Mark { form(field) == .number ? .point : mark }
}

/// Text without the escapes of its form.
enum Unescaped {
    static func bytes(_ raw: Span<UInt8>, _ form: RowSlots.Form) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(raw.count)
        var at = 0
        while at < raw.count {
            let byte = raw[at]
            at += 1
            if form == .doubled, byte == 0x22, at < raw.count, raw[at] == 0x22 { at += 1 }
            if form == .escaped, byte == 0x5c, at < raw.count { escape(raw, &at, &out) } else { out.append(byte) }
        }
        return out
    }

    private static func escape(_ raw: Span<UInt8>, _ at: inout Int, _ out: inout [UInt8]) {
        let byte = raw[at]
        at += 1
        switch byte {
        case 0x6e: out.append(0x0a)
        case 0x74: out.append(0x09)
        case 0x72: out.append(0x0d)
        case 0x62: out.append(0x08)
        case 0x66: out.append(0x0c)
        case 0x75:
            guard var value = hex(raw, at) else { return out.append(0x3f) }
            at += 4
            if value >= 0xd800, value < 0xdc00, at + 1 < raw.count, raw[at] == 0x5c, raw[at + 1] == 0x75,
                let low = hex(raw, at + 2), low >= 0xdc00, low < 0xe000
            {
                value = 0x1_0000 + (value - 0xd800) << 10 + (low - 0xdc00)
                at += 6
            }
            append(value, &out)
        default: out.append(byte)
        }
    }

    private static func append(_ value: UInt32, _ out: inout [UInt8]) {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (value >> shift & 0x3f)) }
        switch value {
        case ..<0x80: out.append(UInt8(value))
        case ..<0x800: out += [UInt8(0xc0 | value >> 6), tail(0)]
        case 0xd800..<0xe000: out += [0xef, 0xbf, 0xbd]
        case ..<0x1_0000: out += [UInt8(0xe0 | value >> 12), tail(6), tail(0)]
        default: out += [UInt8(0xf0 | value >> 18), tail(12), tail(6), tail(0)]
        }
    }

    private static func hex(_ raw: Span<UInt8>, _ at: Int) -> UInt32? {
        guard at + 4 <= raw.count else { return nil }
        var value: UInt32 = 0
        for place in at..<at + 4 {
            let byte = raw[place]
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32((byte | 0x20) - 0x57)
            default: return nil
            }
        }
        return value
    }
}
