/// Microseconds on a monotonic clock. Whoever has no clock is handed one.
public struct Instant: Comparable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }
    public static func - (a: Instant, b: Instant) -> Int64 { a.microseconds - b.microseconds }

    /// - Parameter milliseconds: a wait from here.
    public func after(milliseconds: Int64) -> Instant {
        let (wait, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        let (sum, beyond) = microseconds.addingReportingOverflow(wait)
        return overflow || beyond ? .never : Instant(microseconds: sum)
    }

    public static let never = Instant(microseconds: .max)
}
