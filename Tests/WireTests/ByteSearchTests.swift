import CBytes
import Testing

@Suite struct ByteSearchTests {
    /// Against a search that compares at every place, over texts of two letters, in which nearly everything nearly matches.
    @Test func aTextIsFoundWhereverItStands() {
        var seed: UInt64 = 7
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        for _ in 0..<20_000 {
            let bytes = (0..<next(70)).map { _ in UInt8(ascii: "a") + UInt8(next(2)) }
            let text = (0..<1 + next(8)).map { _ in UInt8(ascii: "a") + UInt8(next(2)) }
            let expected = bytes.indices.first { bytes[$0...].starts(with: text) } ?? bytes.count
            let found = unsafe bytes.withUnsafeBufferPointer { memory in
                unsafe text.withUnsafeBufferPointer { text in
                    unsafe tacet_find(memory.baseAddress, memory.count, text.baseAddress!, text.count)
                }
            }
            #expect(found == expected, "\(bytes) \(text)")
        }
    }
}
