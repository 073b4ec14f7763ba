public import Records
public import Secrets
import Synchronization
public import Vocabulary

/// A passkey in a person's list.
public struct KnownPasskey: Sendable, Equatable {
    /// Names it in paths; it helps nobody to show it.
    public var id: String
    public var name: String
    public var createdAt: Moment
    public var usedAt: Moment
}

/// What a browser needs to make a passkey, or to show one.
public struct PasskeyRequest: Sendable, Equatable {
    public var challenge: [UInt8]
    /// A name for the person that says nothing, by which an authenticator keeps its passkeys apart.
    public var user: [UInt8]
    /// Ids of the person's passkeys; empty where anybody's may be shown.
    public var known: [[UInt8]]
}

// Passkeys: each proves what a person has and who it is at once, so one alone is a whole sign-in.

extension People {
    /// Of one person.
    public static let mostPasskeys = 20

    public func passkeys(of account: Account) throws(PeopleRefusal) -> [KnownPasskey] {
        try stored { () throws(StorageFault) in
            try passkeys.passkeys(of: account.person.id).map { row throws(StorageFault) in
                KnownPasskey(
                    id: Self.name(of: row.digest), name: try cell(of: row).name,
                    createdAt: row.createdAt, usedAt: row.usedAt)
            }
        }
    }

    /// What the browser of somebody signed in needs: to add a passkey, or to prove again who it is.
    public func passkeyRequest(_ account: Account) throws(PeopleRefusal) -> PasskeyRequest {
        try request(account.session.digest, person: account.person.id)
    }

    /// Adds a passkey.
    /// - Returns: recovery codes to be shown once, where there are none yet.
    public func addPasskey(
        named name: String, client: [UInt8], attestation: [UInt8], site: PasskeySite, to account: Account
    ) throws(PeopleRefusal) -> [String] {
        guard terms.allowsPasskey else { throw .notAllowed }
        guard Keys.isValid(name: name) else { throw .badName }
        guard let challenge = take(account.session.digest) else { throw .over }
        let passkey: Passkey
        do throws(PasskeyFault) {
            passkey = try Passkey(client: client, attestation: attestation, challenge: challenge, site: site)
        } catch { throw .badPasskey }
        let person = account.person.id
        let row = PasskeyRow(
            digest: keys.digest(.passkey, passkey.id), person: person,
            sealed: try seal(
                PasskeyCell(id: passkey.id, key: passkey.key, name: name).bytes, .passkey, person, of: .person(person)),
            counter: passkey.counter, createdAt: now(), usedAt: now())
        try record(.passkeyAdd, by: account)
        let isNew = try stored { () throws(StorageFault) in try passkeys.insert(row, most: Self.mostPasskeys) }
        guard isNew else { throw .badPasskey }
        try endOthers(of: account)
        return try recoveryCodesLeft(of: account) == 0 ? freshRecoveryCodes(of: account) : []
    }

    /// Removes a passkey, and the recovery codes with the last proof they stand in for.
    public func removePasskey(_ id: String, of account: Account) throws(PeopleRefusal) {
        let person = account.person.id
        let rows = try stored { () throws(StorageFault) in try passkeys.passkeys(of: person) }
        guard let row = rows.first(where: { Self.name(of: $0.digest) == id }) else { throw .unknown }
        try record(.passkeyRemove, by: account)
        _ = try stored { () throws(StorageFault) in try passkeys.remove(row.digest, of: person) }
        try endOthers(of: account)
        guard rows.count == 1, !account.person.hasSecondFactor else { return }
        try stored { () throws(StorageFault) in try people.setRecoveryCodes([], of: person) }
    }

    // MARK: Signing in

    /// Begins a sign-in by passkey, whosever it is.
    /// - Returns: the text that binds the challenge to the browser that asked.
    public func beginPasskey() throws(PeopleRefusal) -> String {
        guard terms.allowsPasskey else { throw .notAllowed }
        let id = SessionToken.freshID()
        _ = offer(keys.digest(.session, id))
        return tokens.text(of: id)
    }

