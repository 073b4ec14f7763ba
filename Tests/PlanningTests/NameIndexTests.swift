import Testing

@testable import Planning

@Suite struct NameIndexTests {
    private func index(_ names: [String]) -> NameIndex { NameIndex(names.map { Array($0.utf8) }) }
    private func near(_ index: NameIndex, _ name: String) -> [String] {
        index.near(Array(name.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func likestFirstAndFiveAtMost() {
        let names = index(["gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-4o", "gpt-4o-mini", "gpt-4.1", "o3", "claude"])
        #expect(near(names, "gpt-4o-mni") == ["gpt-4o-mini"])
        #expect(near(names, "Gpt-5-Mini").first == "gpt-5-mini")
        #expect(near(names, "gpt-").count == 5)
        #expect(near(names, "gpt-4o-mnii") == ["gpt-4o-mini"])
        #expect(near(names, "").isEmpty)
        #expect(near(names, "completely-else").isEmpty)
        #expect(near(index([]), "gpt-5").isEmpty)
    }

    /// Every single slip in any listed name leads back to it.
    @Test func findsEverySingleSlip() {
        let list = ["claude-sonnet-4-5", "gemini-2.5-flash-lite", "meta-llama/Llama-3.3-70B-Instruct", "gpt-4o-mini"]
        let names = index(list)
        for name in list {
            for place in name.utf8.indices {
                for slip in 0..<3 {
                    var bytes = Array(name.utf8)
                    let at = name.utf8.distance(from: name.utf8.startIndex, to: place)
                    switch slip {
                    case 0: bytes.remove(at: at)
                    case 1: bytes[at] = 0x71
                    default: bytes.insert(0x71, at: at)
                    }
                    #expect(names.near(bytes).contains(Array(name.utf8)))
                }
            }
        }
    }
}
