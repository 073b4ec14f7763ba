import Foundation
import NIOCore
import Testing

@testable import Relay

/// The framing corpora of the project's shared folder, when it is there (`TACET_SHARED`).
private let corpora = ProcessInfo.processInfo.environment["TACET_SHARED"].flatMap { $0.isEmpty ? nil : $0 }.map {
    URL(filePath: $0).appending(path: "corpora")
}

private struct FramingCase: Decodable {
    let name: String
    let request_escaped: String
}

private struct Variants: Decodable {
    struct Variant: Decodable {
        let name: String
        let gadget_b64: Data
        let request_b64: Data
    }
    let requests: [Variant]
}

@Suite(.enabled(if: corpora != nil, "TACET_SHARED names no shared folder"))
struct CorpusTests {
    @Test func framingCasesStandWithTheReferee() throws {
        let file = try #require(corpora).appending(path: "smuggling/http1-framing-cases.json")
        let cases = try JSONDecoder().decode([FramingCase].self, from: Data(contentsOf: file))
        #expect(cases.count == 54)
        for item in cases {
            let bytes = unescaped(item.request_escaped)
            expectAgreement(bytes, item.name)
            expectSplitsAgree(bytes, item.name)
        }
        // CONTROL 4.6: what NIO accepts and we must refuse.
        let refused = Set(
            cases.filter { readRequests([unescaped($0.request_escaped)[...]]).refusal != nil }.map(\.name))
        let ours: Set = [
            "cl-leading0", "te-gzip-chunked", "te-http10", "no-host", "dup-host", "abs-form", "authority-form",
            "asterisk", "frag-in-target",
        ]
        #expect(refused.isSuperset(of: ours), "\(ours.subtracting(refused))")
        let accepted: Set = [
            "get-with-body", "te-chunked-ok", "te-upper", "chunk-ext", "trailer", "underscore", "tab-value",
            "leading-crlf", "upgrade-h2c", "pipelined", "conn-hop", "expect",
        ]
        #expect(refused.isDisjoint(with: accepted), "\(refused.intersection(accepted))")
        #expect(refused.count + accepted.count >= cases.count - 1)
    }

    @Test func lengthAndCodingVariantsAreRefused() throws {
        let file = try #require(corpora).appending(path: "smuggling/te-cl-variants.json")
        let decoder = JSONDecoder()
        let variants = try decoder.decode(Variants.self, from: Data(contentsOf: file)).requests
        #expect(variants.count >= 1703)
        var whole: [String] = []
        for variant in variants {
            let after = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n"
            let turned = Array(after.utf8) + variant.gadget_b64 + Array("\r\n\r\n0\r\n\r\nG".utf8)
            for bytes in [[UInt8](variant.request_b64), turned] {
                expectAgreement(bytes, variant.name)
                if !readRequests([bytes[...]]).messages.isEmpty { whole.append(variant.name) }
            }
        }
        // Six gadgets in two orders leave Transfer-Encoding an ordinary field or part of one.
        #expect(whole.count <= 12, "\(whole)")
    }

    @Test(arguments: ["request", "response"]) func parserCasesAreReadAlikeAtEverySplit(_ kind: String) throws {
        let folder = try #require(corpora).appending(path: "http1-llhttp/\(kind)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var count = 0
        for file in files where file.pathExtension == "md" {
            for (index, bytes) in try blocks(String(contentsOf: file, encoding: .utf8)).enumerated() {
                let name = "\(file.lastPathComponent) \(index)"
                count += 1
                if kind == "request" {
                    expectAgreement(bytes, name)
                    expectSplitsAgree(bytes, name)
                    // Most of these have no Host: with one, more of each is read.
                    expectAgreement(withHost(bytes), name)
                    expectSplitsAgree(withHost(bytes), name)
                } else {
                    let whole = readResponses([bytes[...]])
                    for pieces in splits(bytes) { #expect(readResponses(pieces) == whole, "\(name)") }
                }
            }
        }
        #expect(count == (kind == "request" ? 166 : 85))
    }

    private func expectAgreement(_ bytes: [UInt8], _ name: String) {
        let agreement = compare(bytes)
        #expect(agreement != .broken, "\(name)")
        if case .onlyWeRefuse(let refusal) = agreement { #expect(beyondNIO.contains(refusal), "\(name) \(refusal)") }
    }

    private func expectSplitsAgree(_ bytes: [UInt8], _ name: String) {
        let whole = readRequests([bytes[...]])
        for pieces in splits(bytes) { #expect(readRequests(pieces) == whole, "\(name)") }
    }
}

/// `\r`, `\n`, `\t`, `\0` and `\xNN` of the framing cases.
private func unescaped(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\"), let sign = rest.popFirst() else {
            bytes.append(byte)
            continue
        }
        switch sign {
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "0"): bytes.append(0)
        case UInt8(ascii: "x"):
            bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        default: bytes.append(sign)
        }
    }
    return bytes
}

/// The `http` blocks of a file of llhttp's tests: a line ends in CRLF, `\r` and `\n` stand for themselves, and a
/// backslash at a line's end joins it to the next.
private func blocks(_ markdown: String) -> [[UInt8]] {
    markdown.components(separatedBy: "```http\n").dropFirst().map { part in
        var text = String(part[..<(part.range(of: "\n```")?.lowerBound ?? part.endIndex)])
        text = text.replacingOccurrences(of: "\\\n", with: "").replacingOccurrences(of: "\n", with: "\r\n")
        text = text.replacingOccurrences(of: "\\r", with: "\r").replacingOccurrences(of: "\\n", with: "\n")
        text = text.replacingOccurrences(of: "\\t", with: "\t").replacingOccurrences(of: "\\f", with: "\u{c}")
        return Array(text.utf8)
    }
}

private func withHost(_ bytes: [UInt8]) -> [UInt8] {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n"), !text.lowercased().contains("\r\nhost:") else { return bytes }
    return Array(text.replacingCharacters(in: end, with: "\r\nHost: a\r\n").utf8)
}
