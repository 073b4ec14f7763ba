public import Records
import Secrets
import Synchronization
import Vocabulary

/// What a sign-in came to. The text goes into the one cookie, or a bearer's answer.
public enum SignInResult: Sendable, Equatable {
    case session(String)
    /// Another proof is asked for; the text binds it to the browser that began.
    case pending(String)
}

extension People {
    /// Signs in by password. An unknown address costs the same time and gets the same answer.
    public func signIn(
        mail: String, password: String, from origin: GuessOrigin, _ carrier: SessionRow.Carrier = .cookie
    ) async throws(PeopleRefusal) -> SignInResult {
        guard terms.allowsPassword else { throw .notAllowed }
        let mail = try address(mail)
        guard password.utf8.count <= 4 * PasswordRules.longest else { throw .wrong }
        let subjects = [.account(mailbox(mail))] + origin.subjects
        try spendTry(subjects)
        let row = try stored { () throws(StorageFault) in try people.person(mailbox: mailbox(mail)) }
        guard let isRight = await hashes.verify(password, row?.verifier) else {
            limiter.withLock { $0.forgive(subjects, at: now()) }
            throw .busy
        }
        guard isRight, let row else {
            try noteFailure(row?.id)
            throw .wrong
        }
        limiter.withLock { $0.forgive(subjects, at: now()) }
        try await renew(row, password)
        if try asksSecondFactor(row) {
            return .pending(
                keep(
                    PendingSignIn(.signIn, mail, person: row.id, step: .secondFactor, hasSecondFactor: true, at: now()))
            )
        }
        return .session(try finish(row.id, carrier))
    }

    /// Sends a code to an address. The answer is the same for every one.
    /// - Parameter letter: subject and text around a code.
    /// - Returns: the text that binds the code to the browser that asked.
    public func requestCode(
        mail: String, from origin: GuessOrigin, letter: (_ code: String) -> (subject: String, text: String)
    ) throws(PeopleRefusal) -> String {
        guard terms.allowsMailCode, outbox.canSend else { throw .notAllowed }
        let mail = try address(mail)
        // A mail is a try too: five an hour and address would be too few for a forgetful person, eight in sixteen minutes
        // are what `GuessLimiter` lets through.
        try spendTry([.account(keys.digest(.mailCode, Array(mail.text.utf8)))] + origin.subjects)
        let row = try stored { () throws(StorageFault) in try people.person(mailbox: mailbox(mail)) }
        let purpose: PendingSignIn.Purpose = row != nil ? .signIn : terms.isOpen ? .signUp : .nobody
        let code = OneTimeCode.random(digits: 8)
        let text = keep(
            PendingSignIn(
                purpose, mail, person: row?.id ?? 0, step: .mailCode,
                hasSecondFactor: try row.map { row throws(PeopleRefusal) in try asksSecondFactor(row) } ?? false,
                code: keys.digest(.mailCode, Array("\(mail.text)\n\(code)".utf8)), at: now()))
        if purpose != .nobody {
            let (subject, body) = letter(code)
            let endsAt = Moment(microseconds: now().microseconds + PendingSignIn.lifetime)
            outbox.add(Letter(to: mail, subject: subject, text: body, endsAt: endsAt))
        }
        return text
    }

    /// The sign-in a text belongs to; `nil` when it is over.
    public func pendingSignIn(_ text: String) -> PendingSignIn? {
        guard let id = tokens.id(in: text) else { return nil }
        let found = pending.withLock { $0[keys.digest(.session, id)] }
        return found.flatMap { $0.isAlive(at: now()) ? $0 : nil }
    }

    /// Takes the code that a pending sign-in asks for.
    public func show(
        code: String, _ text: String, from origin: GuessOrigin, _ carrier: SessionRow.Carrier = .cookie
    ) throws(PeopleRefusal) -> SignInResult {
        guard let found = pendingSignIn(text), let id = tokens.id(in: text) else { throw .over }
        let subjects = [.account(mailbox(found.mail))] + origin.subjects
        try spendTry(subjects)
        let isRight =
            switch found.step {
            case .mailCode: isMailCode(code, of: found)
            case .secondFactor: try isSecondFactor(code, of: found.person)
            }
        // Looked up again under the lock: two at once with one code must not both be right.
        let answer = pending.withLock { all -> PendingSignIn.Answer in
            guard var current = all[keys.digest(.session, id)], current == found else { return .over }
            let answer = current.show(isRight: isRight, at: now())
            all[keys.digest(.session, id)] = answer == .done || answer == .over ? nil : current
            return answer
        }
        switch answer {
        case .over:
            try noteFailure(found.person)
            throw .over
        case .wrong(let left):
            try noteFailure(found.person)
            throw .wrongCode(triesLeft: left)
        case .more:
            limiter.withLock { $0.forgive(subjects, at: now()) }
            return .pending(text)
        case .done:
            limiter.withLock { $0.forgive(subjects, at: now()) }
            return .session(try finish(found.purpose == .signUp ? signUp(found.mail) : found.person, carrier))
        }
    }

