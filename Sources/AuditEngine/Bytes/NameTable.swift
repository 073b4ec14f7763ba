/// Names met in files, each kept once and called by its number from then on.
struct NameTable {
    /// Beyond this many, new names share `other`: memory stays bounded whatever a file holds.
    static let limit = 8192
    /// What names beyond the limit are called.
    static let other: Int32 = -2
    /// A row without the name.
    static let none: Int32 = -1

    private(set) var names: [[UInt8]] = []
    private var numbers: [UInt64: Int32] = [:]
    private let key: AuditKey
    private var lastNumber: Int32 = -1

    init(key: AuditKey) { self.key = key }

    mutating func number(_ name: Span<UInt8>) -> Int32 {
        if name.isEmpty { return Self.none }
        if lastNumber >= 0, isLast(name) { return lastNumber }
        var hash = SipHash(key)
        hash.add(name)
        if let known = numbers[hash.value] {
            lastNumber = known
            return known
        }
        guard names.count < Self.limit else { return Self.other }
        var copy: [UInt8] = []
        for index in name.indices.prefix(200) { copy.append(name[index]) }
        let number = Int32(names.count)
        names.append(copy)
        numbers[hash.value] = number
        lastNumber = number
        return number
    }

    private func isLast(_ name: Span<UInt8>) -> Bool {
        let last = Int(lastNumber)
        guard names[last].count == name.count, name.count < 200 else { return false }
        for index in name.indices where names[last][index] != name[index] { return false }
        return true
    }

    subscript(_ number: Int32) -> [UInt8] {
        if number == Self.other { return text("(other)") }
        return number < 0 ? text("(none)") : names[Int(number)]
    }
}
