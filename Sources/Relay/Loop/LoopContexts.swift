import NIOCore
import NIOPosix

/// The contexts of all loops of a gateway.
final class LoopContexts: Sendable {
    let shared: Shared
    private let contexts: [ObjectIdentifier: NIOLoopBound<LoopContext>]

    init(group: MultiThreadedEventLoopGroup, shared: Shared, routing: RoutingSnapshot) async {
        self.shared = shared
        var contexts: [ObjectIdentifier: NIOLoopBound<LoopContext>] = [:]
        for loop in group.makeIterator() {
            let made = try? await loop.submit {
                NIOLoopBound(LoopContext(eventLoop: loop, shared: shared, routing: routing), eventLoop: loop)
            }.get()
            contexts[ObjectIdentifier(loop)] = made
        }
        self.contexts = contexts
    }

    /// The context of the loop the caller is on.
    func context(of loop: any EventLoop) -> LoopContext {
        guard let bound = contexts[ObjectIdentifier(loop)] else {
            preconditionFailure("an event loop of another group")
        }
        return bound.value
    }

    /// Runs `body` on every loop, one after the other.
    func each(_ body: @escaping @Sendable (LoopContext) -> Void) async {
        for bound in contexts.values {
            try? await bound.eventLoop.submit { body(bound.value) }.get()
        }
    }

    func stop() async { await each { $0.stop() } }
}
