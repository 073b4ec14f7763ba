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

/// The hash of a word, letter case aside: eight bytes at a time. Part of the weights' format: a change needs a new
/// `ClassifierWeights.version`.
enum WordHash {
    static let high: UInt64 = 0x8080_8080_8080_8080
    private static let lower: UInt64 = 0x2020_2020_2020_2020

    /// One more chunk, letter case aside; its unused bytes are zero.
    @inline(__always)
    static func end(_ chunk: UInt64, _ before: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: next(chunk, before)) | 1 }

    @inline(__always)
    private static func next(_ chunk: UInt64, _ before: UInt64) -> UInt64 {
        let mixed = (chunk ^ before) &* 0x9e37_79b9_7f4a_7c15
        return mixed ^ mixed &>> 32
    }

    /// The capital letters among a chunk's bytes, a bit each.
    @inline(__always)
    static func capitals(_ chunk: UInt64) -> UInt64 { ~chunk & (chunk &>> 1) & ~(chunk &>> 2) & lower }

    /// The hash of the bytes between two places, which are not the same.
    /// - Parameter look: is given every chunk as it stands in the text.
    @inline(__always)
    static func word(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ look: (UInt64) -> Void
    ) -> UInt32 {
        var hash: UInt64 = 0
        var at = start
        while true {
            let count = min(8, end &- at)
            let chunk = unsafe chunk(text, at, count)
            look(chunk)
            let used = UInt64.max &>> UInt64(64 &- 8 &* count)
            hash = next(chunk | lower & used, hash)
            at &+= count
            if at >= end { return UInt32(truncatingIfNeeded: hash) | 1 }
        }
    }

    /// Up to eight bytes, the first one lowest.
    @inline(__always)
    private static func chunk(_ text: UnsafeBufferPointer<UInt8>, _ at: Int, _ count: Int) -> UInt64 {
        if at &+ 8 <= text.count {
            let whole = unsafe UInt64(
                littleEndian: UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: at, as: UInt64.self))
            return whole & UInt64.max &>> UInt64(64 &- 8 &* count)
        }
        var chunk: UInt64 = 0
        for offset in 0..<count { unsafe chunk |= UInt64(text[at &+ offset]) &<< UInt64(8 &* offset) }
        return chunk
    }

    /// The hash of two words in a row.
    @inline(__always) static func pair(_ first: UInt32, _ second: UInt32) -> UInt32 {
        let mixed = (first &* 0x9e37_79b1 &+ second) &* 0x85eb_ca6b
        return mixed ^ mixed &>> 13
    }

    /// The hash of a word's first four bytes, letter case aside.
    @inline(__always)
    static func beginning(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32 {
        pair(4, UInt32(truncatingIfNeeded: unsafe chunk(text, start, 4) | lower))
    }

    static func of(_ word: [UInt8]) -> UInt32 {
        unsafe word.withUnsafeBufferPointer { unsafe self.word($0, 0, $0.count) { _ in } }
    }
}
