import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Relay

/// What NIOHTTP1's decoder makes of the same bytes: the referee (DESIGN §4: we refuse whatever it refuses).
struct RefereeReading {
    var messages = 0
    var bodies = 0
    var isRefused = false
}

func refereeRequests(_ bytes: [UInt8]) -> RefereeReading {
    var reading = RefereeReading()
    let channel = EmbeddedChannel()
    let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)
    do {
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder))
        try channel.writeInbound(ByteBuffer(bytes: bytes))
    } catch { reading.isRefused = true }
    do {
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head: break
            case .body(let body): reading.bodies += body.readableBytes
            case .end: reading.messages += 1
            }
        }
    } catch { reading.isRefused = true }
    // `finish` throws for a message that was cut, which is no refusal.
    _ = try? channel.finish(acceptAlreadyClosed: true)
    return reading
}

/// How the two readers stand to each other over one input.
enum Agreement: Hashable {
    case both
    case neither
    /// Beyond NIO: what only we refuse.
    case onlyWeRefuse(HTTP1Refusal)
    /// NIO refuses before the line has ended; we accept nothing of the message and refuse at its end.
    case weWait
    case broken
}

func compare(_ bytes: [UInt8]) -> Agreement {
    let (ours, theirs) = (readRequests([bytes[...]]), refereeRequests(bytes))
    if theirs.isRefused {
        if ours.messages.count > theirs.messages { return .broken }
        if ours.refusal != nil { return .neither }
        return ours.isOpen && ours.messages.count <= theirs.messages ? .weWait : .broken
    }
    if let refusal = ours.refusal { return .onlyWeRefuse(refusal) }
    // After an upgrade NIO reads no further.
    return ours.messages.count >= theirs.messages ? .both : .broken
}

/// All that we refuse and NIOHTTP1 does not, named one by one: a refusal not in this list is a mistake of ours.
let beyondNIO: Set<HTTP1Refusal> = [
    // Size: 32 KiB and 100 fields instead of 2 MiB and 256; a bound on empty and chunk lines.
    .headTooLarge, .tooManyFields, .chunkLineTooLong, .trailersTooLarge, .tooManyEmptyLines, .bodyTooLarge,
    // LF or CR alone before a request line.
    .bareLF, .bareCR,
    // Methods of WebDAV, RTSP and the like; CONNECT, TRACE and OPTIONS *.
    .unsupportedMethod, .methodNotAllowed,
    // Fragments, schemes other than http, userinfo; HTTP/0.9 and HTTP/2.0 lines.
    .invalidTarget, .malformedRequestLine, .unsupportedVersion,
    // Host.
    .missingHost, .invalidHost, .hostMismatch,
    // Two credentials or content types; bytes from 0x80 in a value that is read; unknown expectations.
    .duplicateField, .invalidFieldValue, .unsupportedExpectation,
    // Leading zeros; any coding but chunked; any coding in HTTP/1.0.
    .badLength, .unsupportedTransferCoding, .transferCodingInHTTP10,
    // Chunk sizes above Int.max, extensions that are no token or quoted string; Host, Connection, Expect in trailers.
    .badChunk, .framingInTrailer,
]

@Suite struct DifferentialTests {
    @Test func ownCasesStandWithTheReferee() {
        var tally: [Agreement: Int] = [:]
        for item in requestCases {
            let agreement = compare(item.bytes)
            tally[agreement, default: 0] += 1
            #expect(
                agreement != .broken, "\(String(decoding: item.bytes, as: UTF8.self).debugDescription) \(agreement)")
            if case .onlyWeRefuse(let refusal) = agreement {
                #expect(
                    beyondNIO.contains(refusal),
                    "\(String(decoding: item.bytes, as: UTF8.self).debugDescription) \(refusal)")
            }
        }
        #expect(tally[.both, default: 0] > 40)
        #expect(tally[.neither, default: 0] > 40)
    }

    /// Every byte value at every place where a gadget goes.
    @Test func gadgetsWithEveryByte() {
        let places: [(String, String)] = [
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding", ": chunked\r\n\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:", "chunked\r\n\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", "\r\n\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nX: x", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length", ": 2\r\n\r\nab"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:", "2\r\n\r\nab"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2", "\r\n\r\nab"),
            ("POST / HTTP/1.1\r\nHost: a\r", "\nContent-Length: 2\r\n\r\nab"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n", "\r\nab"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r", "\nab"),
            ("", "POST / HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("P", "OST / HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST", " / HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST ", "/ HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST /", " HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST / ", "HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST / HTTP/1.", "\r\nHost: a\r\n\r\n"),
            ("POST / HTTP/1.1", "\r\nHost: a\r\n\r\n"),
            ("POST http://a", "/ HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST http:/", "/a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "2\r\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2", "\r\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;", "\r\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x", "=y\r\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=", "y\r\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=\"", "\"\r\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=\"\\", "\"\r\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=\"y\"", "\r\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r", "\nab\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab", "\r\n0\r\n\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n", "\r\n"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX", ": a\r\n\r\n"),
        ]
        for (before, after) in places {
            for byte in UInt8.min...UInt8.max {
                for count in 1...2 {
                    let bytes = Array(before.utf8) + Array(repeating: byte, count: count) + Array(after.utf8)
                    let agreement = compare(bytes)
                    #expect(agreement != .broken, "byte \(byte) x \(count) after \(before.debugDescription)")
                    if case .onlyWeRefuse(let refusal) = agreement {
                        #expect(
                            beyondNIO.contains(refusal), "\(refusal), byte \(byte) after \(before.debugDescription)")
                    }
                }
            }
        }
    }

    /// Mutations of the table by a fixed seed: nothing crashes, every split reads alike, and the referee never refuses
    /// what we take.
    @Test func mutationsNeitherCrashNorDiffer() {
        var random = SplitMix(state: 20_260_401)
        let spice: [[UInt8]] = [
            "\r\n", "\n", "\r", " ", "\t", ":", ",", ";", "0", "chunked", "Content-Length: 1\r\n", "\r\n\r\n", "\u{0}",
            "Transfer-Encoding: chunked\r\n", "Host: a\r\n", "HTTP/1.1", "\"", "\\", "#", "*", "GET / HTTP/1.1\r\n",
            "?",
        ].map { Array($0.utf8) }
        for round in 0..<6000 {
            var bytes = requestCases[Int.random(in: requestCases.indices, using: &random)].bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1 where at < bytes.count: bytes.remove(at: at)
                case 2: bytes.insert(contentsOf: spice.randomElement(using: &random)!, at: at)
                case 3 where !bytes.isEmpty:
                    let from = Int.random(in: 0..<bytes.count, using: &random)
                    bytes.insert(contentsOf: bytes[from..<min(from + 20, bytes.count)], at: at)
                default: bytes.removeSubrange(at..<min(at + 7, bytes.count))
                }
            }
            let whole = readRequests([bytes[...]])
            #expect(readRequests(bytes.indices.map { bytes[$0...$0] }) == whole, "round \(round)")
            let cut = Int.random(in: 0...bytes.count, using: &random)
            #expect(readRequests([bytes[..<cut], bytes[cut...]]) == whole, "round \(round)")
            #expect(
                compare(bytes) != .broken, "round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }
}
