import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Planning
import Vocabulary

/// One loop's connections to one deployment (DESIGN §4). No lock: all on the loop.
final class UpstreamPool: Swept {
    /// Idle connections are closed after this; most providers wait at least a minute.
    static let idleMilliseconds: Int64 = 55_000
    /// Streams on one HTTP/2 connection before the next is opened; providers allow 100 and more.
    static let streamsPerConnection = 90

    var sweepIndex = -1
    let loop: LoopContext
    private let deployment: Deployment
    private let host: String
    private var state = PoolState()
    private var isClosed = false
    /// What this loop has seen of the deployment; it outlives a reload with the pool.
    var health = DeploymentHealth()

    init(deployment: Deployment, loop: LoopContext) {
        self.deployment = deployment
        self.loop = loop
        host = String(decoding: deployment.host, as: UTF8.self)
        loop.sweeper.add(self)
    }

    /// Starts a call; the observer hears the rest. The returned call can be cancelled at once.
    func start(_ request: UpstreamRequest, _ observer: any UpstreamObserver) -> any UpstreamCall {
        // A WebSocket keeps its connection, which must speak HTTP/1.1.
        if request.target?.upgrade != nil { return connected(request, observer) }
        switch state.lease() {
        case .reuse(let connection) where request.isOpen:
            // A body sent while it arrives cannot be sent again: not on a connection the provider may have closed.
            state.park(connection, at: Clock.instant())
            return connected(request, observer)
        case .reuse(let connection), .openStream(let connection):
            return connection.start(request, observer, isReused: true)
        case .connect: return connected(request, observer)
        }
    }

    private func connected(_ request: UpstreamRequest, _ observer: any UpstreamObserver) -> any UpstreamCall {
        let pending = PendingCall(request, observer)
        connect(pending)
        return pending
    }

    func park(_ connection: any UpstreamConnection) {
        guard !isClosed, !loop.isDraining else { return connection.close() }
        state.park(connection, at: loop.soon)
    }

    func streamEnded(on connection: any UpstreamConnection) { state.streamEnded(on: connection) }
    func removed(_ connection: any UpstreamConnection) { state.removed(connection) }

    func sweep(_ now: Instant) {
        guard state.idleCount > 0 else { return }
        let horizon = Instant(microseconds: now.microseconds - Self.idleMilliseconds * 1000)
        for connection in state.expired(before: horizon) { connection.close() }
    }

    func closeIdle() {
        for connection in state.takeIdle() { connection.close() }
    }

    /// Closes what is idle; what is busy closes at the end of its call.
    func close() {
        isClosed = true
        closeIdle()
        loop.sweeper.remove(self)
    }

    private func connect(_ pending: PendingCall) {
        guard loop.shared.doors.egress.allows(host: host, port: deployment.port, dataClass: .relay) else {
            // Not at once: who called has to have the call before it hears of it.
            return loop.eventLoop.assumeIsolated().execute { pending.fail(.egressRefused) }
        }
        let tls: NIOSSLContext?
        do throws(GatewayFault) {
            tls = deployment.isTLS ? try loop.shared.upstreamTLS.context(upgrades: pending.upgrades) : nil
        } catch {
            return loop.eventLoop.assumeIsolated().execute { pending.fail(.upstreamUnreachable) }
        }
        let host = self.host
        ClientBootstrap(group: loop.eventLoop)
            .connectTimeout(.milliseconds(loop.shared.settings.limits.upstreamConnect))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        // An IP address is no server name (RFC 6066 §3).
                        let name = SocketAddress.isLiteral(host) ? nil : host
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try pipeline.addHandler(HandshakeHandler(isTLS: tls != nil))
                }
            }
            .connect(host: host, port: deployment.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .failure: pending.fail(.upstreamUnreachable)
                case .success(let channel): self.connected(channel, pending)
                }
            }
    }

    private func connected(_ channel: any Channel, _ pending: PendingCall) {
        let pipeline = channel.pipeline.syncOperations
        guard !pending.isCancelled, let handshake = try? pipeline.handler(type: HandshakeHandler.self) else {
            channel.close(promise: nil)
            return pending.fail(.upstreamUnreachable)
        }
        pending.abandon = { channel.close(promise: nil) }
        handshake.whenDone { speaksHTTP2 in
            pending.abandon = nil
            guard let speaksHTTP2, !pending.isCancelled else {
                channel.close(promise: nil)
                return pending.fail(.upstreamUnreachable)
            }
            _ = pipeline.removeHandler(handshake)
            let connection: any UpstreamConnection
            do {
                if speaksHTTP2 {
                    connection = try HTTP2UpstreamConnection(channel, pool: self)
                } else {
                    let handler = HTTP1UpstreamHandler(pool: self)
                    try pipeline.addHandler(handler)
                    connection = handler
                }
            } catch {
                channel.close(promise: nil)
                return pending.fail(.upstreamUnreachable)
            }
            if speaksHTTP2 { self.state.joined(connection, limit: Self.streamsPerConnection) }
            pending.begin(on: connection)
        }
    }
}

/// A connection to a provider that can take a call.
protocol UpstreamConnection: AnyObject {
    func start(_ request: UpstreamRequest, _ observer: any UpstreamObserver, isReused: Bool) -> any UpstreamCall
    func close()
}

/// A call that waits for its connection.
final class PendingCall: UpstreamCall {
    private let request: UpstreamRequest
    private var observer: (any UpstreamObserver)?
    private var call: (any UpstreamCall)?
    private(set) var isCancelled = false
    var upgrades: Bool { request.target?.upgrade != nil }
    var abandon: (() -> Void)?

    init(_ request: UpstreamRequest, _ observer: any UpstreamObserver) {
        self.request = request
        self.observer = observer
    }

    func begin(on connection: any UpstreamConnection) {
        guard let observer else { return }
        self.observer = nil
        call = connection.start(request, observer, isReused: false)
    }

    func fail(_ code: ErrorCode) {
        guard let observer else { return }
        self.observer = nil
        observer.upstreamFailed(code, onReusedConnection: false)
    }

    func setReading(_ isReading: Bool) { call?.setReading(isReading) }

    func send(_ bytes: ByteBuffer, isLast: Bool) { call?.send(bytes, isLast: isLast) }

    func drain() { cancel() }

    func cancel() {
        isCancelled = true
        observer = nil
        abandon?()
        abandon = nil
        call?.cancel()
        call = nil
    }
}

/// Waits for the TLS handshake and tells which HTTP was agreed on.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private var done: ((Bool?) -> Void)?
    private var outcome: Bool??

    init(isTLS: Bool) { outcome = isTLS ? .none : .some(false) }

    /// - Parameter body: gets whether HTTP/2 is spoken, `nil` when the connection failed.
    func whenDone(_ body: @escaping (Bool?) -> Void) {
        if let outcome { body(outcome) } else { done = body }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let name) = event as? TLSUserEvent { finish(name == "h2") }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(nil)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(nil)
        context.fireChannelInactive()
    }

    private func finish(_ result: Bool?) {
        guard outcome == nil else { return }
        outcome = .some(result)
        done?(result)
        done = nil
    }
}

extension SocketAddress {
    static func isLiteral(_ host: String) -> Bool { (try? SocketAddress(ipAddress: host, port: 0)) != nil }
}
