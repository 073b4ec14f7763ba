/// Words that say something of a task whatever it is about. A group is a bit; a word may be in several.
struct WordGroups: Sendable {
    static let mathematics: UInt8 = 1
    static let negation: UInt8 = 2
    static let code: UInt8 = 4
    static let reasoning: UInt8 = 8
    static let question: UInt8 = 16
    static let bulk: UInt8 = 32

    private static let lists: [(UInt8, StaticString)] = [
        (
            mathematics,
            "sum product integer integers equation solve prove probability triangle angle derivative integral function matrix polynomial prime average percent percentage ratio fraction total number calculate compute find"
        ),
        (negation, "not no never none except without false incorrect cannot isn't least don't doesn't"),
        (
            code,
            "def return import function class python code int string print list array assert sql javascript compile regex api bug refactor"
        ),
        (
            reasoning,
            "if then because therefore why how explain suppose assume must each every twice half times remaining left more less than per"
        ),
        (question, "which what who when where why how whose whom is are does do can could should"),
        (bulk, "all following above below statement statements given options according both"),
    ]

    /// Words that begin a prompt in telling ways; each has a place of its own.
    static let openings: StaticString =
        "which what who when where why how if the a an in find write let for consider suppose is are you given statement summarize summarise translate extract classify"

    /// By the low bits of a word's hash: the hash itself, the groups, and the opening's number plus one.
    struct Entry: Sendable {
        var hash: UInt32 = 0
        var groups: UInt8 = 0
        var opening: UInt8 = 0
    }

    static let slots = 1024
    static let openingCount = words(openings).count
    let entries: [Entry]

    static let table = WordGroups()

    private init() {
        var entries = [Entry](repeating: Entry(), count: Self.slots)
        func entry(_ word: [UInt8], _ change: (inout Entry) -> Void) {
            let hash = WordHash.of(word)
            var slot = Int(hash) & (Self.slots - 1)
            while entries[slot].hash != 0, entries[slot].hash != hash { slot = (slot + 1) & (Self.slots - 1) }
            entries[slot].hash = hash
            change(&entries[slot])
        }
        for (group, list) in Self.lists { for word in Self.words(list) { entry(word) { $0.groups |= group } } }
        for (index, word) in Self.words(Self.openings).enumerated() { entry(word) { $0.opening = UInt8(index + 1) } }
        self.entries = entries
    }

    private static func words(_ list: StaticString) -> [[UInt8]] {
        list.description.utf8.split(separator: 0x20).map(Array.init)
    }
}

/// The hash of a word, letter case aside: FNV-1a of its bytes, then mixed. Part of the weights' format: a change needs a
/// new `ClassifierWeights.version`.
enum WordHash {
    static let start: UInt32 = 0x811c_9dc5

    @inline(__always) static func next(_ hash: UInt32, _ byte: UInt8) -> UInt32 { (hash ^ UInt32(byte)) &* 0x0100_0193 }

    @inline(__always) static func end(_ hash: UInt32) -> UInt32 {
        var mixed = (hash ^ hash &>> 15) &* 0x2c1b_3c6d
        mixed ^= mixed &>> 12
        return mixed | 1
    }

    /// The hash of two words in a row.
    @inline(__always) static func pair(_ first: UInt32, _ second: UInt32) -> UInt32 {
        let mixed = (first &* 0x9e37_79b1 &+ second) &* 0x85eb_ca6b
        return mixed ^ mixed &>> 13
    }

    /// The hash of a few bytes at a word's beginning or end, letter case aside.
    @inline(__always)
    static func edge(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> UInt32 {
        var packed: UInt32 = 0
        for offset in 0..<count { unsafe packed = packed &<< 8 | UInt32(text[start &+ offset] | 0x20) }
        return pair(UInt32(truncatingIfNeeded: count), packed)
    }

    static func of(_ word: [UInt8]) -> UInt32 { end(word.reduce(start) { next($0, $1) }) }
}
