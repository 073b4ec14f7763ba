public import Records
public import Vocabulary

/// How long a session lasts (ASVS 7.3): 12 hours without use, 14 days in all; what is dangerous asks who it is again after
/// ten minutes.
public enum SessionLife {
    public static let idle: Int64 = 12 * 3_600_000_000
    public static let whole: Int64 = 14 * 86_400_000_000
    public static let confirmation: Int64 = 600_000_000
    /// How coarse `seen_at` is: not every request is a write.
    static let seenStep: Int64 = 60_000_000

    public static func isAlive(_ session: SessionRow, at now: Moment) -> Bool {
        now.microseconds - session.seenAt.microseconds < idle
            && now.microseconds - session.createdAt.microseconds < whole
    }

    public static func isConfirmed(_ session: SessionRow, at now: Moment) -> Bool {
        now.microseconds - session.confirmedAt.microseconds < confirmation
    }

    static func mustNote(_ session: SessionRow, at now: Moment) -> Bool {
        now.microseconds - session.seenAt.microseconds >= seenStep
    }
}
