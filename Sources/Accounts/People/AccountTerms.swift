public import Vocabulary

/// How people come in, and what is kept of them: the operator's choice within the profile.
public struct AccountTerms: Sendable, Equatable {
    public var allowsPassword: Bool
    public var allowsMailCode: Bool
    public var allowsPasskey: Bool
    /// Whether anyone with an address may open an account and an organisation of its own.
    public var isOpen: Bool
    public var fields: PolicyProfile.AccountFields
    /// Passwords that are refused because they are known from leaks.
    public var leaked: LeakedPasswords?

    public init(
        allowsPassword: Bool = true, allowsMailCode: Bool = true, allowsPasskey: Bool = true, isOpen: Bool = false,
        fields: PolicyProfile.AccountFields = .mailOnly, leaked: LeakedPasswords? = nil
    ) {
        self.allowsPassword = allowsPassword
        self.allowsMailCode = allowsMailCode
        self.allowsPasskey = allowsPasskey
        self.isOpen = isOpen
        self.fields = fields
        self.leaked = leaked
    }
}

/// Why something about accounts was not done.
public enum PeopleRefusal: Error, Equatable, Sendable {
    case badMail
    case badName
    case badPassword(PasswordRules.Refusal)
    /// Address, password or code: never which.
    case wrong
    case wrongCode(triesLeft: Int)
    /// A passkey that is not this person's, not for this address, or there already: never which.
    case badPasskey
    /// Too many tries: seconds until the next.
    case wait(Int64)
    /// The link, code or step was used, withdrawn or is too old.
    case over
    /// An invitation for another address than the one signed in.
    case otherAddress
    case lastOwner
    case isMember
    case unknown
    case notAllowed
    /// Too many passwords are being checked.
    case busy
    case failed
}
