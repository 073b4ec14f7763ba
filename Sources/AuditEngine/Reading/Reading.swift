extension AuditEngine {
    /// Tells the file's shape by its head, then reads the head as the first chunk.
    mutating func startReading(isWhole: Bool) {
        file.isSniffing = false
        let head = file.head
        file.head = []
        let start = Sniffer.start(head.span)
        let shape = Sniffer.shape(head.span, isWhole: isWhole) { names, allowsGeneric in
            formats.layout(toldBy: names, allowsGeneric: allowsGeneric) != nil
        }
        switch shape {
        case .binary, .empty: return
        case .lines: file.reader = .lines(LineReader())
        case .document(let level): file.reader = .document(DocumentReader(level: level))
        case .table(let delimiter):
            file.reader = .table(TableReader(delimiter: delimiter))
            guard findHeader(head.span, start: start, delimiter: delimiter, isWhole: isWhole) else {
                file.reader = .none
                return
            }
        }
        read(head.span.extracting(start..<head.count))
    }

    /// Reads a chunk with the file's reader.
    mutating func read(_ chunk: Span<UInt8>) {
        var at = 0
        // The reader is moved out while rows are handled, so that nothing is copied.
        var reader = OpenFile.Reader.none
        swap(&reader, &file.reader)
        switch reader {
        case .none: break
        case .lines(var lines):
            while let place = lines.next(chunk, &at) {
                file.line = lines.line
                switch place {
                case .chunk(let range): line(chunk.extracting(range))
                case .carried:
                    let row = lines.carry.take()
                    line(row.span)
                case .tooLong:
                    _ = lines.carry.take()
                    skip(.tooLong)
                }
            }
            reader = .lines(lines)
        case .document(var documents):
            while let place = documents.next(chunk, &at) {
                file.line = documents.line
                switch place {
                case .chunk(let range): object(chunk.extracting(range))
                case .carried:
                    let row = documents.carry.take()
                    object(row.span)
                case .tooLong:
                    _ = documents.carry.take()
                    skip(.tooLong)
                }
            }
            reader = .document(documents)
        case .table(var table):
            while let place = table.next(chunk, &at) {
                file.line = table.line
                switch place {
                case .chunk(let range): record(chunk.extracting(range), table.cells)
                case .carried:
                    let row = table.carry.take()
                    record(row.span, table.cells)
                case .tooLong:
                    _ = table.carry.take()
                    skip(.tooLong)
                }
            }
            reader = .table(table)
        }
        file.reader = reader
    }

    /// The last row, and what is wrong with the file's end.
    mutating func finishReading() {
        switch file.reader {
        case .none: break
        case .lines(var lines):
            guard let place = lines.finish() else { break }
            file.line = lines.line
            let row = lines.carry.take()
            if case .tooLong = place { skip(.tooLong) } else { line(row.span, isLast: true) }
        case .document(var documents):
            file.line = documents.line
            if documents.isInRow {
                _ = documents.carry.take()
                skip(.truncated)
            }
        case .table(var table):
            file.line = table.line
            if table.isInQuotes {
                skip(.truncated)
            } else if let place = table.finish() {
                let row = table.carry.take()
                if case .tooLong = place { skip(.tooLong) } else { record(row.span, table.cells) }
            }
        }
        file.reader = .none
    }

    /// One line of JSONL.
    private mutating func line(_ row: Span<UInt8>, isLast: Bool = false) {
        if let markers = file.layout?.markers, !markers.isEmpty,
            !LineFilter.hasMarker(markers, row, 0..<row.count)
        {
            if row.count > 1 { skip(.noUsage) }
            return
        }
        var start = 0
        JSONScan.white(row, &start)
        if start == row.count { return }
        object(row, ifBroken: isLast ? .truncated : .malformed)
    }

    /// One JSON object that may be a row.
    private mutating func object(_ row: Span<UInt8>, ifBroken: SkipReason = .malformed) {
        if file.layout == nil { tellLayout(JSONRow.names(row)) }
        slots.clear()
        guard let layout = file.layout else {
            guard JSONRow.read(row, formats.generic.names, into: &slots) else { return skip(ifBroken) }
            if file.weakLayout != nil { file.emptyPeriods += 1 } else { skip(.unknownShape) }
            return
        }
        guard JSONRow.read(row, layout.names, into: &slots) else { return skip(ifBroken) }
        if slots.form(.children) == .array { children(row, layout) } else { interpret(row, layout) }
    }

    /// Rows within a period's object: they share its times.
    private mutating func children(_ row: Span<UInt8>, _ layout: Layout) {
        let list = slots.range(.children)
        slots.unset(.children)
        let shared = slots
        var at = list.lowerBound + 1
        JSONScan.white(row, &at)
        guard at < row.count, row[at] != 0x5d else {
            files[files.count - 1].parsed += 1
            return
        }
        while true {
            let start = at
            guard JSONScan.value(row, &at) != nil else { return skip(.malformed) }
            slots = shared
            if row[start] == 0x7b, JSONRow.read(row, start..<at, layout.names, into: &slots) {
                interpret(row, layout)
            } else {
                skip(.malformed)
            }
            guard let goesOn = JSONScan.comma(row, &at, close: 0x5d) else { return skip(.malformed) }
            if !goesOn { return }
        }
    }

    /// One record of a table.
    private mutating func record(_ row: Span<UInt8>, _ cells: [TableReader.Cell]) {
        if file.line <= file.headerLine { return }
        if cells.count == 1, cells[0].start >= cells[0].end { return }
        let first = NameHash.of(row.extracting(cells[0].start..<max(cells[0].start, cells[0].end)))
        if first == file.headerNames.first, cells.count > 1,
            NameHash.of(row.extracting(cells[1].start..<max(cells[1].start, cells[1].end))) == file.headerNames[1]
        {
            _ = takesHeader(row, cells)
            return skip(.repeatedHeader)
        }
        if cells.count < file.columns.count {
            if takesHeader(row, cells) { return skip(.repeatedHeader) }
            return skip(.tooFewCells)
        }
        for cell in cells.dropFirst(file.columns.count) where cell.end > cell.start {
            if takesHeader(row, cells) { return skip(.repeatedHeader) }
            return skip(.tooManyCells)
        }
        slots.clear()
        for (column, meaning) in file.columns.enumerated() {
            guard let meaning else { continue }
            var (start, end) = (cells[column].start, cells[column].end)
            while start < end, row[start] == 0x20 { start += 1 }
            while end > start, row[end - 1] == 0x20 { end -= 1 }
            slots.set(meaning.field, start, end, cells[column].form == .doubled ? .doubled : .plain, rank: meaning.rank)
        }
        guard let layout = file.layout else { return skip(.unknownShape) }
        if slots.has(.time), layout.style != .agent, slots.moment(.time, row) == nil, takesHeader(row, cells) {
            return skip(.repeatedHeader)
        }
        interpret(row, layout)
    }

    /// Another table may follow in the same file: its header takes over.
    private mutating func takesHeader(_ row: Span<UInt8>, _ cells: [TableReader.Cell]) -> Bool {
        let names = Header.names(row, cells)
        guard let layout = formats.layout(toldBy: names, allowsGeneric: false) else { return false }
        setHeader(layout, row, cells)
        return true
    }
}
