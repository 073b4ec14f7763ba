import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct MultipartTests {
    static let boundary = "--b0"

    static func part(_ name: String, _ value: String, _ more: String = "", file: String? = nil) -> String {
        let file = file.map { "; filename=\"\($0)\"" } ?? ""
        return "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(file)\r\n\(more)\r\n\(value)\r\n"
    }

    static func form(_ parts: String...) -> [UInt8] { Array((parts.joined() + "--\(boundary)--\r\n").utf8) }

    static func scanner() -> MultipartScanner {
        let type = Array("multipart/form-data; boundary=\"\(boundary)\"".utf8)
        return MultipartScanner(MultipartBoundary(contentType: type.span)!)
    }

    /// The end of reading in pieces of `size`: the scanner, or why it stopped.
    static func read(_ body: [UInt8], size: Int = .max) -> Result<MultipartScanner, RequestRejection> {
        var scanner = scanner()
        do throws(RequestRejection) {
            var at = 0
            while at < body.count {
                let end = size == .max ? body.count : min(at + size, body.count)
                try scanner.read(body.span.extracting(at..<end))
                at = end
            }
        } catch { return .failure(error) }
        return .success(scanner)
    }

    static let file = "RIFF---b0 \r\n--b\r\n--b-\r\n----b1\u{0}\r\r\n\n-----"

    static let whole = form(
        part("file", file, "Content-Type: audio/wav\r\n", file: "a.wav"), part("n", "3"), part("stream", "true"),
        part("model", "oai/whisper-1"), part("prompt", ""))

    @Test func findsWhatStandsInAForm() throws {
        let scanner = try Self.read(Self.whole).get()
        #expect(scanner.isComplete)
        #expect(scanner.parts == 5)
        #expect(scanner.files == 1)
        #expect(scanner.fileBytes == Int64(Self.file.utf8.count))
        #expect(scanner.isStreamed)
        #expect(scanner.samples == 3)
        let model = try #require(scanner.model)
        #expect(model.name == Array("oai/whisper-1".utf8))
        #expect(Array(Self.whole[model.range]) == model.name)
        #expect(scanner.textBytes == Int64("3trueoai/whisper-1".utf8.count))
    }

    /// What is found does not depend on how the bytes came.
    @Test func everySplitSaysTheSame() throws {
        let expected = try Self.read(Self.whole).get()
        func same(_ other: MultipartScanner) -> Bool {
            other.model?.range == expected.model?.range && other.fileBytes == expected.fileBytes
                && other.textBytes == expected.textBytes && other.parts == expected.parts
                && other.isComplete && other.offset == expected.offset
        }
        for size in [1, 2, 3, 5, 7, 64] {
            #expect(same(try Self.read(Self.whole, size: size).get()), "pieces of \(size)")
        }
        for split in 1..<Self.whole.count {
            var scanner = Self.scanner()
            try scanner.read(Self.whole.span.extracting(0..<split))
            try scanner.read(Self.whole.span.extracting(split..<Self.whole.count))
            #expect(same(scanner), "split at \(split)")
        }
    }

    struct Bad: Sendable {
        let why: String
        let body: [UInt8]
        var code = ErrorCode.malformedForm
    }

    static let bad: [Bad] = [
        Bad(why: "bytes before the first boundary", body: Array("x".utf8) + whole),
        Bad(why: "a line end before it", body: Array("\r\n".utf8) + whole),
        Bad(why: "another boundary", body: Array("--other\r\n\r\n".utf8)),
        Bad(why: "bytes behind the last", body: whole + Array("x".utf8)),
        Bad(why: "a second form behind the last", body: whole + whole),
        Bad(
            why: "a boundary behind a lone line feed",
            body: form("----b0\r\nContent-Disposition: form-data; name=a\r\n\r\nx\n----b0\r\n")),
        Bad(why: "a boundary in a line", body: form(part("a", "x----b0"))),
        Bad(
            why: "a boundary right behind a head",
            body: form("----b0\r\nContent-Disposition: form-data; name=a\r\n\r\n----b0\r\n")),
        Bad(why: "text behind a boundary", body: form(part("a", "x\r\n----b0 "))),
        Bad(why: "a longer boundary", body: form(part("a", "x\r\n----b01"))),
        Bad(why: "a part without a head", body: form("----b0\r\n\r\nx\r\n")),
        Bad(why: "a part without a name", body: form("----b0\r\nContent-Disposition: form-data\r\n\r\nx\r\n")),
        Bad(
            why: "a part with two names",
            body: form("----b0\r\nContent-Disposition: form-data; name=a; name=model\r\n\r\nx\r\n")),
        Bad(
            why: "an encoded name",
            body: form("----b0\r\nContent-Disposition: form-data; name=a; name*=utf-8''model\r\n\r\nx\r\n")),
        Bad(why: "an escaped quote", body: form(part("a", "x", file: "a\\\"; name=\\\"model"))),
        Bad(
            why: "a disposition twice", body: form(part("a", "x", "Content-Disposition: form-data; name=\"model\"\r\n"))
        ),
        Bad(why: "a folded line", body: form(part("a", "x", "X: y\r\n z: w\r\n"))),
        Bad(
            why: "a lone line feed in a head",
            body: form(part("a", "x", "X: y\nContent-Disposition: form-data; name=model\r\n"))),
        Bad(why: "a transfer encoding", body: form(part("a", "x", "Content-Transfer-Encoding: base64\r\n"))),
        Bad(why: "a head without an end", body: Array("----b0\r\nX: \(String(repeating: "y", count: 9000))".utf8)),
        Bad(why: "the model twice", body: form(part("model", "a"), part("model", "b")), code: .duplicateMember),
        Bad(why: "an empty model", body: form(part("model", "")), code: .outOfRange),
        Bad(why: "a model that is a file", body: form(part("model", "a", file: "m")), code: .wrongType),
        Bad(
            why: "a model of 257 bytes", body: form(part("model", String(repeating: "m", count: 257))),
            code: .outOfRange),
        Bad(why: "n as a word", body: form(part("n", "many")), code: .wrongType),
        Bad(why: "n of 129", body: form(part("n", "129")), code: .outOfRange),
    ]

    /// Forms that two readers could take differently, and values that cannot be.
    @Test(arguments: bad) func isRefused(_ bad: Bad) {
        for size in [1, 3, .max] {
            guard case .failure(let rejection) = Self.read(bad.body, size: size) else {
                Issue.record("taken: \(bad.why), pieces of \(size)")
                continue
            }
            #expect(rejection.code == bad.code, "\(bad.why), pieces of \(size)")
        }
    }

    @Test func aTruncatedFormIsNeverWhole() throws {
        for length in 0..<Self.whole.count - 2 {
            #expect(!(try Self.read(Array(Self.whole[..<length])).get().isComplete), "\(length) bytes")
        }
    }

    @Test func tenThousandPartsAreTakenAndOneMoreIsNot() throws {
        let many = (0..<9_999).map { Self.part("field\($0)", "v") }.joined()
        let taken = try Self.read(Self.form(many, Self.part("model", "m")), size: 1000).get()
        #expect(taken.parts == 10_000)
        #expect(taken.model?.name == Array("m".utf8))
        guard case .failure(let rejection) = Self.read(Self.form(many, Self.part("a", "b"), Self.part("model", "m")))
        else {
            Issue.record("10,001 parts were taken")
            return
        }
        #expect(rejection.code == .outOfRange)
    }

    @Test(
        arguments: [
            ("multipart/form-data; boundary=x", "x"), ("Multipart/Form-Data;BOUNDARY=\"a b\"", "a b"),
            ("multipart/form-data; charset=utf-8; boundary=----WebKit7MA4", "----WebKit7MA4"),
            ("multipart/form-data", nil), ("multipart/form-data; boundary=", nil),
            ("multipart/form-data; boundary=a b", nil),
            ("multipart/form-data; boundary=x; boundary=y", nil), ("multipart/mixed; boundary=x", nil),
            ("multipart/form-data; boundary=\"x", nil), ("multipart/form-data; boundary=\"x\\\"y\"", nil),
            ("multipart/form-data; boundary=x@y", nil), ("multipart/form-data; boundary=\"x \"", nil),
            ("multipart/form-data; boundary=\(String(repeating: "x", count: 71))", nil),
        ] as [(String, String?)])
    func readsTheBoundary(_ type: String, _ expected: String?) {
        let found = MultipartBoundary(contentType: Array(type.utf8).span)
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == expected)
    }
}
