/// One stored field: what it is, why it is kept, for how long, and how it goes. The table of all is `DataMap`.
public struct DataField: Sendable {
    /// `ledger.<table>`, `journal`, `journal.<record>`, `receipt`, `log` or `file`.
    public var store: String
    public var name: String
    public var kind: Kind
    public var purpose: Purpose
    public var basis: Basis
    public var retention: Retention
    public var sealing: Sealing
    public var export: Export
    public var erasure: Erasure

    /// What can stand there. There is no kind for what people write.
    public enum Kind: String, CaseIterable, Sendable {
        case identifier
        case count
        case money
        case time
        case code
        /// Where something stands: a sequence, a length, an offset.
        case position
        /// A version or date of what governed the request.
        case version
        case digest
        /// A hash, salt or signature of the chain.
        case proof
        /// A model's name that a provider answered to, or a provider's from the settings.
        case catalogueName = "catalogue_name"
        /// A name the operator gave a key.
        case operatorName = "operator_name"
        /// The first nine and last four characters of a key.
        case maskedKey = "masked_key"
        case secret
        /// A person's mail address and name, an organisation's name: sealed.
        case accountData = "account_data"
        /// The numbers, ids and codes of one record in a fixed binary form.
        case record
        /// A legal page as it was published.
        case publishedPage = "published_page"
        /// A path of the console, or the name of a site that led there.
        case siteName = "site_name"
        /// From where a request came, whole or cut to its network.
        case clientAddress = "client_address"
    }

    public enum Purpose: String, CaseIterable, Sendable {
        case authenticate
        case meter
        case settle
        case prove
        case recover
        case operate
        /// To honour what people may ask for.
        case rights
    }

    public enum Basis: String, CaseIterable, Sendable {
        /// Needed to serve whoever asked (GDPR 6(1)(b)).
        case contract
        /// Asked for by law (GDPR 6(1)(c)).
        case legalDuty = "legal_duty"
        /// Security and operation (GDPR 6(1)(f)).
        case legitimateInterest = "legitimate_interest"
        /// Tells nothing of a person.
        case notPersonal = "not_personal"
    }

    public enum Retention: Equatable, Sendable {
        /// Append only: amounts outlive an account without its name.
        case noTerm
        case whileTheRequestRuns
        /// Until the ledger has what the segment holds.
        case untilDrained
        /// The profile's `log_retention_days`.
        case logTerm
        case whileInstalled
        /// Until the organisation deletes it or itself.
        case untilDeletion
        /// The profile's `receipt_days`.
        case receiptTerm
        /// With the tombstone of a deleted account: as long as amounts must be kept.
        case billingYears
        /// Sums by minute for two days, by hour for 90, by day for the profile's `roll_up_months`; of budgets' periods for 70
        /// days.
        case usageTerm
        /// Of sessions 14 days, 12 hours without use; of invitations 7 days.
        case sessionTerm
        /// For a day, within which no retry is charged twice.
        case day

        /// Its key in the catalogue of pages.
        var name: String {
            switch self {
            case .noTerm: "no_term"
            case .whileTheRequestRuns: "request"
            case .untilDrained: "drained"
            case .logTerm: "log_term"
            case .whileInstalled: "installed"
            case .untilDeletion: "deletion"
            case .receiptTerm: "receipt_term"
            case .billingYears: "billing_years"
            case .usageTerm: "usage_term"
            case .sessionTerm: "session_term"
            case .day: "day"
            }
        }

        public var text: String {
            switch self {
            case .noTerm: "no term: amounts under a number"
            case .whileTheRequestRuns: "while the request runs"
            case .untilDrained: "until drained to the ledger"
            case .logTerm: "log_retention_days of the profile"
            case .whileInstalled: "while installed"
            case .billingYears: "seven years from the purge"
            case .untilDeletion: "until deleted, or with the organisation"
            case .receiptTerm: "receipt_days of the profile, or with the organisation"
            case .usageTerm: "minutes 2 days, hours 90 days, days by profile (roll_up_months)"
            case .sessionTerm: "sessions 14 days, 12 hours without use; invitations 7 days"
            case .day: "a day"
            }
        }
    }

    public enum Sealing: String, Sendable {
        /// Readable to who has the file; modes are the owner's alone.
        case plain
        /// A keyed digest that cannot be turned back.
        case keyedDigest = "keyed_digest"
        /// AES-256-GCM under the organisation's data key, or that key under the master key.
        case sealed
    }

    public enum Export: String, Sendable {
        case receipts = "receipts export"
        case keys = "keys list"
        case providerKeys = "provider-keys list"
        case auditLog = "audit-log list"
        case rights = "rights requests"
        case proofs = "rights proofs"
        case console = "the console's privacy page"
        /// In the archive of all that is kept of one organisation alone, which holds the others too.
        case account = "rights export"
        case no
    }

    public enum Erasure: Equatable, Sendable {
        /// Row and salt are overwritten; the leaf's hash stays in the signed tree.
        case withTheReceipt
        case withTheRequest
        case withTheSegment
        case withTheLogFile
        case withTheInstallation
        /// On request, by its owner, overwritten at once.
        case atOnce
        /// When the organisation is deleted; what is sealed under the key is noise from then on.
        case withTheOrganisation
        /// When the tombstone goes.
        case withTheTombstone
        /// Append only: amounts outlive an account without its name.
        case never

        /// Its key in the catalogue of pages.
        var name: String {
            switch self {
            case .withTheReceipt: "receipt"
            case .withTheRequest: "request"
            case .withTheSegment: "segment"
            case .withTheLogFile: "log_file"
            case .withTheInstallation: "installation"
            case .atOnce: "at_once"
            case .withTheOrganisation: "organisation"
            case .withTheTombstone: "tombstone"
            case .never: "never"
            }
        }

        public var text: String {
            switch self {
            case .withTheReceipt: "with its receipt, or with the organisation; secure_delete"
            case .withTheRequest: "with the request's end"
            case .withTheSegment: "with its journal segment"
            case .withTheLogFile: "with its daily file"
            case .withTheInstallation: "with the installation"
            case .atOnce: "at once on request, and with the organisation"
            case .withTheOrganisation: "with the organisation, secure_delete"
            case .withTheTombstone: "with the tombstone"
            case .never: "never: amounts under a number"
            }
        }
    }
}

/// Fields of one store that share all but what they are.
struct DataGroup: Sendable {
    var store: String
    var purpose: DataField.Purpose
    var basis: DataField.Basis
    var retention: DataField.Retention
    var sealing = DataField.Sealing.plain
    var export = DataField.Export.no
    var erasure: DataField.Erasure
    /// Names separated by spaces, by kind.
    var names: [(DataField.Kind, String)]

    var fields: [DataField] {
        names.flatMap { kind, names in
            names.split(separator: " ").map { name in
                DataField(
                    store: store, name: String(name), kind: kind, purpose: purpose, basis: basis, retention: retention,
                    sealing: sealing, export: export, erasure: erasure)
            }
        }
    }
}
