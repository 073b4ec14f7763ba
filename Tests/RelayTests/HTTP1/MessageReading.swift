import NIOCore

@testable import Relay

/// What a stream of bytes was read as: whole messages, then how it ended.
struct Reading: Equatable, CustomStringConvertible {
    var messages: [String] = []
    /// Heads read, the last of which may lack its body.
    var heads = 0
    var refusal: HTTP1Refusal?
    /// Whether a message had begun and was not whole.
    var isOpen = false

    var description: String { "\(messages) \(refusal.map { "\($0)" } ?? (isOpen ? "open" : "clean"))" }
}

/// Feeds `pieces` one by one and reads whatever is whole after each.
func readRequests(_ pieces: [ArraySlice<UInt8>], limits: HTTP1Limits = HTTP1Limits(), bodyLimit: Int? = nil) -> Reading
{
    var reading = Reading()
    var parser = RequestHeadParser(limits: limits)
    var body: BodyDecoder?
    var text = ""
    var buffer = ByteBuffer()
    do throws(HTTP1Refusal) {
        for piece in pieces {
            buffer.writeBytes(piece)
            while true {
                if body == nil {
                    guard let head = try parser.next(&buffer) else { break }
                    reading.heads += 1
                    text = describe(head)
                    body = BodyDecoder(head.framing, limit: bodyLimit, limits: limits)
                }
                let (isWhole, bytes) = try drain(&body!, &buffer)
                text += bytes
                guard isWhole else { break }
                reading.messages.append(text)
                body = nil
            }
        }
    } catch { reading.refusal = error }
    reading.isOpen = reading.refusal == nil && (body != nil || buffer.readableBytes > 0)
    return reading
}

func readResponses(
    _ pieces: [ArraySlice<UInt8>], answersHEAD: Bool = false, limits: HTTP1Limits = HTTP1Limits()
) -> Reading {
    var reading = Reading()
    var parser = ResponseHeadParser(limits: limits)
    var body: BodyDecoder?
    var text = ""
    var buffer = ByteBuffer()
    do throws(HTTP1Refusal) {
        for piece in pieces {
            buffer.writeBytes(piece)
            while true {
                if body == nil {
                    guard let head = try parser.next(&buffer, answersHEAD: answersHEAD) else { break }
                    reading.heads += 1
                    text = "\(head.status) \(head.framing) \(head.keepAlive ? "keep" : "close")|"
                    body = BodyDecoder(head.framing, limit: nil, limits: limits)
                }
                let (isWhole, bytes) = try drain(&body!, &buffer)
                text += bytes
                guard isWhole else { break }
                reading.messages.append(text)
                body = nil
            }
        }
    } catch { reading.refusal = error }
    if body != nil, text.contains("untilClose") { reading.messages.append(text) }
    reading.isOpen = reading.refusal == nil && (body != nil || buffer.readableBytes > 0)
    return reading
}

private func drain(_ body: inout BodyDecoder, _ buffer: inout ByteBuffer) throws(HTTP1Refusal) -> (Bool, String) {
    var text = ""
    while true {
        switch try body.next(&buffer) {
        case .bytes(let bytes): text += String(buffer: bytes)
        case .needMore: return (false, text)
        case .end: return (true, text)
        }
    }
}

func describe(_ head: RequestHead) -> String {
    func string(_ range: Range<Int>) -> String {
        head.withSpan(range) { span in String(decoding: span.indices.map { span[$0] }, as: UTF8.self) }
    }
    let query = head.query.map { "?" + string($0) } ?? ""
    let flags = (head.keepAlive ? " keep" : " close") + (head.expectsContinue ? " continue" : "")
    return "\(head.method) \(string(head.target))\(query) \(head.framing)\(flags)|"
}

/// One piece, every two pieces, and single bytes.
func splits(_ bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
    var all = [[bytes[...]], bytes.indices.map { bytes[$0...$0] }]
    for cut in bytes.indices.dropFirst() { all.append([bytes[..<cut], bytes[cut...]]) }
    return all
}

/// A seeded generator, so that a failure can be run again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
