/// One thing wrong with the settings: where, what was read, what is allowed.
struct Mistake: Error, Equatable, CustomStringConvertible {
    var place: Place
    var text: String

    /// Where a setting was read.
    enum Place: Equatable, Sendable {
        case file(String, line: Int, column: Int)
        case variable(String)
        case argument(String)
    }

    var description: String {
        switch place {
        case .file(let name, let line, let column): "\(name):\(line):\(column): \(text)"
        case .variable(let name): "\(name): \(text)"
        case .argument(let name): "\(name): \(text)"
        }
    }
}

/// Every mistake found in one reading, in order.
struct Mistakes: Error, Equatable, CustomStringConvertible {
    var all: [Mistake]

    init(all: [Mistake]) { self.all = all }

    /// As they stand in the file; what came from elsewhere follows.
    init(inOrder mistakes: [Mistake]) {
        func position(_ mistake: Mistake) -> (Int, Int) {
            if case .file(_, let line, let column) = mistake.place { (line, column) } else { (.max, 0) }
        }
        all = mistakes.sorted { position($0) < position($1) }
    }

    var description: String { all.map(\.description).joined(separator: "\n") }
}

/// The nearest of some names, to answer a misspelt one.
enum Nearest {
    /// `nil` when none is near: more than a third of the letters, rounded up, differ.
    static func name(to word: String, in names: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8.prefix(64))
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = edits(wanted, Array(name.lowercased().utf8.prefix(64)))
            if distance <= (wanted.count + 2) / 3, distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    private static func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let change = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(change, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
