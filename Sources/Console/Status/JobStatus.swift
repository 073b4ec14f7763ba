public import Vocabulary

/// How a job of the server did when it last ran.
public struct JobStatus: Sendable, Equatable {
    /// What runs by itself, in the order it is shown.
    public enum Name: String, Sendable, CaseIterable {
        /// Nodes that died are settled.
        case recovery
        /// Holds and promotions whose term is over end.
        case holds
        /// What is older than its term goes.
        case retention
        /// Providers are asked whether they answer.
        case providers
        /// Deletions and answers that are due.
        case rights
        /// The legal pages are published.
        case pages
    }

    public var name: Name
    /// `nil`: not yet since the start.
    public var at: Moment?
    public var isFailed: Bool

    public init(name: Name, at: Moment? = nil, isFailed: Bool = false) {
        self.name = name
        self.at = at
        self.isFailed = isFailed
    }
}
