import NIOCore
import Testing

@testable import Relay

private struct ResponseCase {
    let text: String
    let messages: [String]
    let refusal: HTTP1Refusal?
    let answersHEAD: Bool

    static func reads(_ text: String, _ messages: String..., answersHEAD: Bool = false) -> ResponseCase {
        ResponseCase(text: text, messages: messages, refusal: nil, answersHEAD: answersHEAD)
    }
    static func refuses(_ refusal: HTTP1Refusal, _ text: String) -> ResponseCase {
        ResponseCase(text: text, messages: [], refusal: refusal, answersHEAD: false)
    }
}

private func ok(_ fields: String, _ body: String = "") -> String { "HTTP/1.1 200 OK\r\n\(fields)\r\n\(body)" }

private let responseCases: [ResponseCase] = [
    .reads(ok("Content-Length: 2\r\n", "ab"), "200 length(2) keep|ab"),
    .reads(ok("Content-Length: 0\r\n"), "200 length(0) keep|"),
    .reads(ok("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n0\r\n\r\n"), "200 chunked keep|ab"),
    .reads(ok("", "ab"), "200 untilClose close|ab"),
    .reads(ok("Connection: close\r\nContent-Length: 1\r\n", "a"), "200 length(1) close|a"),
    .reads("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "200 length(1) close|a"),
    .reads(
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", "200 length(1) keep|a"),
    .reads("HTTP/1.1 529\r\nContent-Length: 0\r\n\r\n", "529 length(0) keep|"),
    .reads("HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", "404 length(0) keep|"),
    .reads("HTTP/1.1 200 Gut\tso é\r\nContent-Length: 0\r\n\r\n", "200 length(0) keep|"),
    .reads("HTTP/1.1 204 No Content\r\n\r\n", "204 none keep|"),
    .reads("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "204 none keep|"),
    .reads("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "204 none close|"),
    .reads("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 none keep|"),
    .reads(ok("Content-Length: 9\r\n"), "200 none keep|", answersHEAD: true),
    .reads(ok("Transfer-Encoding: chunked\r\n"), "200 none keep|", answersHEAD: true),
    .reads("HTTP/1.1 100 Continue\r\n\r\n" + ok("Content-Length: 1\r\n", "a"), "200 length(1) keep|a"),
    .reads(
        "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 \r\n\r\n" + ok("Content-Length: 1\r\n", "a"),
        "200 length(1) keep|a"),
    .reads(ok("Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n"), "200 length(0) keep|"),
    .refuses(.unexpectedUpgrade, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    .refuses(.badLength, "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nab"),
    .refuses(
        .tooManyInterimResponses, String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 9)),
    .refuses(.lengthWithTransferCoding, ok("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n")),
    .refuses(.duplicateField, ok("Content-Length: 2\r\nContent-Length: 2\r\n")),
    .refuses(.duplicateField, ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
    .refuses(.unsupportedTransferCoding, ok("Transfer-Encoding: gzip, chunked\r\n")),
    .refuses(.transferCodingInHTTP10, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    .refuses(.badLength, ok("Content-Length: 2, 2\r\n")),
    .refuses(.badLength, ok("Content-Length: -1\r\n")),
    .refuses(.obsFold, ok("X: a\r\n b\r\n")),
    .refuses(.bareLF, "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"),
    .refuses(.bareLF, ok("X: a\nY: b\r\n")),
    .refuses(.bareCR, "HTTP/1.1 200 OK\rX: a\r\n\r\n"),
    .refuses(.spaceBeforeColon, ok("X : a\r\n")),
    .refuses(.invalidFieldValue, ok("X: a\u{0}\r\n")),
    .refuses(.malformedStatusLine, "HTTP/1.1 20 OK\r\n\r\n"),
    .refuses(.malformedStatusLine, "HTTP/1.1 2000 OK\r\n\r\n"),
    .refuses(.malformedStatusLine, "HTTP/1.1  200 OK\r\n\r\n"),
    .refuses(.malformedStatusLine, "HTTP/1.1 2x0 OK\r\n\r\n"),
    .refuses(.malformedStatusLine, "HTTP/1.1 099 OK\r\n\r\n"),
    .refuses(.malformedStatusLine, "HTTP/1.1 600 OK\r\n\r\n"),
    .refuses(.malformedStatusLine, "HTTP/1.1 200\u{1}OK\r\n\r\n"),
    .refuses(.malformedStatusLine, "ICY/1.1 200 OK\r\n\r\n"),
    .refuses(.malformedStatusLine, "\r\nHTTP/1.1 200 OK\r\n\r\n"),
    .refuses(.unsupportedVersion, "HTTP/2.0 200 OK\r\n\r\n"),
    .refuses(.unsupportedVersion, "HTTP/1.2 200 OK\r\n\r\n"),
]

@Suite struct ResponseHeadTests {
    @Test(arguments: responseCases.indices) func readsAsTheTableSays(_ index: Int) {
        let item = responseCases[index]
        for pieces in splits(Array(item.text.utf8)) {
            let reading = readResponses(pieces, answersHEAD: item.answersHEAD)
            #expect(
                reading.messages == item.messages && reading.refusal == item.refusal,
                "\(item.text.debugDescription): \(reading)")
        }
    }

    @Test func fieldsThatPassOnAreFound() throws {
        var buffer = ByteBuffer(
            string: ok("Content-Type: text/event-stream\r\nRetry-After: 7\r\ncontent-encoding: gzip\r\n"))
        var parser = ResponseHeadParser()
        let head = try #require(try parser.next(&buffer, answersHEAD: false))
        #expect(head.matches(try #require(head.contentType), "text/event-stream"))
        #expect(head.matches(try #require(head.retryAfter), "7"))
        #expect(head.matches(try #require(head.contentEncoding), "gzip"))
    }

    @Test func headsAreBound() {
        let open = Array(("HTTP/1.1 200 " + String(repeating: "x", count: 600)).utf8)
        #expect(readResponses([open[...]], limits: HTTP1Limits(head: 600)).refusal == .headTooLarge)
    }
}

@Suite struct BodyDecoderTests {
    @Test func slicesShareTheReceivedStorage() throws {
        var buffer = ByteBuffer(string: "abcdef")
        var body = BodyDecoder(.length(4), limit: nil)
        #expect(try body.next(&buffer) == .bytes(ByteBuffer(string: "abcd")))
        #expect(try body.next(&buffer) == .end)
        #expect(try body.next(&buffer) == .end)
        #expect(body.count == 4 && body.isEnded && buffer.readableBytes == 2)
    }

    @Test func bodiesAreBoundBeforeTheyAreRead() {
        var buffer = ByteBuffer(string: "abcdef")
        var fixed = BodyDecoder(.length(6), limit: 5)
        #expect(throws: HTTP1Refusal.bodyTooLarge) { try fixed.next(&buffer) }
        #expect(buffer.readableBytes == 6)
        var exact = BodyDecoder(.length(6), limit: 6)
        #expect(throws: Never.self) { try exact.next(&buffer) }
        var chunks = ByteBuffer(string: "3\r\nabc\r\n3\r\n")
        var chunked = BodyDecoder(.chunked, limit: 5)
        #expect(throws: HTTP1Refusal.bodyTooLarge) { while try chunked.next(&chunks) != .needMore {} }
        #expect(chunked.count == 3)
        var rest = ByteBuffer(string: "abcdef")
        var open = BodyDecoder(.untilClose, limit: 5)
        #expect(throws: HTTP1Refusal.bodyTooLarge) { try open.next(&rest) }
    }

    @Test func chunkLinesAndTrailersAreBound() {
        let long = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let line = Array((long + "1;" + String(repeating: "x", count: 300) + "\r\na\r\n0\r\n\r\n").utf8)
        let trailer = Array((long + "0\r\nX: " + String(repeating: "x", count: 9000) + "\r\n\r\n").utf8)
        let many = Array((long + "0\r\n" + String(repeating: "X: a\r\n", count: 101) + "\r\n").utf8)
        for (bytes, refusal) in [
            (line, HTTP1Refusal.chunkLineTooLong), (trailer, .trailersTooLarge), (many, .tooManyFields),
        ] {
            #expect(readRequests([bytes[...]]).refusal == refusal)
            #expect(readRequests(bytes.indices.map { bytes[$0...$0] }).refusal == refusal)
        }
    }

    @Test func writtenChunksAreReadBack() throws {
        var buffer = ByteBuffer()
        var part = ByteBuffer()
        for size in [1, 9, 10, 15, 16, 255, 256, 4096, 65_535] {
            part.beginChunk()
            part.writeRepeatingByte(UInt8(ascii: "x"), count: size)
            part.endChunk()
            buffer.writeImmutableBuffer(part)
        }
        buffer.writeImmutableBuffer(lastChunk)
        var body = BodyDecoder(.chunked, limit: nil)
        while try body.next(&buffer) != .end {}
        #expect(body.count == 1 + 9 + 10 + 15 + 16 + 255 + 256 + 4096 + 65_535)
        #expect(buffer.readableBytes == 0)
    }
}

@Suite struct HeadWritingTests {
    @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, Int.max]) func numbersAreWrittenAsDigits(_ number: Int) {
        var buffer = ByteBuffer()
        buffer.writeHead(capacity: 20) { $0.decimal(number) }
        #expect(String(buffer: buffer) == "\(number)")
    }

    @Test(arguments: UInt16(200)...599) func statusLinesAreReadBack(_ status: UInt16) throws {
        var buffer = ByteBuffer()
        buffer.writeHead(capacity: 200) { out in
            out.text("HTTP/1.1 ")
            out.decimal(Int(status))
            out.text(" ")
            out.text(reason(of: status))
            out.text("\r\ncontent-length: 0\r\n\r\n")
        }
        var parser = ResponseHeadParser()
        #expect(try parser.next(&buffer, answersHEAD: false)?.status == status)
    }

    @Test func valuesThatCouldEndALineAreNotWritten() {
        for byte in UInt8.min...UInt8.max {
            #expect(ByteBuffer(bytes: [UInt8(ascii: "a"), byte]).isVisible == (0x20...0x7e).contains(byte))
        }
    }
}
