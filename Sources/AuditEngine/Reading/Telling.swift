extension AuditEngine {
    /// Chooses the format that the names of an object tell.
    mutating func tellLayout(_ found: [UInt64]) {
        guard let layout = formats.layout(toldBy: found, allowsGeneric: true) else { return }
        if layout.style == .empty { file.weakLayout = layout } else { choose(layout) }
    }

    private mutating func choose(_ layout: Layout) {
        file.layout = layout
        files[files.count - 1].format = layout.name
    }

    /// Looks for a table's header, past a preamble; learns how the rows after it write decimals and dates.
    mutating func findHeader(_ head: Span<UInt8>, start: Int, delimiter: UInt8, isWhole: Bool) -> Bool {
        for allowsGeneric in [false, true] {
            var reader = TableReader(delimiter: delimiter)
            let body = head.extracting(start..<head.count)
            var at = 0
            var row = 0
            while row < 40 {
                guard let place = reader.next(body, &at) ?? (isWhole ? reader.finish() : nil) else { break }
                row += 1
                var bytes: [UInt8] = []
                switch place {
                case .chunk(let range): for index in range { bytes.append(body[index]) }
                case .carried: bytes = reader.carry.take()
                case .tooLong: break
                }
                let found = Header.names(bytes.span, reader.cells)
                if found.first == NameHash.of(text("currency")), reader.cells.count > 1 {
                    file.currency = Array(bytes[reader.cells[1].start..<reader.cells[1].end])
                }
                guard let layout = formats.layout(toldBy: found, allowsGeneric: allowsGeneric) else { continue }
                setHeader(layout, bytes.span, reader.cells)
                file.headerLine = reader.line
                learn(&reader, body, &at)
                slots.mark = locale.mark(delimiter: delimiter)
                slots.dayFirst = locale.dayFirst
                return true
            }
        }
        rememberColumns(head.extracting(start..<head.count), delimiter)
        return false
    }

    mutating func setHeader(_ layout: Layout, _ row: Span<UInt8>, _ cells: [TableReader.Cell]) {
        choose(layout)
        file.headerNames = Header.names(row, cells)
        file.columns = []
        for name in file.headerNames {
            if case .field(let field, let rank) = layout.names.meaning(name) {
                file.columns.append((field, rank))
            } else {
                file.columns.append(nil)
            }
        }
        // A header that ends in delimiters has columns without a name: nothing needs to stand there.
        while file.headerNames.last == NameHash.start, file.columns.count > 1 {
            file.columns.removeLast()
            file.headerNames.removeLast()
        }
        if layout.style == .empty { file.weakLayout = layout }
    }

    private mutating func learn(_ reader: inout TableReader, _ body: Span<UInt8>, _ at: inout Int) {
        locale = Locale()
        var row = 0
        while row < 200, let place = reader.next(body, &at), case .chunk(let range) = place {
            row += 1
            let record = body.extracting(range)
            for cell in reader.cells where cell.end > cell.start {
                locale.learn(record.extracting(cell.start..<cell.end))
            }
        }
    }

    /// The column names of a table that nobody understands, for a person to say what they mean.
    private mutating func rememberColumns(_ body: Span<UInt8>, _ delimiter: UInt8) {
        var reader = TableReader(delimiter: delimiter)
        var at = 0
        guard let place = reader.next(body, &at), case .chunk(let range) = place, reader.cells.count > 1 else { return }
        let row = body.extracting(range)
        for cell in reader.cells.prefix(100) {
            var name: [UInt8] = []
            for index in cell.start..<min(max(cell.start, cell.end), cell.start + 80) { name.append(row[index]) }
            files[files.count - 1].columns.append(name)
        }
    }
}
