import Records
import Secrets
import Synchronization
import Vocabulary

// What a person proves itself with, and what it prefers.

extension People {
    /// Sets a new password and ends every other session.
    public func setPassword(_ password: String, of account: Account) async throws(PeopleRefusal) {
        var row = try row(of: account)
        row.verifier = try await newVerifier(
            password, context: [account.person.mail.text, account.person.name, account.organisationName])
        try change(row, .passwordSet, account)
    }

    /// A fresh secret for an authenticator, in base32; it counts once a code of it was shown.
    public func offerSecondFactor(to account: Account) -> String {
        let at = now()
        let secret = offeredSecrets.withLock { offered -> [UInt8] in
            if let found = offered[account.person.id],
                at.microseconds - found.at.microseconds < PendingSignIn.lifetime
            {
                return found.secret
            }
            let fresh = randomBytes(20)
            offered[account.person.id] = (fresh, at)
            return fresh
        }
        return OneTimeCode.base32(secret)
    }

    /// Takes the authenticator whose code is shown.
    /// - Returns: ten recovery codes, to be shown once.
    public func addSecondFactor(code: String, to account: Account) throws(PeopleRefusal) -> [String] {
        guard let offered = offeredSecrets.withLock({ $0[account.person.id] }) else { throw .over }
        let code = code.filter { !$0.isWhitespace }
        let seconds = now().microseconds / 1_000_000
        guard let step = OneTimeCode.accepted(code, offered.secret, atSeconds: seconds, after: 0) else { throw .wrong }
        var row = try row(of: account)
        row.totp = try seal(offered.secret, .totp, row.id, of: .person(row.id))
        row.totpStep = step
        try change(row, .totpSet, account)
        offeredSecrets.withLock { $0[account.person.id] = nil }
        return try freshRecoveryCodes(of: account)
    }

    /// Removes the authenticator, and the recovery codes where no passkey is left that they stand in for.
    public func removeSecondFactor(of account: Account) throws(PeopleRefusal) {
        var row = try row(of: account)
        row.totp = nil
        try change(row, .totpRemove, account)
        guard !account.person.hasPasskey else { return }
        try stored { () throws(StorageFault) in try people.setRecoveryCodes([], of: row.id) }
    }

    public func recoveryCodesLeft(of account: Account) throws(PeopleRefusal) -> Int {
        try stored { () throws(StorageFault) in try people.recoveryCodes(of: account.person.id) }
    }

    public func setLanguage(_ language: UInt8, of account: Account) throws(PeopleRefusal) {
        var row = try row(of: account)
        row.language = language
        let changed = row
        _ = try stored { () throws(StorageFault) in try people.update(changed) }
    }

    /// Corrects one's own name, where the profile keeps one; empty takes it away.
    public func setName(_ name: String, of account: Account) throws(PeopleRefusal) {
        guard terms.fields == .named else { throw .notAllowed }
        var row = try row(of: account)
        row.sealed = try sealed(account.person.mail, name, row.id)
        try record(.personRename, by: account)
        let changed = row
        _ = try stored { () throws(StorageFault) in try people.update(changed) }
    }

    /// Ten codes of 120 bits, in five groups of letters and digits.
    func freshRecoveryCodes(of account: Account) throws(PeopleRefusal) -> [String] {
        let codes = (0..<10).map { _ in OneTimeCode.base32(randomBytes(15)) }
        let digests = codes.map { keys.digest(.recovery, Array($0.utf8)) }
        try stored { () throws(StorageFault) in try people.setRecoveryCodes(digests, of: account.person.id) }
        return codes.map { code in
            stride(from: 0, to: code.count, by: 6).map { start in
                String(code.dropFirst(start).prefix(6))
            }.joined(separator: "-")
        }
    }

    private func change(
        _ row: PersonRow, _ action: AuditEntry.Action, _ account: Account
    ) throws(PeopleRefusal) {
        try record(action, by: account)
        let isDone = try stored { () throws(StorageFault) in
            let isDone = try people.update(row)
            _ = try sessions.endAll(of: row.id, but: account.session.digest)
            return isDone
        }
        guard isDone else { throw .failed }
    }
}
