public import Records
public import Secrets
import Vocabulary

/// Letters on the disk, each sealed in its place: what waits for the mail server survives a restart.
public struct KeptLetters: Sendable {
    private let store: LetterStore
    private let keys: AccountKeys

    public init(_ ledger: Ledger, _ keys: AccountKeys) {
        store = LetterStore(ledger)
        self.keys = keys
    }

    /// What cannot be kept waits in memory alone.
    func keep(_ letter: Letter, as id: UInt64, of organisation: OrganisationID) {
        let text = "\(letter.to.text)\n\(letter.subject)\n\(letter.text)"
        guard let sealed = try? keys.seal(Array(text.utf8), .letter, row: id, of: .organisation(organisation))
        else { return }
        try? store.insert(LetterRow(id: id, organisation: organisation, sealed: sealed, endsAt: letter.endsAt))
    }

    func forget(_ id: UInt64) { try? store.remove(id) }

    /// One that does not open is left out: it was changed, or stands in another's place.
    func waiting(at now: Moment) -> [(id: UInt64, letter: Letter)] {
        ((try? store.waiting(at: now)) ?? []).compactMap { row in
            let owner = ErasableKeys.Owner.organisation(row.organisation)
            guard let plain = try? keys.open(row.sealed, .letter, row: row.id, of: owner) else { return nil }
            let parts = String(decoding: plain, as: UTF8.self).split(
                separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let to = MailAddress(String(parts[0])) else { return nil }
            let letter = Letter(
                to: to, subject: String(parts[1]), text: String(parts[2]), endsAt: row.endsAt,
                organisation: row.organisation)
            return (row.id, letter)
        }
    }
}
