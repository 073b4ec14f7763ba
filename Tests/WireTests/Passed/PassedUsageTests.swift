import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct PassedUsageTests {
    private func usage(_ counts: (UsageClass, Int64)...) -> TokenUsage {
        var usage = TokenUsage()
        for (kind, count) in counts { usage[kind] = count }
        return usage
    }

    private let tokens = PassedPriceUnits(
        countsCharacters: false, countsMilliseconds: false, countsImages: false, countsOutput: true)
    private let units = PassedPriceUnits(
        countsCharacters: true, countsMilliseconds: true, countsImages: true, countsOutput: false)

    private func booked(
        _ answer: String, _ endpoint: Endpoint, _ price: PassedPriceUnits,
        _ request: String = "{\"model\":\"m\",\"input\":\"0123456789\"}"
    ) throws -> (usage: TokenUsage, isEstimated: Bool) {
        let form = [.transcriptions, .translations, .imageEdits].contains(endpoint)
        let read =
            form
            ? PassedRequest(try MultipartTests.read(MultipartTests.whole).get(), endpoint)
            : try PassedRequest.read(ByteBuffer(string: request), endpoint)
        return PassedUsage.read(ByteBuffer(string: answer)).booked(read, price)
    }

    @Test func reportsOfProviders() throws {
        func check(
            _ answer: String, _ endpoint: Endpoint, _ price: PassedPriceUnits, _ expected: TokenUsage,
            isEstimated: Bool = false, _ place: SourceLocation = #_sourceLocation
        ) throws {
            let found = try booked(answer, endpoint, price)
            #expect(found.usage == expected, sourceLocation: place)
            #expect(found.isEstimated == isEstimated, sourceLocation: place)
        }
        try check(
            "{\"data\":[{}],\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}", .embeddings, tokens,
            usage((.input, 8)))
        try check("{\"usage\":{\"total_tokens\":9}}", .embeddings, tokens, usage((.input, 9)))
        try check(
            "{\"data\":[{\"b64_json\":\"x\"}],\"usage\":{\"total_tokens\":100,\"input_tokens\":50,\"output_tokens\":50,\"input_tokens_details\":{\"text_tokens\":10,\"image_tokens\":40}}}",
            .imageGenerations, tokens, usage((.input, 10), (.inputImage, 40), (.outputImage, 50)))
        try check(
            "{\"data\":[{}],\"usage\":{\"input_tokens\":5,\"output_tokens\":50,\"output_tokens_details\":{\"text_tokens\":10,\"image_tokens\":40}}}",
            .imageGenerations, tokens, usage((.input, 5), (.output, 10), (.outputImage, 40)))
        // A price by the image: tokens are not booked beside it.
        try check(
            "{\"data\":[{},{}],\"usage\":{\"input_tokens\":5,\"output_tokens\":50}}", .imageGenerations, units,
            usage((.images, 2)))
        try check("{\"data\":[{\"url\":\"u\"}]}", .imageGenerations, units, usage((.images, 1)))
        try check(
            "{\"text\":\"hi\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"input_token_details\":{\"text_tokens\":0,\"audio_tokens\":14},\"output_tokens\":45,\"total_tokens\":59}}",
            .transcriptions, tokens, usage((.inputAudio, 14), (.output, 45)))
        try check(
            "{\"text\":\"hi\",\"usage\":{\"type\":\"duration\",\"seconds\":9}}", .transcriptions, units,
            usage((.milliseconds, 9000)))
        try check("{\"duration\":\"8.4700\",\"text\":\"x\"}", .transcriptions, units, usage((.milliseconds, 8470)))
        try check(
            "{\"text\":\"x\",\"usage\":{\"prompt_audio_seconds\":4,\"prompt_tokens\":9,\"completion_tokens\":3}}",
            .transcriptions, units, usage((.milliseconds, 4000)))
        try check(
            "WEBVTT\n\n00:00.000 --> 00:02.500\nhi\n\n00:02.500 --> 01:01:04.250\nho\n", .transcriptions, units,
            usage((.milliseconds, 3_664_250)))
        try check(
            "1\n00:00:00,000 --> 00:00:03,500\nhi\n", .transcriptions, units, usage((.milliseconds, 3500)))
        try check("fifteen letters", .transcriptions, units, usage((.milliseconds, 1000)), isEstimated: true)
        try check(
            "{\"results\":[],\"meta\":{\"billed_units\":{\"search_units\":2},\"tokens\":{\"input_tokens\":30}}}",
            .rerank,
            tokens, usage((.input, 30), (.searches, 2)))
        try check("{\"results\":[]}", .rerank, tokens, usage((.input, 8), (.searches, 1)), isEstimated: true)
        try check("{\"results\":[{}]}", .moderations, tokens, usage((.input, 8)), isEstimated: true)
        try check("ID3", .speech, units, usage((.characters, 10)))
        try check("ID3", .speech, tokens, usage((.input, 2), (.outputAudio, 14)), isEstimated: true)
        try check("{\"id\":\"file-1\"}", .file, tokens, usage())
    }

    @Test func absurdReportsAreBounded() throws {
        let found = try booked(
            "{\"usage\":{\"input_tokens\":-5,\"output_tokens\":1e99,\"seconds\":99999999999999999999}}",
            .transcriptions,
            tokens)
        #expect(found.usage[.input] == 0)
        #expect(found.usage[.output] == TokenUsage.ceiling)
    }

    static let stream =
        "event: image_generation.partial_image\ndata: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"AAAA\"}\n\n"
        + "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"BBBB\",\"usage\":{\"input_tokens\":5,\"output_tokens\":50}}\r\n\r\n"

    @Test func streamsPassUnchangedAtEverySplit() throws {
        let bytes = Array(Self.stream.utf8)
        for split in 0...bytes.count {
            var stream = PassedStream(isEvents: true)
            var out = ByteBuffer()
            try stream.read(ByteBuffer(bytes: bytes[..<split]), into: &out)
            try stream.read(ByteBuffer(bytes: bytes[split...]), into: &out)
            stream.finish()
            #expect(Array(out.readableBytesView) == bytes)
            #expect(stream.usage.reported == usage((.input, 5), (.output, 50)))
            #expect(stream.usage.images == 1)
        }
    }

    @Test func aTranscriptsLastEventIsNotCountedAgain() throws {
        var stream = PassedStream(isEvents: true)
        var out = ByteBuffer()
        let events =
            "data: {\"type\":\"transcript.text.delta\",\"delta\":\"hello \"}\n\ndata: {\"type\":\"transcript.text.delta\",\"delta\":\"you\"}\n\n"
            + "data: {\"type\":\"transcript.text.done\",\"text\":\"hello you\"}\n\ndata: [DONE]\n\n"
        try stream.read(ByteBuffer(string: events), into: &out)
        #expect(stream.usage.visibleOutputBytes == 9)
        #expect(stream.isDone)
    }

    @Test func bytesAreNoEvents() throws {
        var stream = PassedStream(isEvents: false)
        var out = ByteBuffer()
        for _ in 0..<100 { try stream.read(ByteBuffer(repeating: 0x0a, count: 1000), into: &out) }
        #expect(out.readableBytes == 100_000)
        #expect(stream.waitingBytes == 0)
        #expect(stream.byteCount == 100_000)
    }

    @Test func anEventWithoutAnEndIsBounded() {
        var stream = PassedStream(isEvents: true, eventLimit: 1000)
        var out = ByteBuffer()
        #expect(throws: StreamFault.eventTooLarge) {
            for _ in 0..<11 { try stream.read(ByteBuffer(repeating: 0x61, count: 100), into: &out) }
        }
    }
}
