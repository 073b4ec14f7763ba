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

    /// Every place in texts around the width of a register, among characters that nearly begin it.
    @Test(arguments: ["file_id", "\\u00"]) func aFileIsToldByItsNameOrAnEscape(_ text: String) {
        func mayName(_ bytes: [UInt8]) -> Bool {
            unsafe bytes.withUnsafeBufferPointer { unsafe tacet_may_name_file($0.baseAddress, $0.count) }
        }
        let needle = Array(text.utf8)
        for length in 0..<100 {
            let filler = (0..<length).map { Array("_\\file_iu0".utf8)[($0 * 7 + length) % 10] }
            #expect(!mayName(filler))
            for place in 0...length {
                #expect(mayName(filler[..<place] + needle + filler[place...]))
                #expect(!mayName(filler[..<place] + needle.dropLast()))
            }
        }
    }
}
