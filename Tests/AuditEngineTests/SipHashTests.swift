import Testing

@testable import AuditEngine

@Suite struct SipHashTests {
    /// The vector of the SipHash paper's appendix: key 00…0f, message 00…0e.
    @Test func matchesThePaper() {
        var hash = SipHash(AuditKey(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908))
        for byte in UInt8(0)..<15 { hash.add(byte) }
        #expect(hash.value == 0xa129_ca61_49be_45e5)
    }
}
