import Foundation
import Testing
import Vocabulary

@testable import Wire

func verdict(_ bytes: [UInt8]) -> ErrorCode? {
    do throws(JSONFault) {
        _ = try JSONCursor.validate(bytes.span)
        return nil
    } catch { return error.code }
}

func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
}

let sharedFolder = ProcessInfo.processInfo.environment["TACET_SHARED"].flatMap { $0.isEmpty ? nil : $0 }

@Suite struct JSONTests {
    @Test(arguments: [
        "{}", "[]", " [ ] ", "0", "-0", "1.5e+3", "-1E-2", "true", "false", "null", "\"\"", "\"a\\n\\u0041\\/\"",
        "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"d\":\"\\\\\"}", "\t\r\n[1 , 2]\n", "\"\\u0000\"", "\"\\ud83d\\ude00\"",
        "\"é世界😀\"", "{\"\":0}", "{\"a\":1,\"a\":2}", "[[],{},[[]]]", "1e999999", "\"\u{7f}\"", nested(64),
        "{\"k\":" + nested(63) + "}", "[[1,2],[3,[4]],{\"x\":[]}]",
    ])
    func accepts(text: String) { #expect(verdict(Array(text.utf8)) == nil) }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
        "{\"a\" 1}", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "tru", "truex", "nul", "True",
        "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\u{01}\"", "\"a\nb\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"\\ud800\\u0041\"", "\"\\ud800x\"", "[1]]", "{}{}", "1 1", "[}", "{]", "// c\n1", "[1]/**/", "\u{feff}{}",
        "{\"a\":1 \"b\":2}", "[\"a\":1]", "\u{0c}1", "\"\\", "[\"\\u00", "é", "[é]",
    ])
    func refuses(text: String) { #expect(verdict(Array(text.utf8)) == .malformedJSON) }

    @Test(arguments: [
        nested(65), "[" + nested(64) + "]", "{\"k\":" + nested(64) + "}", String(repeating: "[", count: 100_000),
    ])
    func refusesDepth(text: String) { #expect(verdict(Array(text.utf8)) == .tooDeep) }

    @Test(
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xc2, 0x22], [0xe0, 0x9f, 0xbf], [0xe2, 0x82],
            [0xed, 0xa0, 0x80],
            [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xf0, 0x9f, 0x98],
        ] as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) { #expect(verdict([0x22] + bytes + [0x22]) == .invalidUTF8) }

    /// Every scalar boundary is accepted by our UTF-8 check exactly when the standard library accepts it.
    @Test func agreesWithTheStandardLibraryOnUTF8() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                [
                    0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf3,
                    0xf4, 0xf5,
                ]
                .randomElement(using: &random)! as UInt8
            }
            let valid = String(validating: bytes, as: UTF8.self) != nil
            #expect((verdict([0x22] + bytes + [0x22]) == nil) == valid, "\(bytes)")
        }
    }

    /// The vector search and its tail find the same byte at every length and place.
    @Test func stringsEndWhereTheyEnd() {
        for length in 0..<70 {
            let plain = [UInt8](repeating: 0x61, count: length)
            #expect(verdict([0x22] + plain + [0x22]) == nil)
            for place in 0..<length {
                for (byte, code) in [
                    (0x00, .malformedJSON), (0x1f, .malformedJSON), (0x22, .malformedJSON), (0xff, .invalidUTF8),
                ]
                    as [(UInt8, ErrorCode)]
                {
                    var bytes = plain
                    bytes[place] = byte
                    #expect(verdict([0x22] + bytes + [0x22]) == code, "\(length) \(place) \(byte)")
                }
            }
        }
    }

    @Test func tellsTheOffset() {
        for (text, offset) in [("{\"a\":tru}", 5), ("[1,2,,3]", 5), ("{\"a\":\"\\q\"}", 6), ("[1", 2)] {
            let error = #expect(throws: JSONFault.self) { try JSONCursor.validate(Array(text.utf8).span) }
            #expect(error?.offset == offset, "\(text)")
        }
    }

    @Test(
        arguments: [
            ("0", 0, true), ("-12", 12, true), ("1.0", 1, true), ("1.5", 1, false), ("1e3", 1000, true),
            ("1.25e1", 12, false),
            ("1200e-2", 12, true), ("1e-9", 0, false), ("18446744073709551615", .max, true),
            ("99999999999999999999", .max, true),
            ("1e400", .max, true), ("0e999999999999999999999", 0, true), ("0.000", 0, true), ("0.5e1", 5, true),
            ("1e-999999999999999999999", 0, false),
        ] as [(String, UInt64, Bool)])
    func readsNumbers(text: String, magnitude: UInt64, isWhole: Bool) {
        let bytes = Array(text.utf8)
        let number = JSONNumber(bytes.span, 0..<bytes.count)
        #expect(number?.magnitude == magnitude)
        #expect(number?.isWhole == isWhole)
        #expect(number?.isNegative == text.hasPrefix("-"))
    }

    @Test(arguments: ["", "-", "x", "1x", "1e", "e5", "."])
    func refusesWhatIsNoNumber(text: String) {
        let bytes = Array(text.utf8)
        #expect(JSONNumber(bytes.span, 0..<bytes.count) == nil)
    }

    @Test func resolvesEscapes() throws {
        let source = Array(#""a\"\\\/\b\f\n\r\t\u0041\u00e9\u4e16\ud83d\ude00é""#.utf8)
        var cursor = JSONCursor(source.span)
        let value = try cursor.value(source.span)
        let text = value.text.unescaped(in: source.span)
        #expect(String(decoding: text, as: UTF8.self) == "a\"\\/\u{08}\u{0c}\n\r\tAé世😀é")
        #expect(value.text.byteCount(in: source.span) == text.count)
    }

    /// The verdicts of JSONTestSuite: y_ accepted, n_ refused, and of the free ones (i_) these:
    static let acceptedFree: Set = [
        "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json", "i_number_neg_int_huge_exp.json",
        "i_number_pos_double_huge_exp.json", "i_number_real_neg_overflow.json", "i_number_real_pos_overflow.json",
        "i_number_real_underflow.json", "i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
        "i_number_very_big_negative_int.json",
    ]

    @Test(.enabled(if: sharedFolder != nil, "TACET_SHARED is not set"))
    func agreesWithJSONTestSuite() throws {
        let folder = URL(filePath: try #require(sharedFolder)).appending(path: "corpora/jsontestsuite/test_parsing")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.count > 300)
        for file in files where file.hasSuffix(".json") {
            let isAccepted = verdict(Array(try Data(contentsOf: folder.appending(path: file)))) == nil
            #expect(isAccepted == (file.hasPrefix("y_") || Self.acceptedFree.contains(file)), "\(file)")
        }
    }

    /// No bytes crash the scan, whatever they are, and a cut text is never valid.
    @Test func survivesRandomBytes() {
        let alphabet = Array("{}[]\",:\\u0dtfn1-.e \u{e9}\n".utf8) + [0xff, 0x00, 0xc3]
        for _ in 0..<50_000 {
            _ = verdict((0..<Int.random(in: 0...24)).map { _ in alphabet.randomElement()! })
        }
        let whole = Array(#"{"a":[1,"x\n\u00e9",{"b":-1.5e3}],"c":"😀"}"#.utf8)
        for length in 0..<whole.count { #expect(verdict(Array(whole.prefix(length))) != nil) }
    }
}
