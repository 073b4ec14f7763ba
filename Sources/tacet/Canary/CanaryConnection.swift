import Glibc

/// A blocking TCP connection of the canary's. It waits for five seconds at most and is closed with its last owner.
final class CanaryConnection {
    private let file: Int32

    /// - Parameter file: a connected socket, owned from here on.
    init(_ file: Int32) {
        self.file = file
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(file) }

    /// - Parameter host: a numeric address or `localhost`.
    convenience init?(host: String, port: UInt16) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { return nil }
        self.init(file)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else {
            return nil
        }
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }
    }

    /// Whether all was sent.
    @discardableResult
    func send(_ bytes: some Sequence<UInt8>) -> Bool {
        let bytes = Array(bytes)
        let sent = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        return sent == bytes.count
    }

    /// What came next; empty at the end, or when nothing came in time.
    func receive() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { room, count in
            count = max(0, unsafe recv(file, room.baseAddress, room.count, 0))
        }
    }

    /// The head of a message, through its empty line, and what came behind it; `nil` when it does not come.
    func head() -> (head: String, rest: [UInt8])? {
        var all: [UInt8] = []
        while all.count < 65_536 {
            let more = receive()
            guard !more.isEmpty else { return nil }
            all += more
            let text = String(decoding: all, as: UTF8.self)
            if let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) {
                let head = text[..<end.upperBound]
                return (String(head), Array(all.dropFirst(head.utf8.count)))
            }
        }
        return nil
    }

    /// A socket that is bound to a free port of this machine.
    static func bound() throws(Failure) -> (file: Int32, port: UInt16) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(file, $0, size) == 0 ? unsafe getsockname(file, $0, &size) : -1
            }
        }
        guard code == 0 else {
            close(file)
            throw Failure(text: "No port is free.")
        }
        return (file, UInt16(bigEndian: address.sin_port))
    }
}
