import NIOCore
import NIOPosix
import Synchronization

/// A provider that answers the n-th request as a script says; requests must have a length.
final class ScriptedProvider: Sendable {
    enum Step: Sendable {
        case send(String)
        /// Waits before the next step.
        case pause(milliseconds: Int64)
        /// Resets the connection.
        case cut
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    private let record = Record()

    var port: Int { channel.localAddress?.port ?? 0 }
    /// Requests as they came, heads and bodies.
    var requests: [String] { record.state.withLock { $0.requests } }
    /// Answers during which the gateway closed the connection.
    var cancelled: Int { record.state.withLock { $0.cancelled } }

    /// Connections the gateway has made.
    var connections: Int { record.state.withLock { $0.connections } }

    init(_ script: @escaping @Sendable (Int, String) -> [Step]) async throws {
        let record = self.record
        channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProviderHandler(script, record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

private final class Record: Sendable {
    struct State {
        var requests: [String] = []
        var cancelled = 0
        var connections = 0
    }

    let state = Mutex(State())
}

private final class ProviderHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: @Sendable (Int, String) -> [ScriptedProvider.Step]
    private let record: Record
    private var received = ""
    private var isAnswering = false

    init(_ script: @escaping @Sendable (Int, String) -> [ScriptedProvider.Step], _ record: Record) {
        self.script = script
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard let end = received.firstRange(of: "\r\n\r\n"),
            let field = received.firstRange(of: "content-length: "),
            let length = Int(received[field.upperBound...].prefix { $0.isNumber }),
            received[end.upperBound...].utf8.count >= length
        else { return }
        let request = received
        received = ""
        let number = record.state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        isAnswering = true
        run(script(number, request)[...], context)
    }

    func channelActive(context: ChannelHandlerContext) { record.state.withLock { $0.connections += 1 } }

    func channelInactive(context: ChannelHandlerContext) {
        if isAnswering { record.state.withLock { $0.cancelled += 1 } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func run(_ steps: ArraySlice<ScriptedProvider.Step>, _ context: ChannelHandlerContext) {
        guard let step = steps.first else {
            isAnswering = false
            return
        }
        switch step {
        case .send(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            run(steps.dropFirst(), context)
        case .pause(let milliseconds):
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
                self.run(steps.dropFirst(), context)
            }
        case .cut:
            isAnswering = false
            context.close(promise: nil)
        }
    }
}
