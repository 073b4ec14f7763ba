import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization
import Vocabulary

/// Accepts connections on the API port: plain or TLS, HTTP/1.1 or HTTP/2.
struct Listener {
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }

    static func start(
        group: any EventLoopGroup, loops: LoopContexts, settings: RelaySettings, tls: NIOSSLContext?
    ) async throws(GatewayFault) -> Listener {
        let counters = loops.shared.counters
        let census = ConnectionCensus(settings.limits)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 128 << 10))
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: 1 << 18)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let address = channel.remoteAddress?.network
                    guard census.enter(address) else {
                        counters.refusedConnections.add(1, ordering: .relaxed)
                        throw ConnectionRefused.tooMany
                    }
                    counters.connections.add(1, ordering: .relaxed)
                    channel.closeFuture.whenComplete { _ in
                        counters.connections.subtract(1, ordering: .relaxed)
                        census.leave(address)
                    }
                    let loop = loops.context(of: channel.eventLoop)
                    let pipeline = channel.pipeline.syncOperations
                    guard let tls else {
                        try pipeline.addHandler(HTTP1ServerHandler(loop: loop, isTLS: false))
                        return
                    }
                    try pipeline.addHandlers([NIOSSLServerHandler(context: tls), ProtocolChooser(loop: loop)])
                }
            }
        do {
            return Listener(channel: try await bootstrap.bind(host: settings.host, port: settings.port).get())
        } catch let error as IOError {
            throw GatewayFault.cannotListen(errno: error.errnoCode)
        } catch {
            throw GatewayFault.cannotListen(errno: 0)
        }
    }

    /// Stops accepting; connections live on.
    func stopAccepting() async { try? await channel.close() }
}

/// Ends a connection before anything is read from it.
enum ConnectionRefused: Error {
    case tooMany
}

/// After the TLS handshake: HTTP/2 where it was agreed on, else HTTP/1.1. A handshake has ten seconds.
final class ProtocolChooser: ChannelInboundHandler, Swept, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private static let handshakeMilliseconds: Int64 = 10_000

    var sweepIndex = -1
    private let loop: LoopContext
    private let deadline = Clock.instant().after(milliseconds: ProtocolChooser.handshakeMilliseconds)
    private var context: ChannelHandlerContext?

    init(loop: LoopContext) { self.loop = loop }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.sweeper.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.sweeper.remove(self)
        self.context = nil
    }

    func sweep(_ now: Instant) {
        if now > deadline { context?.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let name) = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        do {
            if name == "h2" {
                try HTTP2Server.configure(context.channel, loop: loop)
            } else {
                try context.pipeline.syncOperations.addHandler(HTTP1ServerHandler(loop: loop, isTLS: true))
            }
        } catch {
            context.close(promise: nil)
            return
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