    /// Proves again who it is, by password or authenticator, before something dangerous.
    /// - Returns: the text of a fresh session, in place of the former (ASVS 7.2.4).
    public func confirm(
        _ account: Account, proof: String, from origin: GuessOrigin
    ) async throws(PeopleRefusal) -> String {
        let row = try row(of: account)
        let subjects = [.account(row.mailbox)] + origin.subjects
        try spendTry(subjects)
        var isRight = false
        if account.person.hasSecondFactor || account.person.hasPasskey, proof.utf8.count <= 40 {
            isRight = try isSecondFactor(proof, of: row.id)
        }
        if !isRight, row.verifier != nil, proof.utf8.count <= 4 * PasswordRules.longest {
            guard let answer = await hashes.verify(proof, row.verifier) else { throw .busy }
            isRight = answer
        }
        guard isRight else {
            try noteFailure(row.id)
            throw .wrong
        }
        limiter.withLock { $0.forgive(subjects, at: now()) }
        return try renewSession(of: account)
    }

    /// A fresh session in place of the one that asks.
    func renewSession(of account: Account) throws(PeopleRefusal) -> String {
        let token = try begin(account.person.id, in: account.organisation, account.session.carrier)
        _ = try stored { () throws(StorageFault) in try sessions.end(account.session.digest, of: account.person.id) }
        return token
    }

    // MARK: Steps

    /// Counts a try before it is made, so that a hundred at once are a hundred.
    func spendTry(_ subjects: [GuessLimiter.Subject]) throws(PeopleRefusal) {
        let now = now()
        let wait = limiter.withLock { limiter -> Int64? in
            if let wait = limiter.wait(subjects, at: now) { return wait }
            limiter.count(subjects, at: now)
            return nil
        }
        if let wait { throw .wait(wait) }
    }

    private func isMailCode(_ code: String, of found: PendingSignIn) -> Bool {
        let digits = code.filter { $0.isASCII && $0.isNumber }
        return isEqualInConstantTime(keys.digest(.mailCode, Array("\(found.mail.text)\n\(digits)".utf8)), found.code)
    }

    /// Whether more than one proof is asked of a person.
    private func asksSecondFactor(_ row: PersonRow) throws(PeopleRefusal) -> Bool {
        if row.totp != nil { return true }
        return try hasPasskey(row.id)
    }

    func isSecondFactor(_ code: String, of person: UInt64) throws(PeopleRefusal) -> Bool {
        let code = code.filter { !$0.isWhitespace && $0 != "-" }
        let isRight = try stored { () throws(StorageFault) in
            guard let row = try people.person(id: person) else { return false }
            if code.utf8.count == 6 {
                guard let sealed = row.totp else { return false }
                let secret = try opened(sealed, .totp, person, of: .person(person))
                let step = OneTimeCode.accepted(
                    code, secret, atSeconds: now().microseconds / 1_000_000, after: row.totpStep)
                return try step.map { step throws(StorageFault) in try people.acceptStep(step, of: person) } ?? false
            }
            return try people.useRecoveryCode(keys.digest(.recovery, Array(code.uppercased().utf8)), of: person)
        }
        if isRight, code.utf8.count != 6 { try record(.recoveryUse, by: person, in: try home(of: person)) }
        return isRight
    }

    /// The organisation in whose log an act of a person stands; 0 for nobody's.
    private func home(of person: UInt64) throws(PeopleRefusal) -> OrganisationID {
        let first = try stored { () throws(StorageFault) in try members.memberships(of: person).first }
        return first?.organisation ?? OrganisationID(0)
    }

    func keep(_ sign: PendingSignIn) -> String {
        let id = SessionToken.freshID()
        let now = now()
        pending.withLock { all in
            if all.count >= 10_000 { all = all.filter { $0.value.isAlive(at: now) } }
            // A flood: whoever comes begins again, and nobody's memory is used up.
            if all.count >= 10_000 { all.removeAll() }
            all[keys.digest(.session, id)] = sign
        }
        return tokens.text(of: id)
    }

    func finish(_ person: UInt64, _ carrier: SessionRow.Carrier) throws(PeopleRefusal) -> String {
        let home = try home(of: person)
        guard home != OrganisationID(0) else { throw .notAllowed }
        try record(.signIn, by: person, in: home)
        return try begin(person, in: home, carrier)
    }

    func noteFailure(_ person: UInt64?) throws(PeopleRefusal) {
        let number = person ?? 0
        try record(.signIn, by: number, in: try home(of: number), result: .failed)
    }

    /// Hashes a right password anew when the cost has changed.
    private func renew(_ row: PersonRow, _ password: String) async throws(PeopleRefusal) {
        guard let stored = row.verifier, hashes.isOutdated(stored), let fresh = await hashes.hash(password) else {
            return
        }
        var row = row
        row.verifier = fresh
        let renewed = row
        _ = try self.stored { () throws(StorageFault) in try people.update(renewed) }
    }

    /// An account and an organisation of its own for an address that was just proved.
    private func signUp(_ mail: MailAddress) throws(PeopleRefusal) -> UInt64 {
        let row = try newPerson(mail, "", nil)
        let organisation = try newOrganisation(OrganisationID(Self.freshNumber()), "")
        let member = MemberRow(
            id: MemberID(Self.freshNumber()), organisation: organisation.id, person: row.id, role: .owner,
            joinedAt: now())
        try record(.signUp, by: row.id, in: organisation.id, subject: member.id.value)
        let isNew = try stored { () throws(StorageFault) in try people.insert(row, member, organisation) }
        guard isNew else { throw .over }
        return row.id
    }
}
