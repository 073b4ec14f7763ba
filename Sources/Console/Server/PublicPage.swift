import Hummingbird
public import Vocabulary

/// A page that anyone may read: its type, and its bytes when it is asked for.
public struct PublicPage: Sendable {
    /// What a reader asks for beside the path.
    public struct Wish: Sendable {
        /// `?lang=`, else what the browser prefers.
        public var language: Language
        /// `?version=`: an earlier or coming one.
        public var version: Int64?

        init(_ request: Request) {
            let parameters = request.uri.queryParameters
            language =
                parameters["lang"].flatMap { Language(code: $0) }
                ?? Language(accepting: request.headers[.acceptLanguage])
            version = parameters["version"].flatMap { Int64($0) }
        }
    }

    public var path: String
    public var type: String
    /// `nil`: there is none at present (503).
    public var body: @Sendable (Wish) async -> [UInt8]?

    public init(path: String, type: String, body: @escaping @Sendable (Wish) async -> [UInt8]?) {
        self.path = path
        self.type = type
        self.body = body
    }
}
