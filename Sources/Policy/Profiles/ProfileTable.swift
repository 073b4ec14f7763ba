public import Vocabulary

/// All knobs of all profiles (`RULES.md` 36). What code obeys today is in `PolicyProfile` and stands here beside what it
/// will obey; a test holds the two together.
public enum ProfileTable {
    public static let knobs: [Knob] = Knob.kept + Knob.people + Knob.deployments

    /// The knobs in which two profiles differ.
    public static func difference(_ one: ProfileID, _ other: ProfileID) -> [Knob] {
        knobs.filter { $0.value(in: one) != $0.value(in: other) }
    }
}

extension PolicyProfile {
    /// What the table must say of the knobs that code obeys.
    public var obeyed: [String: String] {
        [
            "unencrypted_swap": unencryptedSwap == .refused ? "refused" : "allowed",
            "log_retention_days": String(logRetentionDays),
            "roll_up_months": usageRetentionMonths.map { String($0) } ?? "until_deletion",
            "account_fields": ["named", "business", "mail_only"][Int(accountFields.rawValue)],
            "recovery_days": String(DeletionTerms(id).recoveryDays),
            "erase_within_days": String(DeletionTerms(id).answerDays),
        ]
    }
}

extension ProfileID {
    /// The profile of this name.
    public init?(named name: String) {
        guard let found = ProfileID.allCases.first(where: { $0.name.description == name }) else { return nil }
        self = found
    }
}
