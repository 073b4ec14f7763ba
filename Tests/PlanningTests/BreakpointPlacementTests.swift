import NIOCore
import Testing

@testable import Planning

@Suite struct BreakpointPlacementTests {
    private static let long = String(repeating: "words ", count: 1200)
    private static let mark = #","cache_control":{"type":"ephemeral"}"#

    private func placed(_ body: String) -> String? {
        BreakpointPlacement.placed(ByteBuffer(string: body)).map { String(buffer: $0) }
    }

    @Test func endsOfWhatStaysAndTheNewestAreMarked() throws {
        let tools = #""tools":[{"name":"a"},{"name":"b","input_schema":{"x":"\#(Self.long)"}}]"#
        let body =
            #"{"model":"m",\#(tools),"system":"\#(Self.long)","messages":[{"role":"user","content":"one"},"#
            + #"{"role":"assistant","content":[{"type":"text","text":"two"},{"type":"thinking","thinking":"t"}]}]}"#
        let expected =
            body.replacing(#""}}],"system""#, with: #""}\#(Self.mark)}],"system""#)
            .replacing(
                #""system":"\#(Self.long)""#, with: #""system":[{"type":"text","text":"\#(Self.long)"\#(Self.mark)}]"#
            )
            .replacing(#""text":"two"}"#, with: #""text":"two"\#(Self.mark)}"#)
        #expect(placed(body) == expected)
        // In whatever order a body has them.
        let system = #"{"system":"\#(Self.long)","messages":[{"role":"user","content":"one"}],"#
        let other = try #require(placed(system + #""tools":[{"name":"a"}]}"#))
        #expect(other.hasSuffix(#""tools":[{"name":"a"}]}"#) && other.hasPrefix(#"{"system":[{"type""#))
        let later = try #require(placed(system + #""tools":[{"name":"\#(Self.long)"}]}"#))
        #expect(later.hasSuffix(Self.mark + "}]}"))
    }

    @Test func whatIsShortOrMarkedOrNoRequestIsLeftAlone() {
        let marked =
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"\#(Self.long)","cache_control":{}}]}]}"#
        let small = #"{"messages":[{"role":"user","content":"one"}]}"#
        for body in [
            marked, small, "", "[]", "{}", #"{"messages":"\#(Self.long)"}"#, #"{"messages":[7,"\#(Self.long)"]}"#,
        ] {
            #expect(placed(body) == nil)
        }
    }

    @Test func emptyBlocksTakeNoMark() {
        let body =
            #"{"messages":[{"role":"user","content":"\#(Self.long)"},{"role":"user","content":[{"type":"text","text":""}]}]}"#
        let expected = body.replacing(
            #""content":"\#(Self.long)""#,
            with: #""content":[{"type":"text","text":"\#(Self.long)"\#(Self.mark)}]"#)
        #expect(placed(body) == expected)
    }
}
