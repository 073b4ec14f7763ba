/// The words of one language and how it writes numbers, read from `key = phrase` lines: the audit's
/// in `Browser/Languages`, the console's and the legal pages' in `Languages`.
///
/// In a phrase `{0}` is the first value; `{0|# row|# rows}` chooses a form by the first value's count, in which `#` is
/// the count. Forms are one, other and many (French and Spanish: whole millions); a language without plurals has one form.
public struct Catalogue: Sendable {
    private enum Plural {
        /// One is singular.
        case one
        /// None and one are singular.
        case french
        case none
    }

    private var phrases: [[UInt8]: [UInt8]] = [:]
    private var plural = Plural.one
    private var group: [UInt8] = [0x2c]
    private var groupedFrom: Int64 = 1000
    private var decimal: [UInt8] = [0x2e]
    private var months: [[UInt8]] = []
    /// The language's code, as `html lang` takes it.
    public let code: [UInt8]

    /// Without a phrase yet.
    public init(code: [UInt8]) { self.code = code }

    public init(_ source: Span<UInt8>, code: [UInt8]) {
        self.init(code: code)
        add(source)
    }

    /// Reads a text of the language; lines without ` = ` are passed over.
    public mutating func add(_ source: Span<UInt8>) {
        var line: [UInt8] = []
        for index in 0...source.count {
            let byte = index < source.count ? source[index] : 0x0a
            if byte != 0x0a {
                line.append(byte)
                continue
            }
            if let equals = line.firstIndex(of: 0x3d), equals > 1, line[equals - 1] == 0x20, line.first != 0x23 {
                phrases[Array(line[..<(equals - 1)])] = Array(line[(equals + 1)...].drop { $0 == 0x20 })
            }
            line.removeAll(keepingCapacity: true)
        }
        let rule = phrases[bytes("style.plural")]
        plural = rule == bytes("french") ? .french : rule == bytes("none") ? .none : .one
        group = phrases[bytes("style.group")] ?? group
        decimal = phrases[bytes("style.decimal")] ?? decimal
        if let least = phrases[bytes("style.grouped_from")] {
            groupedFrom = least.reduce(0) { $0 * 10 + Int64($1 &- 0x30) }
        }
        months = (phrases[bytes("style.months")] ?? []).split(separator: 0x20).map { Array($0) }
    }

    /// The sentence in this language; its key where the catalogue lacks it, which a test rules out.
    public func sentence(_ phrase: Phrase) -> [UInt8] { sentence(phrase.key, phrase.values) }

    public func sentence(_ key: StaticString, _ values: [PhraseValue] = []) -> [UInt8] {
        sentence(named: bytes(key), values)
    }

    /// As `sentence`, for a key that is put together.
    public func sentence(named key: [UInt8], _ values: [PhraseValue] = []) -> [UInt8] {
        filled(phrases[key] ?? key, values)
    }

    public func word(_ prefix: StaticString, _ word: StaticString, _ suffix: StaticString = "") -> [UInt8] {
        let key = bytes(prefix) + bytes(word) + bytes(suffix)
        return phrases[key] ?? key
    }

    /// Sentences one after another.
    public func sentences(_ sentences: [Phrase]) -> [UInt8] {
        var out: [UInt8] = []
        for sentence in sentences {
            let next = self.sentence(sentence)
            out = out.isEmpty ? next : joined("style.sentence", out, next)
        }
        return out
    }

    public func joined(_ style: StaticString, _ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        sentence(style, [.name(first), .name(second)])
    }

    /// `1,234,567` as the language groups it.
    public func number(_ value: Int64) -> [UInt8] {
        let all = Self.digits(value.magnitude)
        var out: [UInt8] = value < 0 ? [0x2d] : []
        let isGrouped = value >= groupedFrom || value <= -groupedFrom
        for (place, byte) in all.enumerated() {
            if isGrouped, place > 0, (all.count - place) % 3 == 0 { out += group }
            out.append(byte)
        }
        return out
    }

    private static func digits(_ value: UInt64, least: Int = 1) -> [UInt8] {
        var out: [UInt8] = []
        var rest = value
        while rest > 0 || out.count < least {
            out.insert(0x30 + UInt8(rest % 10), at: 0)
            rest /= 10
        }
        return out
    }

