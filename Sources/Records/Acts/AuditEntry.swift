public import Vocabulary

/// One administrative act: who, what, when, and which fields, never their values.
public struct AuditEntry: Equatable, Sendable {
    public var sequence: Int64
    public var at: Moment
    public var actor: Actor
    public var action: Action
    public var organisation: OrganisationID
    /// The number of what was acted on; 0 when it has none yet.
    public var subject: UInt64
    public var fields: [Field]
    public var result: Result

    public init(
        sequence: Int64, at: Moment, actor: Actor, action: Action, organisation: OrganisationID, subject: UInt64,
        fields: [Field], result: Result
    ) {
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.action = action
        self.organisation = organisation
        self.subject = subject
        self.fields = fields
        self.result = result
    }

    /// Raw values are hashed into the chain: append, never renumber.
    public enum Actor: UInt8, Sendable, CaseIterable {
        /// Whoever may use the command line on this data directory.
        case `operator` = 1
        /// A job of the server.
        case job = 2
        /// A person signed in to the console; which one stands in the fields, as a digest.
        case person = 3

        public var name: StaticString {
            switch self {
            case .operator: "operator"
            case .job: "job"
            case .person: "person"
            }
        }
    }

    /// Raw values are hashed into the chain: append, never renumber.
    public enum Action: UInt16, Sendable, CaseIterable {
        case keyCreate = 1
        case keyRevoke = 2
        case receiptsExport = 3
        case ledgerGrant = 4
        case configReload = 5
        case providerKeySet = 6
        case providerKeyDelete = 7
        case dataKeyRotate = 8
        case masterKeyRotate = 9
        case consentWithdraw = 10
        case consentGive = 11
        case restrict = 12
        case unrestrict = 13
        case object = 14
        case unobject = 15
        case deletionRequest = 16
        case deletionCancel = 17
        case purge = 18
        case accountExport = 19
        case accountImport = 20
        case requestEnter = 21
        case requestAnswer = 22
        case secretsDestroy = 23
        case close = 24
        case knobTighten = 25
        case pageAccept = 26
        case incidentAnnounce = 27
        case incidentEnd = 28
        case noticeSend = 29
        case access = 30
        case glassBreak = 31
        case ledgerCorrect = 36
        case budgetSet = 40
        case budgetRemove = 41
        case ratesSet = 42
        case keyDecide = 43
        case routeApprove = 44
        case trialRestart = 45
        case learningForget = 46
        case setUp = 50
        case signIn = 51
        case signOut = 52
        case passwordSet = 53
        case totpSet = 54
        case totpRemove = 55
        case sessionsEnd = 56
        case invite = 57
        case invitationAccept = 58
        case invitationWithdraw = 59
        case roleSet = 60
        case memberRemove = 61
        case organisationRename = 62
        case recoveryUse = 63
        case signUp = 64
        case mailSet = 65
        case accessRefuse = 66
        case personRename = 67
        case passkeyAdd = 68
        case passkeyRemove = 69

