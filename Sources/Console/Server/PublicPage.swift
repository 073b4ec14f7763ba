/// A page that anyone may read: its type, and its bytes when it is asked for.
public struct PublicPage: Sendable {
    public var path: String
    public var type: String
    /// `nil`: there is none at present (503).
    public var body: @Sendable () async -> [UInt8]?

    public init(path: String, type: String, body: @escaping @Sendable () async -> [UInt8]?) {
        self.path = path
        self.type = type
        self.body = body
    }
}