    private static let atto: Int128 = 1_000_000_000_000_000_000

    /// An amount in atto-USD (1e-18); more decimals below a dollar.
    public func usd(_ atto: Int128) -> [UInt8] {
        let magnitude = atto < 0 ? -atto : atto
        let places = magnitude == 0 || magnitude >= Self.atto ? 2 : magnitude >= Self.atto / 100 ? 4 : 6
        var unit = Self.atto
        var scale: Int128 = 1
        for _ in 0..<places {
            unit /= 10
            scale *= 10
        }
        let rounded = (magnitude + unit / 2) / unit
        let plain =
            number(Int64(min(rounded / scale, Int128(Int64.max)))) + decimal
            + Self.digits(UInt64(rounded % scale), least: places)
        return (atto < 0 ? [0x2d] : []) + filled(phrases[bytes("style.usd")] ?? bytes("${0}"), [.name(plain)])
    }

    /// A share in percent with one decimal.
    public func share(_ part: Int128, of whole: Int128) -> [UInt8] {
        let permille = whole == 0 ? 0 : (part * 1000 + whole / 2) / whole
        let magnitude = permille < 0 ? -permille : permille
        let plain =
            (permille < 0 ? [0x2d] : []) + number(Int64(magnitude / 10)) + decimal + Self.digits(UInt64(magnitude % 10))
        return filled(phrases[bytes("style.percent")] ?? bytes("{0}%"), [.name(plain)])
    }

    /// A day since 1970 as the language writes dates.
    public func date(_ day: Int64) -> [UInt8] {
        let date = CivilDate(day: day)
        guard let pattern = phrases[bytes("style.date")] else { return date.iso }
        var out: [UInt8] = []
        var word: [UInt8]?
        for byte in pattern {
            switch byte {
            case 0x7b: word = []
            case 0x7d:
                let name = word ?? []
                if name == bytes("y") { out += Self.digits(UInt64(date.year), least: 4) }
                if name == bytes("mm") { out += Self.digits(UInt64(date.month), least: 2) }
                if name == bytes("dd") { out += Self.digits(UInt64(date.day), least: 2) }
                if name == bytes("m") { out += Self.digits(UInt64(date.month)) }
                if name == bytes("d") { out += Self.digits(UInt64(date.day)) }
                if name == bytes("month"), Int(date.month) <= months.count { out += months[Int(date.month) - 1] }
                word = nil
            default: if word == nil { out.append(byte) } else { word?.append(byte) }
            }
        }
        return out
    }

    private func filled(_ pattern: [UInt8], _ values: [PhraseValue]) -> [UInt8] {
        var out: [UInt8] = []
        var at = 0
        while at < pattern.count {
            guard pattern[at] == 0x7b, let end = pattern[at...].firstIndex(of: 0x7d) else {
                out.append(pattern[at])
                at += 1
                continue
            }
            let parts = pattern[(at + 1)..<end].split(separator: 0x7c, omittingEmptySubsequences: false)
            at = end + 1
            guard let digit = parts[0].first, digit >= 0x30, Int(digit - 0x30) < values.count else { continue }
            let value = values[Int(digit - 0x30)]
            guard parts.count > 1 else {
                out += written(value)
                continue
            }
            var count: Int64 = 0
            if case .count(let exact) = value { count = exact }
            for byte in parts[1 + min(form(count), parts.count - 2)] {
                if byte == 0x23 { out += number(count) } else { out.append(byte) }
            }
        }
        return out
    }

    /// 0 for one, 1 for other, 2 for many.
    private func form(_ count: Int64) -> Int {
        switch plural {
        case .none: 0
        case .french where count == 0 || count == 1: 0
        case .one where count == 1: 0
        default: count != 0 && count % 1_000_000 == 0 ? 2 : 1
        }
    }

    private func written(_ value: PhraseValue) -> [UInt8] {
        switch value {
        case .count(let count): number(count)
        case .usd(let atto): usd(atto)
        case .share(let part, let whole): share(part, of: whole)
        case .name(let name): name
        case .day(let day): date(day)
        }
    }
}

private func bytes(_ constant: StaticString) -> [UInt8] { constant.withUTF8Buffer { unsafe Array($0) } }
