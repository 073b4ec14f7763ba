/// The formats a file can have, with the meanings that a person gave to columns.
public struct AuditFormats: Sendable {
    let layouts: [Layout]
    let generic: Layout

    init(columns: [(name: [UInt8], field: [UInt8])]) {
        layouts = Layout.all(LayoutTable.text) + Layout.all(LayoutTable.logs)
        var generic = Layout.all(LayoutTable.synonyms)[0]
        for column in columns {
            if let field = Words.field(column.field) { generic.add(column.name, field) }
        }
        self.generic = generic
    }

    /// The first format that the names tell; usual names of no known format only where `allowsGeneric`.
    func layout(toldBy names: [UInt64], allowsGeneric: Bool) -> Layout? {
        if let layout = layouts.first(where: { $0.isTold(by: names) }) { return layout }
        return allowsGeneric && isGeneric(names) ? generic : nil
    }

    /// Whether names nobody knows together still mean usage: what, and how much.
    private func isGeneric(_ found: [UInt64]) -> Bool {
        var hasWhat = false
        var hasTokens = false
        var hasCost = false
        for name in found {
            guard case .field(let field, _) = generic.names.meaning(name) else { continue }
            switch field {
            case .time, .model: hasWhat = true
            case .inputTotal, .inputUncached, .output, .totalTokens: hasTokens = true
            case .cost: hasCost = true
            default: break
            }
        }
        return hasWhat && (hasTokens || hasCost)
    }
}
