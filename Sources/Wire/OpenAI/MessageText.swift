import Vocabulary

/// A sentence in the making.
struct MessageText {
    var bytes: [UInt8] = []

    mutating func add(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { bytes.append(text.byte(index)) }
    }

    mutating func add(_ number: Int64) {
        var digits: [UInt8] = []
        var rest = number.magnitude
        repeat {
            digits.append(UInt8.zero + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        if number < 0 { digits.append(.minus) }
        bytes.append(contentsOf: digits.reversed())
    }

    /// US dollars, exact to the nano-dollar.
    mutating func add(_ amount: NanoUSD) {
        let whole = amount.value / 1_000_000_000
        add(whole)
        var fraction = amount.value - whole * 1_000_000_000
        add(".")
        var unit: Int64 = 100_000_000
        for place in 0..<9 where place < 2 || fraction > 0 {
            bytes.append(UInt8.zero + UInt8(fraction / unit))
            fraction %= unit
            unit /= 10
        }
    }

    mutating func quote(_ name: [UInt8]) {
        add("'")
        bytes.append(contentsOf: name.prefix(128))
        add("'")
    }
}
