import Foundation
import Policy
import Testing

@testable import tacet

struct ControlTests {
    static let requests: [DeskRequest] = [
        .createKey(name: "ä \"b\" ", terms: KeyTermsLine(budget: 1, models: "a*"), isTest: true), .listKeys,
        .revokeKey("x"),
        .listReceipts(since: 1, until: nil, key: "k", model: nil, limit: 5), .showReceipt("req_"), .verifyReceipts,
        .exportReceipts(since: nil), .reload, .listBudgets,
        .setBudget(owner: "organisation", period: "day", amount: 1, at: "block", substitute: nil),
        .removeBudget(owner: "key/a", period: "ever"),
        .setLimits(owner: "installation", requestsPerMinute: 1, tokensPerMinute: nil, inFlight: nil),
        .listProviderKeys(organisation: 2), .rotateProviderKeys(master: true, organisation: 1),
        .tighten(knob: "recovery_days", value: "0", organisation: 2), .exportAccount(organisation: 1),
        .importAccount(path: "/a long/path of many words/to an archive.zip", organisation: 1),
        .acceptPage(page: "terms", organisation: 1, member: 7), .listAcceptances,
        .announceIncident(kind: "lost", concerns: ["receipts", "accounts"], from: 1, until: nil),
        .endIncident(id: 1, at: 2), .listIncidents, .aggregates(days: 30),
    ]

    @Test(arguments: requests)
    func aRequestIsOneLineAndComesBack(request: DeskRequest) throws {
        #expect(!request.line.contains(0x0a))
        #expect(try DeskRequest.read(request.line).get() == request)
    }

    @Test(arguments: ["", "{}", "null", #"{"nope":{}}"#])
    func whatIsNoRequestIsNone(text: String) {
        guard case .failure(.unknown) = DeskRequest.read(Array(text.utf8)) else {
            Issue.record("\(text)")
            return
        }
    }

    /// OL-2: what is more than the request, or no metadata, is refused by its path before anything is done.
    @Test(arguments: [
        (#"{"createKey":{"name":"app","isTest":false,"terms":{},"comment":"x"}}"#, "createKey.comment"),
        (#"{"createKey":{"name":"app","isTest":false,"terms":{},"prompt":{"a":"b"}}}"#, "createKey.prompt"),
        (#"{"listKeys":{},"messages":[]}"#, "messages"),
        (
            #"{"createKey":{"name":"ghp_0123456789abcdefghijklmnopqrstuvwxyz","isTest":false,"terms":{}}}"#,
            "createKey.name"
        ),
        (#"{"createKey":{"name":"please tell my doctor that it hurts","isTest":false,"terms":{}}}"#, "createKey.name"),
        (#"{"createKey":{"name":"a\nb","isTest":false,"terms":{}}}"#, "createKey.name"),
        (#"{"grant":{"amount":1,"organisation":1,"key":"AKIAIOSFODNN7EXAMPLE","note":0}}"#, "grant.key"),
    ])
    func whatIsNoMetadataIsRefused(text: String, path: String) {
        switch DeskRequest.read(Array(text.utf8)) {
        case .success: Issue.record("\(text) passed")
        case .failure(.unknown): #expect(path.isEmpty, "\(text)")
        case .failure(.violation(let violation)):
            #expect(violation.path == path)
            #expect(DeskReply.refused(violation).failure?.hasPrefix("422: \(path) ") == true)
        }
    }

    /// Lists of a key's scope are read item by item, however long they are; no item is a secret.
    @Test func aScopeIsReadItemByItem() throws {
        var terms = KeyTermsLine(
            models: "gpt-5*,claude-sonnet-4-5,gemini-3-pro,fast",
            endpoints: "/v1/chat/completions,/v1/messages,/v1/responses", networks: "2001:db8::/32,10.0.0.0/8")
        let request = DeskRequest.createKey(name: "app", terms: terms, isTest: false)
        #expect(try DeskRequest.read(request.line).get() == request)
        #expect(throws: Never.self) { try terms.terms() }
        terms.models = "fast,sk-ant-api03-aaaabbbbccccdddd1111"
        #expect(throws: Failure.self) { try terms.terms() }
    }

    /// A stored key is set with a key, and shown by a hash: their fields are for that.
    @Test func aSecretPassesWhereOneBelongs() throws {
        let request = DeskRequest.setProviderKey(
            provider: "openai", key: "sk-0123456789abcdefghijklmnop", organisation: 1)
        #expect(try DeskRequest.read(request.line).get() == request)
    }

    @Test func anAnswerComesBack() {
        let whole = DeskReply(lines: [Array("{}".utf8), Array("[1]".utf8)])
        #expect(DeskReply(bytes: whole.bytes) == whole)
        let failed = DeskReply.failed("Two\nlines.", code: 2)
        #expect(DeskReply(bytes: failed.bytes) == failed)
        #expect(DeskReply(bytes: whole.bytes.dropLast()) == nil)
        #expect(DeskReply(bytes: []) == nil)
    }

    /// Also where the folder's path is longer than a socket's address may be.
    @Test(arguments: [0, 120])
    func theSocketAnswersItsOwnerOnly(padding: Int) async throws {
        let folder = NSTemporaryDirectory() + "/tacet-\(UUID().uuidString)" + String(repeating: "x", count: padding)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = try ControlPath(socket: folder + "/control.sock")
        defer { path.close() }
        let server = try await ControlServer.start(at: path) { request, user in
            // The kernel says who asks.
            request == .revokeKey("x") && user == .own
                ? DeskReply(lines: [Array(repeating: 0x61, count: 300_000)]) : .failed("no")
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/control.sock")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let long = try await ControlClient.ask(.revokeKey("x"), at: path)
        #expect(long.lines.first?.count == 300_000)
        #expect(try await ControlClient.ask(.listKeys, at: path).failure == "no")
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: folder + "/control.sock"))
        await #expect(throws: Failure.self) { try await ControlClient.ask(.listKeys, at: path) }
    }
}
