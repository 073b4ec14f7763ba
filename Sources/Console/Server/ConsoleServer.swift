import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL

/// Where the console listens, and who may read its figures.
public struct ConsoleSettings: Sendable {
    public var host: String
    /// 0 takes any free port.
    public var port: Int
    /// PEM files of certificate chain and key.
    public var tls: (certificate: String, key: String)?
    /// Lets `/metrics` be read from another machine with `Authorization: Bearer` (`RULES.md` 18).
    public var metricsToken: [UInt8]?

    public init(host: String, port: Int, tls: (certificate: String, key: String)?, metricsToken: [UInt8]?) {
        self.host = host
        self.port = port
        self.tls = tls
        self.metricsToken = metricsToken
    }
}

/// Why the console did not start.
public enum ConsoleFault: Error, Sendable {
    case portTaken
    case certificateUnusable
    case cannotListen
}

/// The console's HTTP server: pages, health, metrics. It logs nothing.
public final class ConsoleServer: Sendable {
    public let port: Int
    private let running: Task<Void, any Error>

    public static func start(
        _ settings: ConsoleSettings, desk: ConsoleDesk, pages: [PublicPage] = [],
        isDraining: @escaping @Sendable () -> Bool
    ) async throws(ConsoleFault) -> ConsoleServer {
        let (ports, found) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let configuration = ApplicationConfiguration(address: .hostname(settings.host, port: settings.port))
        let onRunning: @Sendable (any Channel) async -> Void = { channel in
            found.yield(channel.localAddress?.port ?? 0)
            found.finish()
        }
        let logger = Logger(label: "console", factory: { _ in SwiftLogNoOpLogHandler() })
        let application: Application<RouterResponder<ConsoleContext>>
        do {
            let routes = try ConsoleRoutes(settings, desk: desk, pages: pages, isDraining: isDraining)
                .router()
            application =
                if let files = settings.tls {
                    Application(
                        router: routes, server: try .tls(tlsConfiguration: try tlsConfiguration(files)),
                        configuration: configuration, onServerRunning: onRunning, logger: logger)
                } else {
                    Application(
                        router: routes, configuration: configuration, onServerRunning: onRunning, logger: logger)
                }
        } catch {
            throw .certificateUnusable
        }
        let running = Task {
            defer { found.finish() }
            try await application.run()
        }
        for await port in ports { return ConsoleServer(port: port, running: running) }
        do {
            try await running.value
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .portTaken
        } catch {
            throw .cannotListen
        }
        throw .cannotListen
    }

    public func stop() async {
        running.cancel()
        _ = await running.result
    }

    private init(port: Int, running: Task<Void, any Error>) {
        self.port = port
        self.running = running
    }

    private static func tlsConfiguration(_ files: (certificate: String, key: String)) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        tls.minimumTLSVersion = .tlsv12
        return tls
    }
}

/// A request with the address it came from.
struct ConsoleContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Whether the connection's other end is this machine.
    let isLocal: Bool
    private let address: [UInt8]

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        let address = source.channel.remoteAddress?.ipAddress ?? ""
        self.address = Self.bytes(address)
        isLocal = address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }

    /// Where guesses are counted by: the connection's other end, or, behind a proxy on this machine, whom that names last.
    func clientAddress(_ request: Request) -> [UInt8] {
        guard isLocal, let name = HTTPField.Name("x-forwarded-for"), let field = request.headers[name],
            let last = field.split(separator: ",").last
        else { return address }
        let named = Self.bytes(String(last.filter { $0 != " " }))
        return named.isEmpty ? address : named
    }

    /// 4 or 16 bytes; none for what is no address.
    private static func bytes(_ text: String) -> [UInt8] {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if unsafe inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return []
    }
}