    /// What the browser needs for the sign-in a text belongs to; `nil` when there is none.
    public func passkeyRequest(_ text: String) throws(PeopleRefusal) -> PasskeyRequest? {
        guard terms.allowsPasskey, let id = tokens.id(in: text) else { return nil }
        let holder = keys.digest(.session, id)
        if let pending = pendingSignIn(text) {
            guard pending.step == .secondFactor, try hasPasskey(pending.person) else { return nil }
            return try request(holder, person: pending.person)
        }
        guard let challenge = challenges.withLock({ $0.challenge(of: holder, at: now()) }) else { return nil }
        return PasskeyRequest(challenge: challenge, user: [], known: [])
    }

    /// Takes the passkey that a sign-in asks for: the whole proof, or the second one.
    public func show(
        _ answer: PasskeyAnswer, _ text: String, site: PasskeySite, from origin: GuessOrigin,
        _ carrier: SessionRow.Carrier = .cookie
    ) throws(PeopleRefusal) -> SignInResult {
        guard let id = tokens.id(in: text) else { throw .over }
        let pending = pendingSignIn(text)
        try spendTry(origin.subjects)
        guard pending.map({ $0.step == .secondFactor }) ?? true, let challenge = take(keys.digest(.session, id)) else {
            throw .over
        }
        guard let person = try person(showing: answer, challenge, site), pending.map({ $0.person == person }) ?? true
        else {
            try noteFailure(pending?.person)
            throw .badPasskey
        }
        if pending != nil { self.pending.withLock { $0[keys.digest(.session, id)] = nil } }
        limiter.withLock { $0.forgive(origin.subjects, at: now()) }
        return .session(try finish(person, carrier))
    }

    /// Proves again who it is, by a passkey.
    /// - Returns: the text of a fresh session, in place of the former.
    public func confirm(
        _ account: Account, passkey answer: PasskeyAnswer, site: PasskeySite, from origin: GuessOrigin
    ) throws(PeopleRefusal) -> String {
        try spendTry(origin.subjects)
        guard let challenge = take(account.session.digest) else { throw .over }
        guard try person(showing: answer, challenge, site) == account.person.id else {
            try noteFailure(account.person.id)
            throw .badPasskey
        }
        limiter.withLock { $0.forgive(origin.subjects, at: now()) }
        return try renewSession(of: account)
    }

    /// Whose passkey an answer is of; `nil` when it proves nothing.
    private func person(
        showing answer: PasskeyAnswer, _ challenge: [UInt8], _ site: PasskeySite
    ) throws(PeopleRefusal) -> UInt64? {
        guard terms.allowsPasskey else { return nil }
        return try stored { () throws(StorageFault) in
            guard let row = try passkeys.passkey(keys.digest(.passkey, answer.id)) else { return nil }
            let cell = try cell(of: row)
            let passkey = Passkey(id: cell.id, key: cell.key, counter: row.counter)
            guard let counter = try? passkey.verify(answer, challenge: challenge, site: site),
                try passkeys.use(row, counter: counter, at: now())
            else { return nil }
            return row.person
        }
    }

    // MARK: Parts

    /// Whether a passkey of the person's would be asked for.
    func hasPasskey(_ person: UInt64) throws(PeopleRefusal) -> Bool {
        guard terms.allowsPasskey else { return false }
        return try stored { () throws(StorageFault) in try passkeys.has(person) }
    }

    private func request(_ holder: [UInt8], person: UInt64) throws(PeopleRefusal) -> PasskeyRequest {
        let known = try stored { () throws(StorageFault) in
            try passkeys.passkeys(of: person).map { row throws(StorageFault) in
                try cell(of: row).id
            }
        }
        return PasskeyRequest(
            challenge: offer(holder), user: Array(keys.digest(.passkeyUser, actorDigest(person)).prefix(16)),
            known: known)
    }

    private func cell(of row: PasskeyRow) throws(StorageFault) -> PasskeyCell {
        try PasskeyCell(opened(row.sealed, .passkey, row.person, of: .person(row.person)))
    }

    private func offer(_ holder: [UInt8]) -> [UInt8] {
        challenges.withLock { $0.offer(to: holder, at: now()) { randomBytes(32) } }
    }

    private func take(_ holder: [UInt8]) -> [UInt8]? { challenges.withLock { $0.take(from: holder, at: now()) } }
}
