/// One who may receive data (`PROMISES.md` 3.11): the register from which the egress gate and the page are made.
public struct Recipient: Hashable, Sendable {
    /// What may go there. A host that is not in the register may receive nothing.
    public enum Class: String, CaseIterable, Sendable {
        /// The words of requests that are addressed to it, with its own key.
        case relay
        /// Only whether it answers: its own list of models is asked for with its own key.
        case health
        /// The operator's signed word for an access token; nothing of a request.
        case token
        /// Kinds and amounts of alerts, to whom the operator chose.
        case alert
        /// Mail to people of an organisation: their addresses, with codes, invitations and notices.
        case letter
        /// The installation's own process: nothing leaves the machine.
        case local
    }

    /// Why it is called; pages say it in each language.
    public enum Use: String, CaseIterable, Sendable {
        case answers
        case tokens
        case alerts
        case mail
        case sandbox
    }

    public var name: String
    public var host: String
    public var port: Int
    public var classes: Set<Class>
    public var use: Use
    /// Where its own terms stand, when they are known.
    public var terms: String?

    public init(name: String, host: String, port: Int, classes: Set<Class>, use: Use, terms: String? = nil) {
        self.name = name
        self.host = host
        self.port = port
        self.classes = classes
        self.use = use
        self.terms = terms
    }

    /// Where well-known providers publish their terms (AX-17), by the last labels of their host.
    public static func terms(of host: String) -> String? {
        published.first { host == $0.domain || host.hasSuffix("." + $0.domain) }?.terms
    }

    private static let published: [(domain: String, terms: String)] = [
        ("openai.com", "https://openai.com/policies/"), ("anthropic.com", "https://www.anthropic.com/legal"),
        ("googleapis.com", "https://ai.google.dev/gemini-api/terms"), ("mistral.ai", "https://mistral.ai/terms"),
        ("groq.com", "https://groq.com/terms-of-use"), ("together.xyz", "https://www.together.ai/terms-of-service"),
        ("deepseek.com", "https://www.deepseek.com/policies"), ("x.ai", "https://x.ai/legal"),
        ("cohere.com", "https://cohere.com/terms-of-use"), ("openrouter.ai", "https://openrouter.ai/terms"),
        ("fireworks.ai", "https://fireworks.ai/terms-of-service"),
        ("perplexity.ai", "https://www.perplexity.ai/hub/legal"),
        ("azure.com", "https://www.microsoft.com/licensing/terms"),
        ("amazonaws.com", "https://aws.amazon.com/service-terms/"),
    ]
}

/// All recipients of an installation.
public struct RecipientRegister: Equatable, Sendable {
    public var recipients: [Recipient]

    public init(_ recipients: [Recipient]) { self.recipients = recipients }

    /// Whether data of this class may go to a host. What is not in the register may not be called at all.
    public func allows(host: String, port: Int, _ data: Recipient.Class) -> Bool {
        recipients.contains { $0.host == host && $0.port == port && $0.classes.contains(data) }
    }
}
