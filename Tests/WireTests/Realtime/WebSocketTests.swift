import NIOCore
import Testing

@testable import Wire

/// Frames as RFC 6455 has them, at every split.
@Suite struct WebSocketTests {
    /// What a decoder tells of bytes: frames as text, and the code of its fault.
    private static func read(
        _ bytes: [UInt8], isFromClient: Bool = true, limit: Int = 1 << 20, cuts: [Int] = []
    ) -> [String] {
        var decoder = WebSocketDecoder(isFromClient: isFromClient, limit: limit)
        var buffer = ByteBuffer()
        var told: [String] = []
        var start = 0
        for cut in cuts + [bytes.count] {
            buffer.writeBytes(bytes[start..<cut])
            start = cut
            do throws(WebSocketFault) {
                while let frame = try decoder.next(&buffer) {
                    told.append("\(frame.opcode)\(frame.isFinal ? "" : "…") \(String(buffer: frame.payload))")
                }
            } catch { return told + ["fault \(error.code)"] }
        }
        return told
    }

    private static func frame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, mask: UInt32? = 0x37fa_213d
    ) -> [UInt8] {
        var out = ByteBuffer()
        out.writeWebSocketFrame(
            WebSocketFrame(opcode, isFinal: isFinal, ByteBuffer(bytes: payload)), mask: mask)
        return Array(out.readableBytesView)
    }

    private static func frame(_ opcode: WebSocketOpcode, _ text: String, isFinal: Bool = true) -> [UInt8] {
        frame(opcode, Array(text.utf8), isFinal: isFinal)
    }

    /// The examples of RFC 6455 § 5.7.
    @Test func examples() {
        #expect(Self.frame(.text, "Hello") == [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
        #expect(Self.frame(.text, Array("Hello".utf8), mask: nil) == [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
        let parts: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f]
        #expect(Self.read(parts, isFromClient: false) == ["text… Hel", "continuation lo"])
        let long = Self.frame(.binary, [UInt8](repeating: 7, count: 256), mask: nil)
        #expect(long.prefix(4) == [0x82, 0x7e, 0x01, 0x00])
        let longer = Self.frame(.binary, [UInt8](repeating: 7, count: 65_536), mask: nil)
        #expect(longer.prefix(10) == [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0])
    }

    @Test func everySplitTellsTheSame() {
        let bytes =
            Self.frame(.text, "a\u{20ac}") + Self.frame(.binary, [UInt8](repeating: 65, count: 130))
            + Self.frame(.text, Array("\u{1f600}".utf8.prefix(2)), isFinal: false) + Self.frame(.ping, "p")
            + Self.frame(.continuation, Array("\u{1f600}".utf8.suffix(2))) + Self.frame(.text, "")
            + Self.frame(.close, [0x03, 0xe8, 0x6f, 0x6b])
        let whole = Self.read(bytes)
        #expect(whole.count == 7 && whole[0] == "text a\u{20ac}" && whole[3] == "ping p", "\(whole)")
        for cut in 0...bytes.count { #expect(Self.read(bytes, cuts: [cut]) == whole) }
        #expect(Self.read(bytes, cuts: Array(0..<bytes.count)) == whole)
    }

    /// What is refused, and with which code.
    @Test(
        arguments: [
            ("unmasked", [0x81, 0x00], "protocolError"), ("reserved bit", [0xc1, 0x80], "protocolError"),
            ("reserved opcode", [0x83, 0x80], "protocolError"), ("control in pieces", [0x09, 0x80], "protocolError"),
            ("long control", [0x89, 0xfe, 0x00, 0x7e], "protocolError"),
            ("continues nothing", [0x80, 0x80], "protocolError"),
            ("length of 16 bits for few", [0x82, 0xfe, 0x00, 0x7d], "protocolError"),
            ("length of 64 bits for few", [0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff], "protocolError"),
            ("negative length", [0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0], "protocolError"),
            ("too long", [0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1], "tooLarge"),
        ] as [(String, [UInt8], String)])
    func refusesByTheHead(_: String, _ bytes: [UInt8], _ code: String) {
        #expect(Self.read(bytes) == ["fault \(code)"])
        #expect(Self.read(bytes, cuts: Array(0..<bytes.count)) == ["fault \(code)"])
    }

    @Test func refusesByTheContent() {
        let begun = Self.frame(.text, "x", isFinal: false)
        #expect(Self.read(begun + Self.frame(.text, "y")) == ["text… x", "fault protocolError"])
        #expect(Self.read(Self.frame(.text, [0xc0, 0x80])) == ["fault invalidText"])
        #expect(Self.read(Self.frame(.text, [0xe2, 0x82])) == ["fault invalidText"])
        #expect(Self.read(Self.frame(.text, [0xed, 0xa0, 0x80], isFinal: false)) == ["fault invalidText"])
        #expect(Self.read(Self.frame(.binary, [0xc0])).count == 1)
        #expect(Self.read(Self.frame(.close, [0x03])) == ["fault protocolError"])
        for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] as [UInt16] {
            let close = Self.frame(.close, [UInt8(code >> 8), UInt8(code & 0xff)])
            #expect(Self.read(close) == ["fault protocolError"], "\(code)")
        }
        #expect(Self.read(Self.frame(.close, [0x03, 0xe8, 0xff])) == ["fault invalidText"])
        #expect(Self.read(Self.frame(.close, "") + Self.frame(.text, "late")) == ["close "])
    }

    /// The limit is the message's, not the frame's.
    @Test func fragmentsCountTogether() {
        let part = [UInt8](repeating: 65, count: 60)
        let bytes = Self.frame(.text, part, isFinal: false) + Self.frame(.continuation, part)
        #expect(Self.read(bytes, limit: 120).count == 2)
        #expect(Self.read(bytes, limit: 119).last == "fault tooLarge")
    }

    @Test func masksFromAnyStart() {
        for count in 0..<20 {
            let plain = (0..<count).map { UInt8($0) }
            for lead in 0..<3 {
                var buffer = ByteBuffer(bytes: [UInt8](repeating: 9, count: lead) + plain)
                buffer.applyMask(0x0102_0304, from: lead)
                let wanted = plain.enumerated().map { $1 ^ UInt8($0 % 4 + 1) }
                #expect(Array(buffer.readableBytesView.dropFirst(lead)) == wanted)
            }
        }
    }
}
