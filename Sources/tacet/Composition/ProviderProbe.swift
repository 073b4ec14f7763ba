import Accounts
import Console
import NIOCore
import NIOPosix
import NIOSSL
import Planning
import Policy
import Relay
import Secrets
import Vocabulary

/// Asks a provider for its list of models, to see whether it answers and takes the key. The answer's body is dropped.
struct ProviderProbe {
    var roots: String?
    var environment: [String: String]
    /// Who may be asked: the gate that the data plane asks too.
    var register: RecipientRegister
    /// Keys of providers with `key: vault`; `nil`: none is stored.
    var vault: VaultSnapshot?
    static let timeout = TimeAmount.seconds(5)

    struct Result: Equatable, Sendable {
        var health: ProviderStatus.Health
        var status: Int?
        var microseconds: Int64?
    }

    func ask(_ provider: Settings.Provider) async -> Result {
        guard register.allows(host: provider.base.host, port: provider.base.port, .health) else {
            return Result(health: .notAsked)
        }
        guard let path = Self.listPath(provider) else { return Result(health: .notAsked) }
        var head = Array("GET \(path) HTTP/1.1\r\nhost: \(provider.base.authority)\r\n".utf8)
        if provider.dialect == .anthropic { head += "anthropic-version: 2023-06-01\r\n".utf8 }
        head += "accept: application/json\r\nconnection: close\r\nuser-agent: tacet\r\n".utf8
        do {
            let field = Self.keyHeader(provider)
            let write = { (bytes: Span<UInt8>) in
                head += field
                for index in bytes.indices { head.append(bytes[index]) }
                head += "\r\n".utf8
            }
            // Nobody's key is here to ask with.
            if provider.key == .passthrough { return Result(health: .notAsked) }
            if provider.key == .vault {
                let isStored = vault?.withKey(of: provider.deployment, for: .home, write) ?? false
                guard isStored else { return Result(health: .notAsked) }
            }
            try ProviderKeys.load(provider.key, environment: environment)?.withBytes(write)
        } catch {
            return Result(health: .refusesKey)
        }
        head += "\r\n".utf8
        defer { wipe(&head) }
        let start = ContinuousClock.now
        let status = try? await exchange(head, with: provider.base)
        let took = start.duration(to: .now) / .microseconds(1)
        guard let status else { return Result(health: .unreachable) }
        let health: ProviderStatus.Health =
            switch status {
            case 200..<300: .answers
            case 401, 403: .refusesKey
            default: .fails
            }
        return Result(health: health, status: status, microseconds: Int64(took))
    }

    /// Where it lists its models; `nil` for those that list them elsewhere, under other rights.
    private static func listPath(_ provider: Settings.Provider) -> String? {
        let base = provider.base.path
        switch provider.account {
        case .aws, .google: return nil
        case .azure(let version?): return "\(base)/openai/models?api-version=\(version)"
        case .azure(nil): return base.hasSuffix("/openai/v1") ? "\(base)/models" : "\(base)/openai/v1/models"
        case .key: break
        }
        switch provider.dialect {
        case .openAI, .openAIResponses: return "\(base)/models"
        case .anthropic: return base.hasSuffix("/v1") ? "\(base)/models" : "\(base)/v1/models"
        case .gemini:
            return base.hasSuffix("/v1beta") || base.hasSuffix("/v1") ? "\(base)/models" : "\(base)/v1beta/models"
        }
    }

    private static func keyHeader(_ provider: Settings.Provider) -> [UInt8] {
        if case .header(let name) = Routes.authentication(of: provider) { return name + Array(": ".utf8) }
        return Array("authorization: Bearer ".utf8)
    }

    private func exchange(_ head: [UInt8], with base: BaseAddress) async throws -> Int {
        let group = MultiThreadedEventLoopGroup.singleton
        let answer = group.next().makePromise(of: Int.self)
        let tls = base.isSecure ? try context() : nil
        let host = base.host
        let bytes = ByteBuffer(bytes: head)
        ClientBootstrap(group: group).connectTimeout(Self.timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let name = HostForm.isNumeric(host) ? nil : host
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHandler(StatusLineHandler(request: bytes, answer: answer))
                }
            }
            .connect(host: host, port: base.port)
            .whenFailure { answer.fail($0) }
        return try await answer.futureResult.get()
    }

    private func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let roots { configuration.trustRoots = .file(roots) }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Sends a request and reads the status out of the first line of the answer.
private final class StatusLineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: ByteBuffer
    private let answer: EventLoopPromise<Int>
    private var line: [UInt8] = []
    private var isOver = false

    init(request: ByteBuffer, answer: EventLoopPromise<Int>) {
        self.request = request
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
        let channel = context.channel
        let answer = answer
        context.eventLoop.scheduleTask(in: ProviderProbe.timeout) {
            answer.fail(ProbeFault.silent)
            channel.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        line += unwrapInboundIn(data).readableBytesView.prefix(16)
        guard line.count >= 12, !isOver else { return }
        isOver = true
        let text = String(decoding: line.prefix(12), as: UTF8.self)
        if text.hasPrefix("HTTP/1."), let status = Int(text.suffix(3)) {
            answer.succeed(status)
        } else {
            answer.fail(ProbeFault.notHTTP)
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(ProbeFault.silent) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(ProbeFault.silent)
        context.close(promise: nil)
    }
}

private enum ProbeFault: Error {
    case silent
    case notHTTP
}
