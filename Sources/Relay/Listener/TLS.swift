import NIOSSL
import Planning
import Synchronization

/// TLS contexts: TLS 1.2 at least, HTTP/2 offered first.
enum TLS {
    static func server(_ files: TLSFiles) throws(GatewayFault) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificate).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["h2", "http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw GatewayFault.badCertificate
        }
    }
}

/// The TLS contexts of connections to providers, made when the first provider that speaks TLS is served: the system's
/// roots take most of a megabyte.
final class UpstreamTLS: Sendable {
    /// A PEM file of roots instead of the system's.
    private let trustRoots: String?
    private let contexts = Mutex(Contexts())

    private struct Contexts {
        var called: NIOSSLContext?
        var upgraded: NIOSSLContext?
    }

    init(trustRoots: String?) { self.trustRoots = trustRoots }

    /// Reads the roots now, off the event loops, where some deployment will need them or a file has to be looked at.
    func prepare(for table: RoutingTable) throws(GatewayFault) {
        if trustRoots != nil || table.deployments.contains(where: \.isTLS) { _ = try context(upgrades: false) }
    }

    /// - Parameter upgrades: for connections that become WebSockets, which speak HTTP/1.1 alone.
    func context(upgrades: Bool) throws(GatewayFault) -> NIOSSLContext {
        try contexts.withLock { contexts throws(GatewayFault) in
            if let made = upgrades ? contexts.upgraded : contexts.called { return made }
            let made = try make(upgrades ? ["http/1.1"] : ["h2", "http/1.1"])
            if upgrades { contexts.upgraded = made } else { contexts.called = made }
            return made
        }
    }

    private func make(_ protocols: [String]) throws(GatewayFault) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = protocols
        if let trustRoots { configuration.trustRoots = .file(trustRoots) }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw GatewayFault.badTrustRoots
        }
    }
}
