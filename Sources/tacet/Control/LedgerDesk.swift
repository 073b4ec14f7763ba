import Foundation
import Records
import Vocabulary

/// The verbs of `tacet ledger`.
extension Desk {
    func grant(
        _ amount: Int64, _ organisation: UInt64, _ key: String, _ note: UInt64,
        promotion: LedgerBook.Promotion? = nil
    ) throws(StorageFault) -> DeskReply {
        guard
            let grant = try book.grant(
                NanoUSD(amount), to: OrganisationID(organisation), businessKey: key, note: note,
                promotion: promotion, at: .now)
        else {
            return .failed("A business key is 1 to 96 of A-Z a-z 0-9 . _ : / @ + - such as inv-2026-001.", code: 2)
        }
        switch grant.answer.result {
        case .created, .exists:
            let line = GrantLine(
                result: grant.answer.result.rawValue, id: grant.id.text, organisation: organisation,
                amount_nano_usd: amount, wallet: grant.wallet.map(AccountLine.init))
            return DeskReply(lines: [JSONLine.of(line)])
        case .existsWithDifferentAmount:
            return .failed("This business key was granted before with another amount. One payment, one key.")
        case .existsWithDifferentCredit:
            return .failed("This business key was granted before to another organisation. One payment, one key.")
        case .existsWithDifferentDebit:
            return .failed("This business key was granted before, once as paid and once as promotional credit.")
        case .existsWithDifferentNote:
            return .failed("This business key was granted before with another --note-id. One payment, one key.")
        default: return .failed("Nothing was granted: \(grant.answer.result.rawValue).")
        }
    }

    func correct(
        _ kind: String, of payment: String?, _ organisation: OrganisationID, _ amount: NanoUSD, _ key: String
    ) throws(StorageFault) -> DeskReply {
        let correction: LedgerBook.Correction
        switch (kind, payment) {
        case ("refund", let payment?): correction = .refund(of: payment, amount)
        case ("dispute", let payment?): correction = .dispute(of: payment, amount)
        case ("dispute-won", _): correction = .disputeWon
        case ("dispute-lost", _): correction = .disputeLost
        case ("write-off", _): correction = .writeOff(organisation, amount)
        default: return .failed("`\(kind)` is no correction of the ledger.", code: 2)
        }
        guard let corrected = try book.correct(correction, businessKey: key, at: .now) else {
            return .failed("A business key is 1 to 96 of A-Z a-z 0-9 . _ : / @ + - such as refund-7.", code: 2)
        }
        switch corrected.answer.result {
        case .created, .exists:
            let line = CorrectionLine(
                result: corrected.answer.result.rawValue, kind: kind, key: key,
                wallet: corrected.wallet.map(AccountLine.init))
            return DeskReply(lines: [JSONLine.of(line)])
        case .subjectNotFound, .creditNotFound:
            let what = kind == "write-off" ? "wallet" : kind.hasPrefix("dispute-") ? "dispute" : "payment"
            return .failed("There is no such \(what). `tacet ledger statement` lists what was booked.")
        case .exceedsSubject:
            return .failed(
                kind == "write-off"
                    ? "That is more than the wallet owes." : "That is more than is left of the payment.")
        case .idAlreadyFailed: return .failed("This business key was refused before and stays so. Take another one.")
        case _ where kind.hasPrefix("dispute-"): return .failed("The bank has decided this dispute already.")
        default: return .failed("This business key was used before for something else. One event, one key.")
        }
    }

    func ledgerBalance() throws(StorageFault) -> DeskReply {
        DeskReply(lines: try book.accounts().map { JSONLine.of(AccountLine($0)) })
    }

    func ledgerStatement(_ account: String, _ limit: Int) throws(StorageFault) -> DeskReply {
        guard let name = AccountName(text: account) else {
            return .failed(
                "`\(account)` names no account. `tacet ledger balance` lists them; a wallet is wallet:1.", code: 2)
        }
        guard let lines = try book.statement(of: name, limit: limit) else {
            return .failed("The ledger has no account \(name.text) yet. `tacet ledger balance` lists those it has.")
        }
        return DeskReply(lines: lines.map { JSONLine.of(StatementText($0)) })
    }

    func ledgerCheck() throws(StorageFault) -> DeskReply {
        DeskReply(lines: [JSONLine.of(CheckLine(try book.check(at: .now)))])
    }
}

/// An account as the command line shows it.
struct AccountLine: Codable, Equatable {
    var account: String
    /// Credits less debits: what a wallet has, what revenue was made; an asset or a cost is below zero.
    var balance_nano_usd: Int64
    /// Set aside by holds.
    var held_nano_usd: Int64
    /// Of wallets and promotions: what a hold may take.
    var available_nano_usd: Int64?
    var expires_at: String?

    init(_ account: LedgerAccount) {
        self.account = account.name.text
        balance_nano_usd = account.balance.value
        held_nano_usd = account.held.value
        switch account.name.kind {
        case .wallet, .promotion: available_nano_usd = account.available.value
        default: break
        }
        expires_at = account.expiresAt?.text
    }
}

struct GrantLine: Codable, Equatable {
    /// `created`, or `exists` when the key was granted before.
    var result: String
    var id: String
    var organisation: UInt64
    var amount_nano_usd: Int64
    var wallet: AccountLine?
}

/// A refund, a dispute or a write-off.
struct CorrectionLine: Codable, Equatable {
    /// `created`, or `exists` when it was booked before.
    var result: String
    var kind: String
    var key: String
    var wallet: AccountLine?
}

/// A transfer as one of its accounts sees it.
struct StatementText: Codable, Equatable {
    var at: String
    var sequence: Int64
    var id: String?
    var kind: String
    var code: String
    var counterpart: String
    var amount_nano_usd: Int64
    var change_nano_usd: Int64
    var balance_nano_usd: Int64
    var subject: String?
    var note_id: UInt64?

    init(_ line: StatementLine) {
        let transfer = line.transfer
        at = transfer.at.text
        sequence = transfer.sequence
        id = transfer.id == .zero ? nil : transfer.id.text
        kind = transfer.kind.name
        code = transfer.code.name
        counterpart = line.counterpart?.text ?? ""
        amount_nano_usd = transfer.amount
        change_nano_usd = line.change.value
        balance_nano_usd = line.balance.value
        subject = transfer.subject == .zero ? nil : transfer.subject.text
        note_id = transfer.note == 0 ? nil : transfer.note
    }
}

/// What `ledger check --json` prints.
struct CheckLine: Codable, Equatable {
    var sound: Bool
    var accounts: Int
    var transfers: Int
    var open_holds: Int
    var invariants: [Invariant]

    struct Invariant: Codable, Equatable {
        var name: String
        var looked_at: Int
        var failed: Int
        /// At most 20.
        var ids: [String]
    }

    init(_ check: LedgerBook.Check) {
        sound = check.isSound
        accounts = check.accounts
        transfers = check.transfers
        open_holds = check.openHolds
        invariants = check.findings.map { finding in
            Invariant(
                name: finding.invariant.rawValue, looked_at: finding.looked, failed: finding.failed,
                ids: finding.ids.map { id in AccountName(id)?.text ?? id.text })
        }
    }
}
