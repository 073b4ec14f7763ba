import NIOCore
import Testing
import Vocabulary

@testable import Relay

@Suite struct RequestHeadTests {
    @Test(arguments: requestCases.indices) func readsAsTheTableSays(_ index: Int) {
        let item = requestCases[index]
        let expected = { (reading: Reading) in
            reading.messages == item.messages && reading.refusal == item.refusal && reading.isOpen == item.isOpen
        }
        for pieces in splits(item.bytes) {
            let reading = readRequests(pieces)
            #expect(expected(reading), "\(String(decoding: item.bytes, as: UTF8.self).debugDescription): \(reading)")
        }
    }

    @Test func theTableIsLargeAndMeetsEveryRequestRefusal() {
        #expect(requestCases.count >= 120)
        let elsewhere: Set<HTTP1Refusal> = [
            .headTooLarge, .tooManyFields, .trailersTooLarge, .chunkLineTooLong, .malformedStatusLine,
            .unexpectedUpgrade, .tooManyInterimResponses,
        ]
        let met = Set(requestCases.compactMap(\.refusal))
        for refusal in HTTP1Refusal.allCases where !elsewhere.contains(refusal) {
            #expect(met.contains(refusal), "\(refusal) has no case")
        }
    }

    @Test func knownFieldsAreFoundInAnyCase() throws {
        let checked: Set<KnownField> = [.transferEncoding, .expect, .host]
        for field in KnownField.allCases where !checked.contains(field) {
            for spelling in ["\(field.name)", "\(field.name)".uppercased()] {
                var buffer = ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\(spelling): \t1  \r\n\r\n")
                var parser = RequestHeadParser()
                let head = try #require(try parser.next(&buffer))
                let range = try #require(head.field(field), "\(spelling)")
                #expect(head.withSpan(range) { $0.count == 1 && $0[0] == UInt8(ascii: "1") })
            }
        }
    }

    @Test func noOtherNameIsTakenForAKnownOne() throws {
        for field in KnownField.allCases {
            let name = Array("\(field.name)".utf8)
            for index in name.indices {
                for other in UInt8(0)...127 where Byte.isToken(other) && other | 0x20 != name[index] | 0x20 {
                    var changed = name
                    changed[index] = other
                    #expect(KnownField(changed.span, 0..<changed.count) != field)
                }
            }
        }
        #expect(KnownField(Array("a".utf8).span, 0..<1) == nil)
    }

    @Test(arguments: [0, 1, 7, 64]) func headsAreBoundInBytes(_ excess: Int) {
        let limits = HTTP1Limits(head: 1000)
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
        let text = frame.replacing("X: ", with: "X: " + String(repeating: "x", count: 1000 - frame.utf8.count + excess))
        for pieces in splits(Array(text.utf8)) {
            #expect(readRequests(pieces, limits: limits).refusal == (excess == 0 ? nil : .headTooLarge))
        }
    }

    @Test func headsWithoutAnEndAreRefusedAtTheLimit() {
        let limits = HTTP1Limits(head: 500)
        let open = Array(repeating: UInt8(ascii: "a"), count: 499)
        #expect(readRequests([open[...]], limits: limits).isOpen)
        #expect(readRequests([open[...], open[..<1]], limits: limits).refusal == .headTooLarge)
    }

    @Test func fieldsAreBoundInNumber() {
        func request(_ count: Int) -> [UInt8] {
            Array(("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: a\r\n", count: count - 1) + "\r\n").utf8)
        }
        #expect(readRequests([request(100)[...]]).messages.count == 1)
        #expect(readRequests([request(101)[...]]).refusal == .tooManyFields)
    }

    @Test func oneHeadIsTakenAndNoMore() throws {
        var buffer = ByteBuffer(string: "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2")
        var parser = RequestHeadParser()
        let head = try #require(try parser.next(&buffer))
        #expect(head.matches(head.target, "/1"))
        #expect(buffer.readableBytes == 6)
        #expect(!parser.isInsideHead)
        #expect(try parser.next(&buffer) == nil)
        #expect(parser.isInsideHead)
    }

    @Test func refusalsHaveTheirStatus() {
        #expect(HTTP1Refusal.headTooLarge.status == 431)
        #expect(HTTP1Refusal.unsupportedTransferCoding.status == 501)
        #expect(HTTP1Refusal.unsupportedVersion.status == 505)
        #expect(HTTP1Refusal.methodNotAllowed.status == 405)
        #expect(HTTP1Refusal.missingHost.status == 400)
        #expect(HTTP1Refusal.bodyTooLarge.requestCode == .bodyTooLarge)
        #expect(HTTP1Refusal.bareLF.requestCode == .malformedRequest)
        #expect(HTTP1Refusal.headTooLarge.upstreamCode == .upstreamTooLarge)
        #expect(HTTP1Refusal.badChunk.upstreamCode == .upstreamMalformed)
    }
}
