import Records
import Secrets
import Synchronization
import Vocabulary

// Another address for an account.

extension People {
    /// A subject and a text around a code.
    public typealias CodeLetter = (_ code: String) -> (subject: String, text: String)

    /// Sends a code to the old address and one to the new. An earlier change under way ends.
    /// - Returns: whether codes were sent; without a mail server nothing proves an address, and the change is made at once.
    @discardableResult
    public func beginMailChange(
        to text: String, of account: Account, from origin: GuessOrigin, old: CodeLetter, new: CodeLetter
    ) throws(PeopleRefusal) -> Bool {
        let mail = try address(text)
        guard mail != account.person.mail else { throw .isMember }
        guard outbox.canSend else {
            try setMail(mail, of: account)
            return false
        }
        try spendTry([.account(keys.digest(.mailCode, Array(mail.text.utf8)))] + origin.subjects)
        let codes = (old: OneTimeCode.random(digits: 8), new: OneTimeCode.random(digits: 8))
        let change = MailChange(
            to: mail, oldCode: mailCode(codes.old, account.person.mail), newCode: mailCode(codes.new, mail), at: now())
        mailChanges.withLock { $0[account.person.id] = change }
        let endsAt = Moment(microseconds: now().microseconds + PendingSignIn.lifetime)
        for (to, letter) in [(account.person.mail, old(codes.old)), (mail, new(codes.new))] {
            outbox.add(Letter(to: to, subject: letter.subject, text: letter.text, endsAt: endsAt))
        }
        return true
    }

    /// The change of a person under way; `nil` when there is none or it is over.
    public func mailChange(of account: Account) -> MailChange? {
        mailChanges.withLock { $0[account.person.id] }.flatMap { $0.isAlive(at: now()) ? $0 : nil }
    }

    /// Takes both codes: from then on the account has the new address, and every other session of it is over.
    public func showMailCodes(
        old: String, new: String, of account: Account, from origin: GuessOrigin
    ) throws(PeopleRefusal) {
        guard let found = mailChange(of: account) else { throw .over }
        let subjects = [.account(mailbox(account.person.mail))] + origin.subjects
        try spendTry(subjects)
        let areRight =
            isEqualInConstantTime(mailCode(old, account.person.mail), found.oldCode)
            && isEqualInConstantTime(mailCode(new, found.mail), found.newCode)
        // Looked up again under the lock: two at once with the codes must not both be right.
        let answer = mailChanges.withLock { all -> MailChange.Answer in
            guard var current = all[account.person.id], current == found else { return .over }
            let answer = current.show(areRight: areRight, at: now())
            all[account.person.id] = answer == .done || answer == .over ? nil : current
            return answer
        }
        switch answer {
        case .over: throw .over
        case .wrong(let left): throw .wrongCode(triesLeft: left)
        case .done: limiter.withLock { $0.forgive(subjects, at: now()) }
        }
        try setMail(found.mail, of: account)
    }

    private func setMail(_ mail: MailAddress, of account: Account) throws(PeopleRefusal) {
        var row = try row(of: account)
        row.mailbox = mailbox(mail)
        row.sealed = try sealed(mail, account.person.name, row.id)
        try record(.mailSet, by: account)
        let changed = row
        let isFree = try stored { () throws(StorageFault) in
            let isFree = try people.update(changed)
            if isFree { _ = try sessions.endAll(of: changed.id, but: account.session.digest) }
            return isFree
        }
        guard isFree else { throw .isMember }
    }

    private func mailCode(_ code: String, _ mail: MailAddress) -> [UInt8] {
        let digits = code.filter { $0.isASCII && $0.isNumber }
        return keys.digest(.mailCode, Array("\(mail.text)\n\(digits)".utf8))
    }
}
