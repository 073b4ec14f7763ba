import Glibc
import NIOCore
import NIOPosix
import Records

/// Where the control socket of a data directory is.
struct ControlPath {
    /// What `bind` and `connect` are given: an address holds 107 bytes, so a longer one goes by the folder's descriptor.
    let address: String
    private let folder: Int32

    init(_ directory: DataDirectory) throws(Failure) { try self.init(socket: directory.controlPath) }

    init(socket path: String) throws(Failure) {
        let data = String(path.dropLast("/control.sock".count))
        if path.utf8.count <= 107 {
            address = path
            folder = -1
        } else {
            folder = unsafe open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard folder >= 0 else { throw Failure(text: "The data directory cannot be opened (errno \(errno)).") }
            address = "/proc/self/fd/\(folder)/control.sock"
        }
    }

    func close() {
        if folder >= 0 { _ = Glibc.close(folder) }
    }
}

/// Answers the command line's verbs on a 0600 socket in the data directory (`RULES.md` 34): a line of JSON in, an answer
/// out, and the end.
final class ControlServer: Sendable {
    private let channel: any Channel
    private let address: String

    static func start(
        at path: ControlPath, perform: @escaping @Sendable (DeskRequest, OperatorUser?) async -> DeskReply
    ) async throws -> ControlServer {
        // The server's lock is held, so an old socket is nobody's.
        unsafe unlink(path.address)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ControlHandler(perform: perform))
                }
            }
            .bind(unixDomainSocketPath: path.address).get()
        guard unsafe chmod(path.address, 0o600) == 0 else {
            try await channel.close()
            throw Failure(text: "The control socket cannot be closed to others (errno \(errno)).")
        }
        return ControlServer(channel: channel, address: path.address)
    }

    func stop() async {
        try? await channel.close()
        unsafe unlink(address)
    }

    private init(channel: any Channel, address: String) {
        self.channel = channel
        self.address = address
    }
}

private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let perform: @Sendable (DeskRequest, OperatorUser?) async -> DeskReply
    private var line: [UInt8] = []
    private var isAsked = false

    init(perform: @escaping @Sendable (DeskRequest, OperatorUser?) async -> DeskReply) { self.perform = perform }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAsked else { return }
        line += unwrapInboundIn(data).readableBytesView
        guard let end = line.firstIndex(of: 0x0a) else {
            if line.count > 65_536 { context.close(promise: nil) }
            return
        }
        isAsked = true
        let request = DeskRequest.read(Array(line[..<end]))
        let channel = context.channel
        let perform = perform
        Task {
            let reply: DeskReply
            switch request {
            case .success(let request): reply = await perform(request, await OperatorUser.peer(of: channel))
            case .failure(.unknown):
                reply = .failed("The server is of another version and does not know this command.")
            case .failure(.violation(let violation)): reply = .refused(violation)
            }
            try? await channel.writeAndFlush(ByteBuffer(bytes: reply.bytes))
            try? await channel.close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The other end, in a command.
enum ControlClient {
    static func ask(_ request: DeskRequest, at path: ControlPath) async throws(Failure) -> DeskReply {
        let bytes: [UInt8]
        do {
            bytes = try await exchange(request.line + [0x0a], address: path.address)
        } catch {
            throw Failure(text: "A server holds this data directory, but does not answer on its control socket.")
        }
        guard let reply = DeskReply(bytes: bytes) else { throw Failure(text: "The server's answer was cut off.") }
        return reply
    }

    private static func exchange(_ line: [UInt8], address: String) async throws -> [UInt8] {
        let group = MultiThreadedEventLoopGroup.singleton
        let answer = group.next().makePromise(of: [UInt8].self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(CollectingHandler(answer: answer))
                    }
                }
                .connect(unixDomainSocketPath: address).get()
        } catch {
            answer.fail(error)
            return try await answer.futureResult.get()
        }
        channel.writeAndFlush(ByteBuffer(bytes: line), promise: nil)
        return try await answer.futureResult.get()
    }
}

/// Everything the other side sends until it closes.
private final class CollectingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<[UInt8]>
    private var bytes: [UInt8] = []

    init(answer: EventLoopPromise<[UInt8]>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
    }

    func channelInactive(context: ChannelHandlerContext) { answer.succeed(bytes) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
