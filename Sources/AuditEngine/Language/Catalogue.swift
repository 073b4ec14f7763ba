/// A sentence of the catalogue with what stands in it.
public struct Phrase: Sendable {
    let key: StaticString
    let values: [PhraseValue]

    init(_ key: StaticString, _ values: [PhraseValue] = []) {
        self.key = key
        self.values = values
    }

    /// How many rows were read and skipped.
    public static func rows(_ read: Int64, _ skipped: Int64) -> Phrase {
        Phrase("figure.rows", [.count(read), .count(skipped)])
    }
}

/// What can stand in a sentence; the language writes it.
enum PhraseValue: Sendable {
    case count(Int64)
    /// In atto-USD.
    case usd(Int128)
    case share(Int128, of: Int128)
    case name([UInt8])
    /// A day since 1970.
    case day(Int64)
}

/// The words of one language and how it writes numbers, read from `key = phrase` lines (`Browser/Languages`).
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

    private let phrases: [[UInt8]: [UInt8]]
    private let plural: Plural
    private let group: [UInt8]
    private let groupedFrom: Int64
    private let decimal: [UInt8]
    private let months: [[UInt8]]
    /// The language's code, as `html lang` takes it.
    public let code: [UInt8]

    /// Reads the text of one language; lines without ` = ` are passed over.
    public init(_ source: Span<UInt8>, code: [UInt8]) {
        var found: [[UInt8]: [UInt8]] = [:]
        var line: [UInt8] = []
        for index in 0...source.count {
            let byte = index < source.count ? source[index] : 0x0a
            if byte != 0x0a {
                line.append(byte)
                continue
            }
            if let equals = line.firstIndex(of: 0x3d), equals > 1, line[equals - 1] == 0x20, line.first != 0x23 {
                found[Array(line[..<(equals - 1)])] = Array(line[(equals + 1)...].drop { $0 == 0x20 })
            }
            line.removeAll(keepingCapacity: true)
        }
        phrases = found
        self.code = code
        let rule = found[text("style.plural")]
        plural = rule == text("french") ? .french : rule == text("none") ? .none : .one
        group = found[text("style.group")] ?? text(",")
        decimal = found[text("style.decimal")] ?? text(".")
        let least = found[text("style.grouped_from")] ?? []
        groupedFrom = Decimal.count(least.span) ?? 1000
        months = (found[text("style.months")] ?? []).split(separator: 0x20).map { Array($0) }
    }

    /// The sentence in this language; its key where the catalogue lacks it, which a test rules out.
    public func sentence(_ phrase: Phrase) -> [UInt8] { sentence(phrase.key, phrase.values) }

    func sentence(_ key: StaticString, _ values: [PhraseValue] = []) -> [UInt8] {
        let key = text(key)
        return filled(phrases[key] ?? key, values)
    }

    func word(_ prefix: StaticString, _ word: StaticString, _ suffix: StaticString = "") -> [UInt8] {
        let key = text(prefix) + text(word) + text(suffix)
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

    func joined(_ style: StaticString, _ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        sentence(style, [.name(first), .name(second)])
    }

    /// `1,234,567` as the language groups it.
    public func number(_ value: Int64) -> [UInt8] {
        let all = digits(value < 0 ? -value : value)
        var out: [UInt8] = value < 0 ? [0x2d] : []
        let isGrouped = value >= groupedFrom || value <= -groupedFrom
        for (place, byte) in all.enumerated() {
            if isGrouped, place > 0, (all.count - place) % 3 == 0 { out += group }
            out.append(byte)
        }
        return out
    }

    /// An amount in atto-USD (1e-18); more decimals below a dollar.
    public func usd(_ atto: Int128) -> [UInt8] {
        let magnitude = atto < 0 ? -atto : atto
        let places = magnitude == 0 || magnitude >= Decimal.atto ? 2 : magnitude >= Decimal.atto / 100 ? 4 : 6
        var unit = Decimal.atto
        var scale: Int128 = 1
        for _ in 0..<places {
            unit /= 10
            scale *= 10
        }
        let rounded = (magnitude + unit / 2) / unit
        let plain =
            number(Int64(min(rounded / scale, Int128(Int64.max)))) + decimal + padded(Int64(rounded % scale), places)
        return (atto < 0 ? [0x2d] : []) + filled(phrases[text("style.usd")] ?? text("${0}"), [.name(plain)])
    }

    /// A share in percent with one decimal.
    func share(_ part: Int128, of whole: Int128) -> [UInt8] {
        let permille = whole == 0 ? 0 : (part * 1000 + whole / 2) / whole
        let magnitude = permille < 0 ? -permille : permille
        let plain =
            (permille < 0 ? [0x2d] : []) + number(Int64(magnitude / 10)) + decimal + digits(magnitude % 10)
        return filled(phrases[text("style.percent")] ?? text("{0}%"), [.name(plain)])
    }

    /// A day since 1970 as the language writes dates.
    public func date(_ day: Int64) -> [UInt8] {
        let iso = Timestamp.date(day)
        guard iso.count == 10, let pattern = phrases[text("style.date")] else { return iso }
        let (year, month, date) = (Array(iso[..<4]), Array(iso[5..<7]), Array(iso[8...]))
        let number = Int(month[0] - 0x30) * 10 + Int(month[1] - 0x30)
        var out: [UInt8] = []
        var word: [UInt8]?
        for byte in pattern {
            switch byte {
            case 0x7b: word = []
            case 0x7d:
                let name = word ?? []
                if name == text("y") { out += year }
                if name == text("mm") { out += month }
                if name == text("dd") { out += date }
                if name == text("m") { out += month[0] == 0x30 ? [month[1]] : month }
                if name == text("d") { out += date[0] == 0x30 ? [date[1]] : date }
                if name == text("month"), number <= months.count { out += months[number - 1] }
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
