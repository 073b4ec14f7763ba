public import Vocabulary

/// `AX-1` … `OL-18`: what code, tests and pages cite.
public struct PromiseID: Hashable, Sendable, CustomStringConvertible {
    public var seed: Seed
    /// From 1, without gaps within a policy.
    public var number: Int

    public init(_ seed: Seed, _ number: Int) {
        self.seed = seed
        self.number = number
    }

    /// `nil` when it is no id of a policy, or past its last promise.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let seed = Seed.allCases.first(where: { $0.rawValue == parts[0] }),
            let number = Int(parts[1]), String(number) == parts[1], (1...seed.count).contains(number)
        else { return nil }
        self.init(seed, number)
    }

    public var description: String { "\(seed.rawValue)-\(number)" }
}

/// The five published policies.
public enum Seed: String, CaseIterable, Sendable {
    case aurex = "AX"
    case aura = "AU"
    case aurixel = "AI"
    case auxen = "AN"
    case outlay = "OL"

    public var profile: ProfileID {
        switch self {
        case .aurex: .aurex
        case .aura: .aura
        case .aurixel: .aurixel
        case .auxen: .auxen
        case .outlay: .outlay
        }
    }

    /// How many promises the policy makes.
    public var count: Int {
        switch self {
        case .aurex: 22
        case .aura: 33
        case .aurixel: 17
        case .auxen: 31
        case .outlay: 18
        }
    }
}
