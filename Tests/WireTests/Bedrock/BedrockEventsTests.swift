import Foundation
import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct BedrockEventsTests {
    /// A message as AWS frames it.
    static func frame(_ headers: [(String, String)], _ payload: [UInt8]) -> [UInt8] {
        func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - $0 * 8)) } }
        func crc(_ bytes: [UInt8]) -> [UInt8] { word(CRC32.end(bytes.reduce(CRC32.start, CRC32.next))) }
        var fields: [UInt8] = []
        for (name, value) in headers {
            fields += [UInt8(name.utf8.count)] + Array(name.utf8) + [7, 0, UInt8(value.utf8.count)] + Array(value.utf8)
        }
        var out = word(UInt32(16 + fields.count + payload.count)) + word(UInt32(fields.count))
        out += crc(out)
        out += fields + payload
        return out + crc(out)
    }

    static func chunk(_ event: String) -> [UInt8] {
        let payload = "{\"bytes\":\"\(Data(event.utf8).base64EncodedString())\",\"p\":\"abcdefghij\"}"
        return frame(
            [(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")],
            Array(payload.utf8))
    }

    private static let events = [
        #"{"type":"message_start","message":{"id":"m","role":"assistant","content":[]}}"#, #"{"type":"ping"}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"é\n"}}"#,
        #"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":7}}"#,
    ]
    private static let expected =
        "event: message_start\ndata: \(events[0])\n\nevent: ping\ndata: \(events[1])\n\n"
        + "event: content_block_delta\ndata: \(events[2])\n\nevent: message_stop\ndata: \(events[3])\n\n"

    private func read(_ pieces: [ArraySlice<UInt8>], limit: Int = 4096) throws(StreamFault) -> String {
        var reader = BedrockEvents(messageLimit: limit)
        var out = ByteBuffer()
        for piece in pieces { try reader.read(ByteBuffer(bytes: piece), into: &out) }
        return String(buffer: out)
    }

    @Test func everySplitGivesTheSameEvents() throws {
        let bytes = Self.events.flatMap(Self.chunk)
        #expect(try read([bytes[...]]) == Self.expected)
        #expect(try read(bytes.indices.map { bytes[$0..<$0 + 1] }) == Self.expected)
        for cut in 1..<bytes.count {
            #expect(try read([bytes[..<cut], bytes[cut...]]) == Self.expected, "cut at \(cut)")
        }
    }

    @Test(arguments: [
        ("throttlingException", "rate_limit_error"), ("serviceUnavailableException", "overloaded_error"),
        ("modelTimeoutException", "timeout_error"), ("validationException", "invalid_request_error"),
        ("internalServerException", "api_error"), ("somethingNew", "api_error"),
    ])
    func anExceptionIsAnErrorEvent(type: String, expected: String) throws {
        let frame = Self.frame(
            [(":exception-type", type), (":message-type", "exception")], Array(#"{"message":"Too \"many\""}"#.utf8))
        let text = try read([frame[...]])
        #expect(
            text
                == "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"\(expected)\",\"message\":\"Too \\\"many\\\"\"}}\n\n"
        )
    }

    /// A flipped bit anywhere is seen by one of the two checksums, or makes the message wait for bytes that never come.
    @Test func everyFlippedBitIsSeen() throws {
        let bytes = Self.chunk(Self.events[1])
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                #expect(throws: StreamFault.malformedFrame) { try read([damaged[...]]) }
            }
        }
    }

    @Test func lengthsAreBounded() throws {
        let large = Self.chunk(#"{"type":"ping","x":"\#(String(repeating: "a", count: 4000))"}"#)
        #expect(throws: StreamFault.eventTooLarge) { try read([large.prefix(12)]) }
        for payload in [
            "{}", "[]", "x", #"{"bytes":7}"#, #"{"bytes":"e30"}"#, #"{"bytes":"e30="}"#, #"{"bytes":"****"}"#,
        ] {
            let frame = Self.frame([(":event-type", "chunk"), (":message-type", "event")], Array(payload.utf8))
            #expect(throws: StreamFault.malformedFrame, "\(payload)") { try read([frame[...]]) }
        }
        // A line end inside would end the event early.
        #expect(throws: StreamFault.malformedFrame) { try read([Self.chunk("{\"type\":\"a\"\n\n}")[...]]) }
    }

    @Test func base64() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            #expect(Base64.decoded(Array(Data(bytes).base64EncodedString().utf8)) == bytes)
        }
        for text in ["A", "AA=", "A===", "====", "AA=A", "A=AA", "AA==AAAA", "AA A", "AA-_"] {
            #expect(Base64.decoded(Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        (
            MessagesPlatform.bedrock, #"{"model":"m","stream":true,"max_tokens":3,"messages":[]}"#, "a-1, b-2",
            #"{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["a-1","b-2"],"max_tokens":3,"messages":[]}"#
        ),
        (
            .bedrock, #"{"messages":[],"anthropic_version":"x","anthropic_beta":["c"],"stream":false,"model":"m"}"#,
            "a",
            #"{"messages":[],"anthropic_version":"x","anthropic_beta":["c"]}"#
        ),
        (
            .vertex, #" { "max_tokens":3, "model":"m", "messages":[{"model":1}], "stream":true }"#, "a",
            #" {"anthropic_version":"vertex-2023-10-16", "max_tokens":3, "messages":[{"model":1}], "stream":true }"#
        ),
    ])
    func aPlatformGetsItsBody(platform: MessagesPlatform, body: String, betas: String, expected: String) {
        var buffer = ByteBuffer(string: "xy" + body)
        buffer.moveReaderIndex(forwardBy: 2)
        let pieces = platform.fitted(buffer, betas: ByteBuffer(string: betas))
        #expect(pieces.map { String(buffer: $0) }.joined() == expected)
    }
}
