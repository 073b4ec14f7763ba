/// How a provider served a request, where it prices that apart. Raw values are stored in receipts: append, never renumber;
/// there is room for eight.
public enum ServiceLevel: UInt8, Sendable, CaseIterable {
    case standard = 0
    /// Answered within a day.
    case batch = 1
    /// Slower, or not at all when the provider is busy.
    case flex = 2
    /// Before others.
    case priority = 3
    /// Generated faster.
    case fast = 4

    /// As the price book, receipts and commands spell it.
    public var name: StaticString {
        switch self {
        case .standard: "standard"
        case .batch: "batch"
        case .flex: "flex"
        case .priority: "priority"
        case .fast: "fast"
        }
    }
}
