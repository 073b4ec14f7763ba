public import Vocabulary

/// The prices of all known models, read from one dated text (`Prices/README.md` tells its form).
public struct PriceBook: Sendable {
    /// The day the book was made, as yyyymmdd; receipts keep it.
    public private(set) var version: UInt32
    public private(set) var sources: [PriceSource]
    /// All lines, in the order of the text.
    public private(set) var rows: [PriceRow]
    private var shelves: [[UInt8]: Shelf]

    /// One provider's models.
    private struct Shelf: Sendable {
        var names: [[UInt8]] = []
        /// Lines by model, the first that holds on a day counts: latest beginning first.
        var rows: [[UInt8]: [Int]] = [:]
        var aliases: [[UInt8]: [UInt8]] = [:]
        /// The announced end by model.
        var ends: [[UInt8]: UInt32] = [:]

        func rows(of model: [UInt8]) -> [Int]? {
            if let found = rows[model] { return found }
            return aliases[model].flatMap { rows[$0] }
        }

        func rowsLeniently(of model: [UInt8]) -> [Int]? {
            rows(of: model) ?? ModelDate.removed(from: model).flatMap { rows(of: $0) }
        }
    }

    /// Reads a book; the whole text is refused at the first line that is not as documented.
    public init(_ text: Span<UInt8>) throws(PriceBookFault) {
        var reader = PriceBookReader(text)
        try reader.readAll()
        var shelves: [[UInt8]: Shelf] = [:]
        for (index, row) in reader.rows.enumerated() {
            let known = shelves[row.provider, default: Shelf()].rows[row.model] ?? []
            for other in known where overlap(reader.rows[other], row) {
                throw PriceBookFault(reason: .datesOverlap, line: reader.lines[index])
            }
            let at = known.firstIndex { reader.rows[$0].from < row.from } ?? known.count
            if known.isEmpty { shelves[row.provider, default: Shelf()].names.append(row.model) }
            shelves[row.provider, default: Shelf()].rows[row.model, default: []].insert(index, at: at)
        }
        for alias in reader.aliases {
            guard let shelf = shelves[alias.provider], shelf.rows[alias.model] != nil else {
                throw PriceBookFault(reason: .unknownModel, line: alias.line)
            }
            guard shelf.rows[alias.name] == nil, shelf.aliases[alias.name] == nil else {
                throw PriceBookFault(reason: .duplicateName, line: alias.line)
            }
            shelves[alias.provider]?.aliases[alias.name] = alias.model
        }
        for end in reader.ends {
            guard let shelf = shelves[end.provider], shelf.rows[end.model] != nil else {
                throw PriceBookFault(reason: .unknownModel, line: end.line)
            }
            guard shelf.ends[end.model] == nil else { throw PriceBookFault(reason: .duplicateName, line: end.line) }
            shelves[end.provider]?.ends[end.model] = end.day
        }
        version = reader.version
        sources = reader.sources
        rows = reader.rows
        self.shelves = shelves
    }

    /// The price of a provider's model at a moment; `nil` when the book has none.
    ///
    /// The name is looked up as it is, then by the aliases the book lists, then without the date at its end. No other
    /// likeness counts: a guess would be a wrong bill.
    public func price(provider: [UInt8], model: [UInt8], at moment: Moment) -> Price? {
        guard let shelf = shelves[provider] else { return nil }
        let day = CalendarDay.utc(moment)
        for row in shelf.rowsLeniently(of: model) ?? [] where rows[row].holds(on: day) {
            return rows[row].price
        }
        return nil
    }

    /// The day the provider announced as a model's end, as yyyymmdd; `nil` when the book knows of none. The name is taken
    /// as it is or as an alias: a dated name ends without the others of its family.
    public func end(provider: [UInt8], model: [UInt8]) -> UInt32? {
        guard let shelf = shelves[provider] else { return nil }
        return shelf.ends[model] ?? shelf.aliases[model].flatMap { shelf.ends[$0] }
    }

    /// Whether the book has prices by which `price` could answer for the name.
    public func knows(provider: [UInt8], model: [UInt8]) -> Bool { shelves[provider]?.rowsLeniently(of: model) != nil }

    /// Whether the book lists the name itself, as a model or an alias.
    public func lists(provider: [UInt8], model: [UInt8]) -> Bool { shelves[provider]?.rows(of: model) != nil }

    /// The price of a listed model that has the same one for all time; `nil` for others.
    public func constantPrice(provider: [UInt8], model: [UInt8]) -> Price? {
        guard let first = shelves[provider]?.rows(of: model)?.first else { return nil }
        let row = rows[first]
        return row.from == 0 && row.to == nil ? row.price : nil
    }

    /// The names of a provider's models, aliases not included, in the order of the book.
    public func models(of provider: [UInt8]) -> [[UInt8]] { shelves[provider]?.names ?? [] }

    /// A provider's other names for its models.
    public func aliases(of provider: [UInt8]) -> [[UInt8]] {
        guard let shelf = shelves[provider] else { return [] }
        return shelf.aliases.keys.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Every provider of the book, sorted.
    public var providers: [[UInt8]] { shelves.keys.sorted { $0.lexicographicallyPrecedes($1) } }

    /// Who sells a model of this bare name, sorted.
    public func providers(of model: [UInt8]) -> [[UInt8]] {
        providers.filter { lists(provider: $0, model: model) }
    }

    /// All lines of a model, written `provider/model` or bare, its aliases followed.
    public func rows(matching name: [UInt8]) -> [PriceRow] {
        var found: [PriceRow] = []
        for provider in providers {
            guard let shelf = shelves[provider] else { continue }
            let model: [UInt8]
            if name.starts(with: provider + [0x2f]), shelf.rows(of: Array(name[(provider.count + 1)...])) != nil {
                model = Array(name[(provider.count + 1)...])
            } else {
                model = name
            }
            for row in shelf.rows(of: model) ?? [] { found.append(rows[row]) }
        }
        return found
    }

    /// This book with an operator's own prices before its own, for the days on which those hold.
    public func overridden(by contract: PriceBook) -> PriceBook {
        var book = self
        book.version = max(version, contract.version)
        book.sources += contract.sources
        for (provider, shelf) in contract.shelves {
            var merged = book.shelves[provider] ?? Shelf()
            for model in shelf.names {
                let own = merged.rowsLeniently(of: model) ?? []
                if merged.rows[model] == nil { merged.names.append(model) }
                let first = book.rows.count
                let theirs = shelf.rows[model] ?? []
                book.rows += theirs.map { contract.rows[$0].moved(source: sources.count) }
                merged.rows[model] = Array(first..<book.rows.count) + own
                merged.aliases[model] = nil
            }
            for (name, model) in shelf.aliases where merged.rows[name] == nil { merged.aliases[name] = model }
            for (model, day) in shelf.ends { merged.ends[model] = day }
            book.shelves[provider] = merged
        }
        return book
    }
}

private func overlap(_ a: PriceRow, _ b: PriceRow) -> Bool {
    if a.from == b.from { return true }
    let (first, second) = a.from < b.from ? (a, b) : (b, a)
    return first.to.map { second.from < $0 } ?? false
}