        /// `key_create` and so on.
        public var name: StaticString {
            switch self {
            case .keyCreate: "key_create"
            case .budgetSet: "budget_set"
            case .budgetRemove: "budget_remove"
            case .ratesSet: "rates_set"
            case .keyDecide: "key_decide"
            case .routeApprove: "route_approve"
            case .trialRestart: "trial_restart"
            case .learningForget: "learning_forget"
            case .setUp: "set_up"
            case .signIn: "sign_in"
            case .signOut: "sign_out"
            case .passwordSet: "password_set"
            case .totpSet: "totp_set"
            case .totpRemove: "totp_remove"
            case .sessionsEnd: "sessions_end"
            case .invite: "invite"
            case .invitationAccept: "invitation_accept"
            case .invitationWithdraw: "invitation_withdraw"
            case .roleSet: "role_set"
            case .memberRemove: "member_remove"
            case .organisationRename: "organisation_rename"
            case .recoveryUse: "recovery_use"
            case .signUp: "sign_up"
            case .mailSet: "mail_set"
            case .accessRefuse: "access_refuse"
            case .personRename: "person_rename"
            case .passkeyAdd: "passkey_add"
            case .passkeyRemove: "passkey_remove"
            case .keyRevoke: "key_revoke"
            case .receiptsExport: "receipts_export"
            case .ledgerGrant: "ledger_grant"
            case .ledgerCorrect: "ledger_correct"
            case .configReload: "config_reload"
            case .providerKeySet: "provider_key_set"
            case .providerKeyDelete: "provider_key_delete"
            case .dataKeyRotate: "data_key_rotate"
            case .masterKeyRotate: "master_key_rotate"
            case .consentWithdraw: "consent_withdraw"
            case .consentGive: "consent_give"
            case .restrict: "restrict"
            case .unrestrict: "unrestrict"
            case .object: "object"
            case .unobject: "unobject"
            case .deletionRequest: "deletion_request"
            case .deletionCancel: "deletion_cancel"
            case .purge: "purge"
            case .accountExport: "account_export"
            case .accountImport: "account_import"
            case .requestEnter: "request_enter"
            case .requestAnswer: "request_answer"
            case .secretsDestroy: "secrets_destroy"
            case .close: "close"
            case .noticeSend: "notice_send"
            case .knobTighten: "knob_tighten"
            case .pageAccept: "page_accept"
            case .incidentAnnounce: "incident_announce"
            case .incidentEnd: "incident_end"
            case .access: "access"
            case .glassBreak: "glass_break"
            }
        }
    }

    /// A field that an act names, with a keyed digest of what it was given: two acts can be told to agree, none be read.
    public struct Field: Equatable, Sendable {
        public enum Name: UInt8, Sendable, CaseIterable {
            case name = 1
            case budget = 2
            case rate = 3
            case environment = 4
            case provider = 5
            case amount = 6
            case businessKey = 7
            case purpose = 8
            case recovery = 9
            case kind = 10
            /// Who did it: a digest of the person's number, which nobody can read once the person is gone; of an operator's
            /// name on this system.
            case by = 11

            public var text: StaticString {
                switch self {
                case .name: "name"
                case .budget: "budget"
                case .rate: "rate"
                case .environment: "environment"
                case .provider: "provider"
                case .amount: "amount"
                case .businessKey: "business_key"
                case .purpose: "purpose"
                case .recovery: "recovery"
                case .kind: "kind"
                case .by: "by"
                }
            }
        }

        static let length = 17
        public var name: Name
        /// 16 bytes.
        public var digest: [UInt8]

        public init(_ name: Name, digest: [UInt8]) {
            precondition(digest.count == 16)
            self.name = name
            self.digest = digest
        }
    }

    /// Raw values are hashed into the chain.
    public enum Result: UInt8, Sendable, CaseIterable {
        /// Written before the act is done, so that none goes unrecorded.
        case begun = 1
        /// The act recorded last did not succeed.
        case failed = 2

        public var name: StaticString {
            switch self {
            case .begun: "begun"
            case .failed: "failed"
            }
        }
    }

    /// What is hashed: numbers little-endian, then the fields.
    public var canonicalBytes: [UInt8] {
        var out = Array("TACETACT".utf8)
        out.append(1)
        func add(_ value: some FixedWidthInteger) {
            for shift in stride(from: 0, to: value.bitWidth, by: 8) {
                out.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        add(sequence)
        add(at.microseconds)
        add(actor.rawValue)
        add(action.rawValue)
        add(organisation.value)
        add(subject)
        add(result.rawValue)
        return out + fieldBytes
    }

    var fieldBytes: [UInt8] { fields.flatMap { [$0.name.rawValue] + $0.digest } }

    static func fields(_ bytes: [UInt8]) -> [Field]? {
        guard bytes.count.isMultiple(of: Field.length) else { return nil }
        var out: [Field] = []
        for start in stride(from: 0, to: bytes.count, by: Field.length) {
            guard let name = Field.Name(rawValue: bytes[start]) else { return nil }
            out.append(Field(name, digest: Array(bytes[start + 1..<start + Field.length])))
        }
        return out
    }
}
