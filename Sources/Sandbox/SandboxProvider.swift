import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The sandbox as an HTTP provider on a loopback port of its own. It logs nothing and keeps nothing.
public final class SandboxProvider: Sendable {
    /// Where it listens on 127.0.0.1; `/v1` is its base path.
    public let port: Int
    private let running: Task<Void, any Error>

    /// Starts on a free port.
    public static func start() async throws -> SandboxProvider {
        let (ports, found) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let application = Application(
            router: router(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: nil),
            onServerRunning: { channel in
                found.yield(channel.localAddress?.port ?? 0)
                found.finish()
            },
            logger: Logger(label: "sandbox", factory: { _ in SwiftLogNoOpLogHandler() }))
        let running = Task {
            defer { found.finish() }
            try await application.run()
        }
        for await port in ports { return SandboxProvider(port: port, running: running) }
        try await running.value
        throw CancellationError()
    }

    public func stop() async {
        running.cancel()
        _ = await running.result
    }

    private init(port: Int, running: Task<Void, any Error>) {
        self.port = port
        self.running = running
    }

    private static func router() -> Router<BasicRequestContext> {
        let model = SandboxModel()
        let router = Router(context: BasicRequestContext.self)
        router.get("v1/models") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: model.list())))
        }
        router.post("v1/chat/completions") { request, _ in
            let body = try await request.body.collect(upTo: 64 << 20)
            let created = Int(Date().timeIntervalSince1970)
            return response(model.reply(to: Array(body.readableBytesView), created: created))
        }
        return router
    }

    private static func response(_ reply: SandboxModel.Reply) -> Response {
        var headers: HTTPFields = [.contentType: reply.isStream ? "text/event-stream" : "application/json"]
        if let seconds = reply.retryAfter { headers[.retryAfter] = String(seconds) }
        if reply.isStream { headers[.cacheControl] = "no-cache" }
        let status = HTTPResponse.Status(code: reply.status)
        if !reply.isStream, reply.ending == .whole, reply.pause == 0 {
            let bytes = ByteBuffer(bytes: reply.pieces.first ?? [])
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
        }
        // A plain answer that will be cut promises more than it sends.
        let sent = reply.pieces.reduce(0) { $0 + $1.count }
        let length: Int? = reply.isStream ? nil : reply.ending == .whole ? sent : sent * 2
        let body = ResponseBody(contentLength: length) { writer in
            for piece in reply.pieces {
                if reply.pause > 0 { try await Task.sleep(for: .milliseconds(reply.pause)) }
                try await writer.write(ByteBuffer(bytes: piece))
            }
            switch reply.ending {
            case .whole: try await writer.finish(nil)
            case .cut: throw Dropped()
            case .stall: try await Task.sleep(for: .seconds(3600))
            }
        }
        return Response(status: status, headers: headers, body: body)
    }

    /// Ends a connection in the middle of an answer.
    private struct Dropped: Error {}
}
