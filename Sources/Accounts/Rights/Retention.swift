public import Policy
public import Records
public import Vocabulary

/// Deletes what is older than the policy lets it be kept, of each organisation by the terms it has tightened.
public struct Retention: Sendable {
    private let policy: DeploymentPolicy
    private let usage: UsageStore
    private let receipts: ReceiptStore
    private let knobs: TightenedKnobs
    private let origins: OriginStore
    private let idempotency: IdempotencyStore

    public init(_ ledger: Ledger, _ policy: DeploymentPolicy) {
        self.policy = policy
        usage = UsageStore(ledger)
        receipts = ReceiptStore(ledger)
        knobs = TightenedKnobs(ledger)
        origins = OriginStore(ledger)
        idempotency = IdempotencyStore(ledger)
    }

    public func work(at now: Moment) throws(StorageFault) {
        try usage.expire(at: now, months: policy.profile.usageRetentionMonths)
        try idempotency.expire(at: now)
        try origins.expire(before: now.adding(days: -policy.profile.logRetentionDays))
        let tightened = try knobs.all()
        for organisation in try usage.organisations() {
            try work(organisation, policy.tightened(by: tightened[organisation] ?? [:]), at: now)
        }
    }

    private func work(
        _ organisation: OrganisationID, _ policy: DeploymentPolicy, at now: Moment
    ) throws(StorageFault) {
        if policy.value(of: "roll_up_months") == "12" {
            try usage.expireDays(of: organisation, before: now.adding(days: -365))
        }
        switch policy.value(of: "receipt_days") {
        case "365": _ = try receipts.erase(of: organisation, before: now.adding(days: -365))
        case "roll_up":
            // A day is in the daily sums once the next is over: every node has drained it by then.
            let day = CivilDate.dayLength
            let end = Moment(microseconds: now.microseconds / day * day).adding(days: -1)
            _ = try receipts.erase(of: organisation, before: end)
            try usage.forgetKeys(of: organisation, before: end)
        default: break
        }
    }
}
