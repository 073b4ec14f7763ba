import NIOCore
import Testing
import Vocabulary

@testable import Wire

@Suite struct PassedRequestTests {
    private func read(_ json: String, _ endpoint: Endpoint) throws -> PassedRequest {
        try PassedRequest.read(ByteBuffer(string: json), endpoint)
    }

    private func text(_ pieces: [ByteBuffer]) -> String { pieces.map { String(buffer: $0) }.joined() }

    @Test func onlyTheModelIsChanged() throws {
        let json = "{ \"input\" : [\"a\\u0062\", \"c\"],\"model\":\"oai/e\\u006dbed\" , \"x\":1e400,\"x\":{} }"
        let request = try read(json, .embeddings)
        #expect(request.model == Array("oai/embed".utf8))
        #expect(request.texts == 2)
        let sent = text(request.forwarded(ByteBuffer(string: json), model: Array("embed".utf8)))
        #expect(sent == json.replacing("\"oai/e\\u006dbed\"", with: "\"embed\""))
        #expect(text(request.forwarded(ByteBuffer(string: json), model: nil)) == json)
    }

    @Test func moderationWithoutAModelGetsTheOneOfTheReference() throws {
        let json = "{\"input\":\"x\"}"
        let request = try read(json, .moderations)
        #expect(request.model == Array("omni-moderation-latest".utf8))
        #expect(
            text(request.forwarded(ByteBuffer(string: json), model: nil))
                == "{\"model\":\"omni-moderation-latest\",\"input\":\"x\"}")
    }

    @Test func countsWhatIsBilled() throws {
        #expect(try read("{\"model\":\"m\",\"input\":\"h\u{e9}\\n\\ud83d\\ude00\"}", .speech).characters == 4)
        #expect(try read("{\"model\":\"m\",\"input\":[1,2,3]}", .embeddings).texts == 1)
        #expect(try read("{\"model\":\"m\",\"input\":[[1],[2,3]]}", .embeddings).texts == 2)
        #expect(try read("{\"model\":\"m\",\"documents\":[\"a\",{\"text\":\"b\"}]}", .rerank).texts == 2)
        let images = try read("{\"model\":\"m\",\"n\":4,\"stream\":true,\"partial_images\":3}", .imageGenerations)
        #expect(images.samples == 4)
        #expect(images.partialImages == 3)
        #expect(images.isStreamed)
    }

    @Test(arguments: [
        ("{\"input\":\"x\"}", Endpoint.embeddings, ErrorCode.missingMember, RequestMember.model),
        ("{\"model\":1}", .embeddings, .wrongType, .model), ("{\"model\":\"\"}", .embeddings, .outOfRange, .model),
        ("{\"model\":\"a\",\"m\\u006fdel\":\"b\"}", .embeddings, .duplicateMember, .model),
        ("{\"model\":\"a\",\"n\":0}", .imageGenerations, .outOfRange, .n),
        ("{\"model\":\"a\",\"stream\":1}", .speech, .wrongType, .stream),
        ("[]", .rerank, .wrongType, .body), ("{\"model\":\"a\"", .rerank, .malformedJSON, .body),
        ("{\"model\":\"a\"}{}", .rerank, .malformedJSON, .body),
        ("{}", .batches, .missingMember, .inputFile),
        ("{\"input_file_id\":\"a\",\"input_file_id\":\"b\"}", .batches, .duplicateMember, .inputFile),
        ("{\"requests\":[]}", .messageBatches, .missingMember, .batchModel),
        ("{\"requests\":{}}", .messageBatches, .wrongType, .requests),
        (
            "{\"requests\":[{\"params\":{\"model\":\"a\"}},{\"params\":{}}]}", .messageBatches, .missingMember,
            .batchModel
        ),
        (
            "{\"requests\":[{\"params\":{\"model\":\"a\",\"model\":\"b\"}}]}", .messageBatches, .duplicateMember,
            .batchModel
        ),
        (
            "{\"requests\":[{\"params\":{\"model\":\"a\"},\"params\":{\"model\":\"b\"}}]}", .messageBatches,
            .duplicateMember, .batchModel
        ),
    ])
    func isRefused(_ json: String, _ endpoint: Endpoint, _ code: ErrorCode, _ member: RequestMember) {
        #expect {
            _ = try read(json, endpoint)
        } throws: { error in
            let rejection = error as? RequestRejection
            return rejection?.code == code && rejection?.member == member
        }
    }

    @Test func everyModelOfABatchIsChanged() throws {
        let json =
            "{\"requests\":[{\"custom_id\":\"1\",\"params\":{\"model\":\"ant/a\",\"messages\":[{\"model\":\"x\"}]}},"
            + "{\"params\":{\"max_tokens\":1,\"model\":\"fast\"}}]}"
        let request = try read(json, .messageBatches)
        #expect(request.batchModels == [Array("ant/a".utf8), Array("fast".utf8)])
        let sent = text(
            request.forwarded(
                ByteBuffer(string: json), model: nil, batchModels: [Array("a".utf8), Array("claude".utf8)]))
        #expect(sent == json.replacing("ant/a", with: "a").replacing("fast", with: "claude"))
    }

    @Test func completionsAreReadAsSuch() throws {
        let body = ByteBuffer(string: "{\"prompt\":[\"a\",\"b\",\"c\"],\"best_of\":4,\"n\":2,\"model\":\"m\"}")
        let request = try ChatRequest.read(body, isCompletion: true)
        #expect(request.samples == 12)
        #expect(request.standardOutput == 16)
        #expect(throws: RequestRejection.self) { _ = try ChatRequest.read(body) }
        #expect(
            text(
                request.forwarded(body, model: nil, askingForUsage: false, maximumOutput: 16, outputMember: .maxTokens)
            )
            .hasPrefix("{\"max_tokens\":16,"))
    }

    /// Of a form that is still arriving, what may yet come is bounded by what was declared.
    @Test func aFormThatIsArrivingIsBoundedFromAbove() throws {
        var scanner = MultipartTests.scanner()
        let start = Array(MultipartTests.part("model", "gpt-image").utf8)
        try scanner.read(start.span)
        let early = PassedBound(
            PassedRequest(scanner, .imageEdits, declared: 5_000_000), context: nil, maximumOutput: nil)
        let rest = MultipartTests.form(
            MultipartTests.part("n", "10"), MultipartTests.part("partial_images", "3"),
            MultipartTests.part("prompt", String(repeating: "p", count: 32_000)),
            MultipartTests.part("image", String(repeating: "i", count: 10_000), file: "i.png"))
        try scanner.read(rest.span)
        let late = PassedBound(PassedRequest(scanner, .imageEdits), context: nil, maximumOutput: nil)
        #expect(early.input >= late.input)
        #expect(early.output >= late.output)
        #expect(early.samples >= late.samples)
        #expect(early.units[.images] >= late.units[.images])
    }

    @Test func pathsComeFromTheTemplate() {
        func path(_ endpoint: Endpoint, _ object: String = "") -> String {
            String(decoding: endpoint.path(object: Array(object.utf8)), as: UTF8.self)
        }
        #expect(path(.embeddings) == "/embeddings")
        #expect(path(.fileContent, "file-1_A") == "/files/file-1_A/content")
        #expect(path(.file, "../../chat") == "/files/chat")
        #expect(path(.messageBatchResults, "msgbatch_1") == "/messages/batches/msgbatch_1/results")
    }

    @Test(
        arguments: [
            ("file-1.tag", "file-1", "tag"), ("a.b.c", nil, nil), ("file-1", nil, nil), (".tag", nil, nil),
            ("fi/le.tag", nil, nil), ("file.", "file", ""),
        ] as [(String, String?, String?)])
    func splitsAnId(_ text: String, _ name: String?, _ tag: String?) {
        let found = ProviderObject.split(Array(text.utf8))
        #expect(found.map { String(decoding: $0.name, as: UTF8.self) } == name)
        #expect(found.map { String(decoding: $0.tag, as: UTF8.self) } == tag)
    }

    @Test func idsOfAnAnswerAreTagged() throws {
        func tagged(_ json: String, _ endpoint: Endpoint = .batch) -> String? {
            TaggedAnswer.write(ByteBuffer(string: json), endpoint) { _ in Array("T".utf8) }.map { String(buffer: $0) }
        }
        #expect(
            tagged(
                "{ \"id\":\"b1\", \"object\":\"batch\",\"input_file_id\" : \"f1\",\"output_file_id\":null,\"x\":{\"id\":\"y\"}}"
            )
                == "{ \"id\":\"b1.T\", \"object\":\"batch\",\"input_file_id\" : \"f1.T\",\"output_file_id\":null,\"x\":{\"id\":\"y\"}}"
        )
        #expect(
            tagged("{\"results_url\":\"https://api/x\",\"id\":\"m1\"}", .messageBatch)
                == "{\"results_url\":\"/v1/messages/batches/m1.T/results\",\"id\":\"m1.T\"}")
        #expect(
            tagged("{\"id\":\"r1\",\"conversation\":{\"id\":\"c1\"},\"previous_response_id\":\"r0\"}")
                == "{\"id\":\"r1.T\",\"conversation\":{\"id\":\"c1.T\"},\"previous_response_id\":\"r0.T\"}")
        #expect(tagged("{\"id\":\"msg_1\"}", .storedResponseItems) == "{\"id\":\"msg_1\"}")
        for bad in [
            "[]", "", "{\"id\":\"a/b\"}", "{\"id\":1}", "{\"id\":\"a\",\"id\":\"b\"}", "{\"id\":\"a\"", "<html>",
        ] {
            #expect(tagged(bad) == nil, "\(bad)")
        }
    }

    /// The same bytes leave however the events came.
    @Test func idsOfAStreamAreTaggedAtEverySplit() {
        let events = """
            event: response.created\r\ndata: {"type":"response.created","response":{"id":"r1","previous_response_id":"r0"}}\r\n\r
            data: {"response":{"id":"r1","conversation":{"id":"c1"},"output":[{"id":"m1"}]},"response_id":"r1"}\n
            data: {"type":"response.output_text.delta","delta":"\\"id\\":","item_id":"m1"}\n
            : r1\n
            event: response.completed\ndata: {"response":\ndata: {"id":"r1"}}\n
            data: {"response":{"id":\n
            data: [DONE]\n

            """
        let wanted = """
            event: response.created\r\ndata: {"type":"response.created","response":{"id":"r1.T","previous_response_id":"r0.T"}}\r\n\r
            data: {"response":{"id":"r1.T","conversation":{"id":"c1.T"},"output":[{"id":"m1"}]},"response_id":"r1.T"}\n
            data: {"type":"response.output_text.delta","delta":"\\"id\\":","item_id":"m1"}\n
            : r1\n
            event: response.completed\ndata: {"response": {"id":"r1.T"}}\n
            data: {"response":{"id":\n
            data: [DONE]\n

            """
        let bytes = Array(events.utf8)
        for cut in 0...bytes.count {
            var meter = StreamMeter(.openAIResponses)
            var stream = TaggedStream { _ in Array("T".utf8) }
            var out = ByteBuffer()
            for piece in [bytes[..<cut], bytes[cut...]] {
                var whole = ByteBuffer()
                try? meter.read(ByteBuffer(bytes: piece), into: &whole)
                stream.pass(whole, into: &out)
            }
            #expect(String(buffer: out) == wanted, "cut at \(cut)")
        }
    }

    /// The path names the model; a body that repeats it is sent the provider's own name.
    @Test func geminiEmbeddings() throws {
        let json = "{\"requests\":[{\"model\":\"models/gem/e\",\"content\":{}},{\"model\":\"models/gem/e\"}]}"
        let path = GeminiPath(model: Array("gem/e".utf8), action: .batchEmbedContents)
        let request = try PassedRequest.read(ByteBuffer(string: json), .batchEmbedContents, path: path)
        #expect(request.model == path.model)
        #expect(PassedBound(request, context: nil, maximumOutput: nil).input == Int64(json.utf8.count))
        let sent = text(request.forwarded(ByteBuffer(string: json), model: Array("e".utf8)))
        #expect(sent == json.replacing("models/gem/e", with: "models/e"))
        #expect(text(request.forwarded(ByteBuffer(string: json), model: nil)) == json)
        #expect(Endpoint.embedContent.action == Array(":embedContent".utf8))
        #expect(throws: RequestRejection(code: .missingMember, member: .content, offset: 2)) {
            try PassedRequest.read(
                ByteBuffer(string: "{}"), .embedContent, path: GeminiPath(model: path.model, action: .embedContent))
        }
    }
}
