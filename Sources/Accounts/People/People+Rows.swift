public import Records
import Secrets
import Synchronization
public import Vocabulary

// Rows to people and back, and the audit log.

extension People {
    static func freshNumber() -> UInt64 {
        var random = SystemRandomNumberGenerator()
        return max(2, random.next() >> 1)
    }

    func address(_ text: String) throws(PeopleRefusal) -> MailAddress {
        guard let mail = MailAddress(text) else { throw .badMail }
        return mail
    }

    func mailbox(_ mail: MailAddress) -> [UInt8] { keys.digest(.mailbox, Array(mail.text.utf8)) }

    /// What is kept of a password; `nil` where people sign in without one.
    func newVerifier(_ password: String, context: [String]) async throws(PeopleRefusal) -> [UInt8]? {
        guard terms.allowsPassword else { return nil }
        if let refusal = PasswordRules.check(password, context: context) { throw .badPassword(refusal) }
        if let leaked = terms.leaked {
            guard let isLeaked = leaked.contains(password) else { throw .failed }
            if isLeaked { throw .badPassword(.leaked) }
        }
        guard let verifier = await hashes.hash(password) else { throw .busy }
        return verifier
    }

    func newPerson(_ mail: MailAddress, _ name: String, _ verifier: [UInt8]?) throws(PeopleRefusal) -> PersonRow {
        let id = Self.freshNumber()
        return PersonRow(
            id: id, mailbox: mailbox(mail), sealed: try sealed(mail, name, id), verifier: verifier, createdAt: now())
    }

    func newOrganisation(_ id: OrganisationID, _ name: String) throws(PeopleRefusal) -> OrganisationRow {
        OrganisationRow(id: id, sealed: try sealed(name, id), createdAt: now())
    }

    /// Address and name; the name only where the profile keeps one.
    func sealed(_ mail: MailAddress, _ name: String, _ person: UInt64) throws(PeopleRefusal) -> [UInt8] {
        let kept = terms.fields == .named ? name : ""
        guard kept.isEmpty || Keys.isValid(name: kept) else { throw .badName }
        return try seal(Array((mail.text + "\n" + kept).utf8), .person, person, of: .person(person))
    }

    /// An organisation's name; `nil` without one, or where the profile keeps none.
    func sealed(_ name: String, _ organisation: OrganisationID) throws(PeopleRefusal) -> [UInt8]? {
        guard terms.fields != .mailOnly, !name.isEmpty else { return nil }
        guard Keys.isValid(name: name) else { throw .badName }
        return try seal(Array(name.utf8), .organisation, organisation.value, of: .organisation(organisation))
    }

    func seal(
        _ plain: [UInt8], _ cell: AccountKeys.Cell, _ row: UInt64, of owner: ErasableKeys.Owner
    ) throws(PeopleRefusal) -> [UInt8] {
        do throws(VaultFault) { return try keys.seal(plain, cell, row: row, of: owner) } catch { throw .failed }
    }

    func opened(
        _ sealed: [UInt8], _ cell: AccountKeys.Cell, _ row: UInt64, of owner: ErasableKeys.Owner
    ) throws(StorageFault) -> [UInt8] {
        do throws(VaultFault) { return try keys.open(sealed, cell, row: row, of: owner) } catch { throw .damaged }
    }

    func person(_ row: PersonRow) throws(StorageFault) -> Person {
        let lines = String(decoding: try opened(row.sealed, .person, row.id, of: .person(row.id)), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard let mail = MailAddress(String(lines[0])) else { throw .damaged }
        let hasPasskey = terms.allowsPasskey ? try passkeys.has(row.id) : false
        return Person(
            id: row.id, mail: mail, name: lines.count > 1 ? String(lines[1]) : "", hasPassword: row.verifier != nil,
            hasSecondFactor: row.totp != nil,
            hasPasskey: hasPasskey, language: row.language,
            createdAt: row.createdAt)
    }

    /// Empty without a name.
    func name(of organisation: OrganisationID) throws(StorageFault) -> String {
        guard let sealed = try members.organisation(organisation)?.sealed else { return "" }
        return String(
            decoding: try opened(sealed, .organisation, organisation.value, of: .organisation(organisation)),
            as: UTF8.self)
    }

    func row(of account: Account) throws(PeopleRefusal) -> PersonRow {
        let row = try stored { () throws(StorageFault) in try people.person(id: account.person.id) }
        guard let row else { throw .unknown }
        return row
    }

    // MARK: The audit log

    /// What stands in the log for a person: whoever has the list of people finds it, and nobody once the person is gone.
    public func actorDigest(_ person: UInt64) -> [UInt8] {
        Array(keys.digest(.actor, (0..<8).map { UInt8(truncatingIfNeeded: person >> ($0 * 8)) }).prefix(16))
    }

    /// Writes an act of a person down; called before it is done.
    public func record(
        _ action: AuditEntry.Action, by person: UInt64, in organisation: OrganisationID, subject: UInt64 = 0,
        fields: [AuditEntry.Field] = [], result: AuditEntry.Result = .begun
    ) throws(PeopleRefusal) {
        let fields = [AuditEntry.Field(.by, digest: actorDigest(person))] + fields
        try stored { () throws(StorageFault) in
            _ = try audit.append(
                action, by: .person, organisation: organisation, subject: subject, fields: fields, result: result,
                at: now())
        }
    }

    public func record(
        _ action: AuditEntry.Action, by account: Account, subject: UInt64 = 0, fields: [AuditEntry.Field] = [],
        result: AuditEntry.Result = .begun
    ) throws(PeopleRefusal) {
        try record(
            action, by: account.person.id, in: account.organisation, subject: subject, fields: fields, result: result)
    }

    /// Writes down that somebody asked for what it may not have (ASVS 16.3.2): a few at once, so that nobody fills the log.
    public func noteRefusal(of account: Account) {
        let subjects = [GuessLimiter.Subject.account(actorDigest(account.person.id))]
        let now = now()
        let isNoted = refusals.withLock { limiter in
            guard limiter.wait(subjects, at: now) == nil else { return false }
            limiter.count(subjects, at: now)
            return true
        }
        if isNoted { try? record(.accessRefuse, by: account, result: .failed) }
    }

    func stored<Value>(_ body: () throws(StorageFault) -> Value) throws(PeopleRefusal) -> Value {
        do throws(StorageFault) { return try body() } catch { throw .failed }
    }
}
