public import Vocabulary

/// What is known of a provider before anyone configures it. `docs/providers.md` names the sources and says how to add one.
public struct ProviderFacts: Sendable {
    /// What its key is and where it goes.
    public enum Account: Sendable, Equatable {
        /// A key in `Authorization: Bearer`.
        case bearer
        /// A key alone in a header of this name.
        case header(String)
        /// An endpoint of one's own, the key in `api-key`.
        case azure
        /// A Bedrock API key as bearer, or an AWS key pair that signs.
        case aws
        /// A service account, whose tokens are fetched.
        case google
    }

    /// Its name in `tacet.yaml`, or what stands at `kind` there.
    public let name: String
    public let title: String
    /// The address its own SDK takes. Empty: everyone has one of their own.
    public let base: String
    public let account: Account
    /// What it speaks; the first is used where nothing else is said.
    public let dialects: [Dialect]
    /// Where its key is looked for, in this order.
    public let variables: [String]
    /// Its name in the price book.
    public let shelf: String
    public let quirks: Set<Quirk>
    /// Members of a chat request that it refuses though nothing of the answer hangs on them: left out, and told in
    /// `x-tacet-warnings`.
    public let refused: [String]
    /// Runs on one's own machine: costs nothing and needs no key.
    public let isLocal: Bool
    public let docs: String

    init(
        _ name: String, _ title: String, _ base: String, _ account: Account = .bearer,
        _ dialects: [Dialect] = [.openAI],
        key variables: [String], shelf: String? = nil, quirks: Set<Quirk> = [], refused: [String] = [],
        isLocal: Bool = false, docs: String
    ) {
        self.name = name
        self.title = title
        self.base = base
        self.account = account
        self.dialects = dialects
        self.variables = variables
        self.shelf = shelf ?? name
        self.quirks = quirks
        self.refused = refused
        self.isLocal = isLocal
        self.docs = docs
    }

    public static func named(_ name: String) -> ProviderFacts? { table.first { $0.name == name } }
}
