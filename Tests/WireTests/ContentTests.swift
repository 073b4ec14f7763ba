import NIOCore
import Testing

@testable import Wire

/// `RULES.md` 11, DESIGN §2 rule 4: words have a byte count and nothing else to say.
@Suite struct ContentTests {
    private struct Holder { var content: Content }
    private enum Choice { case words(Content) }
    private struct Failure: Error { var content: Content }

    static let marker = "SECRET-canary-words"
    static var content: Content {
        var content = Content(ByteBuffer(string: marker))
        content.append(ByteBuffer(string: marker))
        return content
    }

    @Test(arguments: 0..<6)
    func saysOnlyItsByteCount(form: Int) {
        let content = Self.content
        let value: Any =
            switch form {
            case 0: content
            case 1: Optional(content) as Any
            case 2: [content]
            case 3: Holder(content: content)
            case 4: Choice.words(content)
            default: Failure(content: content)
            }
        var dumped = ""
        dump(value, to: &dumped)
        var printed = ""
        print(value, to: &printed)
        for text in [String(describing: value), String(reflecting: value), "\(value)", dumped, printed] {
            #expect(!text.contains("SECRET"), "form \(form)")
            #expect(!text.contains("53 45 43"), "form \(form)")
            #expect(text.contains("38"), "form \(form)")
        }
    }

    @Test func throwsWithoutWords() {
        func fail() throws { throw Failure(content: Self.content) }
        let error = #expect(throws: Failure.self) { try fail() }
        #expect(!String(describing: error).contains("SECRET"))
    }

    @Test func isNoneOfTheSpeakingProtocols() {
        let value: Any = Self.content
        #expect(!(value is any Encodable))
        #expect(!(value is any Decodable))
        #expect(!(value is any CustomStringConvertible))
        #expect(!(value is any CustomDebugStringConvertible))
        #expect(!(value is any TextOutputStreamable))
    }

    @Test func keepsPiecesInOrder() {
        var content = Content()
        #expect(content.byteCount == 0)
        content.append(ByteBuffer(string: "ab"))
        content.append(ByteBuffer(string: "cde"))
        #expect(content.byteCount == 5)
        #expect(content.pieces.map { String(buffer: $0) } == ["ab", "cde"])
    }
}
