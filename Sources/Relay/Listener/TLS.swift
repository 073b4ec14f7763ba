import NIOSSL

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

    /// - Parameter speaksHTTP2: `false` for connections that become WebSockets.
    static func upstream(trustRoots: String?, speaksHTTP2: Bool = true) throws(GatewayFault) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = speaksHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        if let trustRoots { configuration.trustRoots = .file(trustRoots) }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw GatewayFault.badTrustRoots
        }
    }
}
