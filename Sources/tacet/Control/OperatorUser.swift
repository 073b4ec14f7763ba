import Foundation
import NIOCore
import NIOPosix

/// Who uses a verb, by number: the login that the kernel remembers through `sudo`, else the user of the process.
struct OperatorUser: Hashable, Sendable {
    let id: UInt32

    init(id: UInt32) { self.id = id }

    private init(process: Int32, user: UInt32) {
        // 4294967295 says that nobody logged in: a service's child.
        let login = (try? String(contentsOfFile: "/proc/\(process)/loginuid", encoding: .ascii)).flatMap { UInt32($0) }
        id = login.flatMap { $0 == .max ? nil : $0 } ?? user
    }

    /// Who runs this process.
    static var own: OperatorUser { OperatorUser(process: getpid(), user: getuid()) }

    /// Who is at the other end of a local socket; `nil` where the kernel does not tell.
    static func peer(of channel: any Channel) async -> OperatorUser? {
        guard let options = channel as? any SocketOptionProvider else { return nil }
        let found: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        guard let credentials = try? await found.get() else { return nil }
        return OperatorUser(process: credentials.process, user: credentials.user)
    }

    /// As `SO_PEERCRED` gives it.
    private struct Credentials: Sendable {
        var process: Int32 = 0
        var user: UInt32 = .max
        var group: UInt32 = .max
    }

    /// The name of the system's account; without one its number.
    var name: String {
        var record = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard unsafe getpwuid_r(id, &record, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return "\(id)"
        }
        return unsafe String(cString: record.pw_name)
    }
}
