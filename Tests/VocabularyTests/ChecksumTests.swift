import Testing
import Vocabulary

@Suite struct ChecksumTests {
    /// RFC 3720 B.4 and the check value of the catalogue of CRCs.
    @Test func knownAnswers() {
        let answers: [([UInt8], UInt32)] = [
            (Array("123456789".utf8), 0xe306_9283), (Array(repeating: 0, count: 32), 0x8a91_36aa),
            (Array(repeating: 0xff, count: 32), 0x62a8_ab43), (Array(0..<32), 0x46dd_794e), ([], 0),
        ]
        for (bytes, expected) in answers { #expect(unsafe CRC32C.of(bytes.span.bytes) == expected) }
    }

    /// Whatever the length, the fast way equals the definition, bit by bit.
    @Test func everyLengthEqualsTheDefinition() {
        var bytes: [UInt8] = []
        for length in 0..<100 {
            #expect(unsafe CRC32C.of(bytes.span.bytes) == definition(bytes))
            bytes.append(UInt8(truncatingIfNeeded: length &* 37 &+ 11))
        }
    }

    @Test func theChecksumOfKeysIsThatOfZip() {
        var crc = CRC32.start
        for byte in "123456789".utf8 { crc = CRC32.next(crc, byte) }
        #expect(CRC32.end(crc) == 0xcbf4_3926)
    }

    private func definition(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
        }
        return ~crc
    }
}
