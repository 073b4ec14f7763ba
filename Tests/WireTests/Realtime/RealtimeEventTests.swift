import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct RealtimeEventTests {
    private func read(_ json: String) -> RealtimeEvent { RealtimeEvent.read(ByteBuffer(string: json)) }

    private func usage(_ counts: (UsageClass, Int64)...) -> TokenUsage {
        var usage = TokenUsage()
        for (kind, count) in counts { usage[kind] = count }
        return usage
    }

    /// Cached sound is not counted as sound again.
    @Test func usageOfAResponse() {
        let event = read(
            """
            {"response":{"id":"r","output":[{"type":"message","usage":{"input_tokens":9}}],"usage":{"total_tokens":1300,
            "input_tokens":1000,"output_tokens":300,"input_token_details":{"text_tokens":200,"audio_tokens":700,
            "image_tokens":100,"cached_tokens":600,"cached_tokens_details":{"text_tokens":50,"audio_tokens":500,
            "image_tokens":50}},"output_token_details":{"text_tokens":60,"audio_tokens":240}}},"type":"response.done"}
            """)
        #expect(
            event
                == .responseEnded(
                    usage(
                        (.input, 150), (.cacheRead, 600), (.inputAudio, 200), (.inputImage, 50), (.output, 60),
                        (.outputAudio, 240))))
        #expect(read(#"{"type":"response.done","response":{"usage":null}}"#) == .responseEnded(nil))
    }

    @Test func theOthers() {
        #expect(read(#"{"type":"response.create"}"#) == .asksForResponse)
        #expect(read(#"{"type":"respons\u0065.create"}"#) == .asksForResponse)
        #expect(read(#"{"type":"response.created","response":{}}"#) == .responseBegun)
        #expect(read(#"{"delta":"a\nb","type":"response.output_text.delta"}"#) == .generated(3))
        #expect(read(#"{"type":"response.output_audio.delta","delta":"AAAA"}"#) == .other)
        #expect(read(#"{"type":"error","error":{}}"#) == .failed)
        #expect(
            read(#"{"type":"session.updated","session":{"audio":{"input":{"transcription":{"model":"w"}}}}}"#)
                == .session(transcriber: Array("w".utf8)))
        #expect(
            read(#"{"type":"session.created","session":{"model":"m","input_audio_transcription":{"model":"w"}}}"#)
                == .session(transcriber: Array("w".utf8)))
        #expect(read(#"{"type":"session.created","session":{"model":"m"}}"#) == .session(transcriber: nil))
        let kind = "conversation.item.input_audio_transcription.completed"
        #expect(
            read(#"{"type":"\#(kind)","usage":{"type":"duration","seconds":1.5}}"#)
                == .transcribed(usage((.milliseconds, 1500))))
        #expect(
            read(
                #"{"type":"\#(kind)","usage":{"input_tokens":9,"input_token_details":{"audio_tokens":9},"output_tokens":2}}"#
            )
                == .transcribed(usage((.inputAudio, 9), (.output, 2))))
        for bad in ["", "[]", "{", #"{"type":1}"#, #"{"type":"response.done""#] { #expect(read(bad) == .other) }
    }
}
