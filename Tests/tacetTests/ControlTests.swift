import Foundation
import Testing

@testable import tacet

struct ControlTests {
    static let requests: [DeskRequest] = [
        .createKey(name: "ä \"b\" \n", budget: 1, requestsPerMinute: nil, isTest: true), .listKeys, .revokeKey("x"),
        .listReceipts(since: 1, until: nil, key: "k", model: nil, limit: 5), .showReceipt("req_"), .verifyReceipts,
        .exportReceipts(since: nil), .reload,
    ]

    @Test(arguments: requests)
    func aRequestIsOneLineAndComesBack(request: DeskRequest) {
        #expect(!request.line.contains(0x0a))
        #expect(DeskRequest(line: request.line) == request)
    }

    @Test(arguments: ["", "{}", "null", #"{"nope":{}}"#])
    func whatIsNoRequestIsNone(text: String) { #expect(DeskRequest(line: Array(text.utf8)) == nil) }

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
        let path = try ControlPath(data: folder)
        defer { path.close() }
        let server = try await ControlServer.start(at: path) { request in
            request == .revokeKey("x") ? DeskReply(lines: [Array(repeating: 0x61, count: 300_000)]) : .failed("no")
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
