import Vocabulary

/// Reads the text of a price book line by line.
struct PriceBookReader {
    struct Alias {
        let provider: [UInt8]
        let name: [UInt8]
        let model: [UInt8]
        let line: Int
    }

    /// The announced end of a model.
    struct End {
        let provider: [UInt8]
        let model: [UInt8]
        let day: UInt32
        let line: Int
    }

    private(set) var version: UInt32 = 0
    private(set) var sources: [PriceSource] = []
    private(set) var rows: [PriceRow] = []
    /// The line number of each row.
    private(set) var lines: [Int] = []
    private(set) var aliases: [Alias] = []
    private(set) var ends: [End] = []
    private let text: [UInt8]
    private var line = 0
    private var sourceKeys: [[UInt8]: Int] = [:]

    init(_ span: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.reserveCapacity(span.count)
        for index in span.indices { copy.append(span[index]) }
        text = copy
    }

    mutating func readAll() throws(PriceBookFault) {
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: 0x0a) ?? text.count
            line += 1
            try read(text[start..<end])
            start = end + 1
        }
        if version == 0 { throw fault(.missingHeader) }
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>) throws(PriceBookFault) {
        if bytes.isEmpty || bytes.first == 0x23 { return }
        let words = bytes.split(separator: 0x20, omittingEmptySubsequences: false)
        for word in words where word.isEmpty { throw fault(.missingField) }
        if version == 0 { return try readHeader(words) }
        if words[0].matches("price") {
            try readPrice(words)
        } else if words[0].matches("source") {
            guard words.count >= 4 else { throw fault(.missingField) }
            let key = Array(words[1])
            if sourceKeys.updateValue(sources.count, forKey: key) != nil { throw fault(.duplicateName) }
            let dataset = Array(bytes[words[3].startIndex...])
            sources.append(PriceSource(key: key, address: Array(words[2]), dataset: dataset))
        } else if words[0].matches("alias") {
            guard words.count == 4 else { throw fault(.missingField) }
            aliases.append(Alias(provider: Array(words[1]), name: Array(words[2]), model: Array(words[3]), line: line))
        } else if words[0].matches("end") {
            guard words.count == 4 else { throw fault(.missingField) }
            ends.append(End(provider: Array(words[1]), model: Array(words[2]), day: try date(words[3]), line: line))
        } else {
            throw fault(.unknownLine)
        }
    }

    private mutating func readHeader(_ words: [ArraySlice<UInt8>]) throws(PriceBookFault) {
        guard words.count == 3, words[0].matches("tacet-prices") else { throw fault(.missingHeader) }
        guard words[1].matches("1") else { throw fault(.unknownVersion) }
        version = try date(words[2])
    }

    private mutating func readPrice(_ words: [ArraySlice<UInt8>]) throws(PriceBookFault) {
        guard words.count >= 6 else { throw fault(words.count < 5 ? .missingField : .missingPrice) }
        let dates = words[3].split(separator: 0x2d, omittingEmptySubsequences: false)
        guard dates.count <= 2 else { throw fault(.malformedDate) }
        let from: UInt32 = dates[0].matches("0") ? 0 : try date(dates[0])
        let to: UInt32? = dates.count == 2 ? try date(dates[1]) : nil
        if let to, to <= from { throw fault(.malformedDate) }
        guard let source = sourceKeys[Array(words[4])] else { throw fault(.unknownSource) }
        var fields = PriceFieldsReader()
        do throws(PriceBookFault.Reason) { try fields.read(words[5...]) } catch { throw fault(error) }
        let price = Price(
            tiers: fields.tiers, levels: fields.levels.map { ($0.level, $0.tiers) },
            regionalFactor: fields.regionalFactor ?? Price.whole, perRequest: fields.perRequest ?? 0,
            context: fields.context, maximumOutput: fields.maximumOutput, effectiveFrom: from, source: source)
        rows.append(
            PriceRow(
                provider: Array(words[1]), model: Array(words[2]), from: from, to: to, source: source, price: price,
                tiers: fields.tiers, levels: fields.levels))
        lines.append(line)
    }

    private func date(_ word: ArraySlice<UInt8>) throws(PriceBookFault) -> UInt32 {
        let value = word.count == 8 ? try number(word) : 0
        guard let day = UInt32(exactly: value), CalendarDay.isValid(day) else { throw fault(.malformedDate) }
        return day
    }

    private func number(_ word: ArraySlice<UInt8>) throws(PriceBookFault) -> Int64 {
        do throws(PriceBookFault.Reason) { return try PriceFieldsReader.number(word) } catch { throw fault(error) }
    }

    private func fault(_ reason: PriceBookFault.Reason) -> PriceBookFault {
        PriceBookFault(reason: reason, line: line)
    }
}
