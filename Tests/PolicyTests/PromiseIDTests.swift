import Policy
import Testing

@Suite struct PromiseIDTests {
    @Test func readsBackEveryID() {
        var count = 0
        for seed in Seed.allCases {
            for number in 1...seed.count {
                let id = PromiseID(seed, number)
                #expect(PromiseID(id.description) == id)
                count += 1
            }
        }
        #expect(count == 121)
    }

    @Test(arguments: ["", "AX", "AX-", "AX-0", "AX-23", "AX-01", "ax-1", "OL-19", "AX-1-1", "AX-+1", "ZZ-1"])
    func refusesWhatIsNone(text: String) {
        #expect(PromiseID(text) == nil)
    }
}
