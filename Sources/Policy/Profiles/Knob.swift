public import Vocabulary

/// One setting of a profile (`RULES.md` 36): its values from loosest to tightest, what each profile has, who may change it.
public struct Knob: Sendable {
    public var name: String
    /// What it decides, and in what the order lies.
    public var meaning: String
    /// From loosest to tightest when `isOrdered`.
    public var values: [String]
    /// A knob without an order is the deployment's alone.
    public var isOrdered: Bool
    /// The value of each profile, written down for all six, `strict` too.
    let chosen: Chosen
    public var obeyed: Obeyed
    /// The promises it serves.
    public var promises: [PromiseID]

    public enum Obeyed: Equatable, Sendable {
        /// `PolicyProfile` carries it and code follows.
        case today
        /// Nothing has this setting yet.
        case byIssue(Int)
        case later(Home.Round)

        public var text: String {
            switch self {
            case .today: "today"
            case .byIssue(let number): "issue \(number)"
            case .later(let round): "later: \(round.rawValue)"
            }
        }
    }

    public enum Changer: String, Sendable {
        case deployment
        /// The deployment, and an organisation towards tighter values.
        case organisation
    }

    /// Whether all organisations of a deployment share it, so that none can have it alone: one log, one machine, one text.
    public var isShared = false

    public var changer: Changer { isOrdered && !isShared ? .organisation : .deployment }

    struct Chosen: Sendable {
        var aurex: String
        var aura: String
        var aurixel: String
        var auxen: String
        var outlay: String
        var strict: String

        static func all(_ value: String) -> Chosen {
            Chosen(aurex: value, aura: value, aurixel: value, auxen: value, outlay: value, strict: value)
        }
    }

    public func value(in profile: ProfileID) -> String {
        switch profile {
        case .aurex: chosen.aurex
        case .aura: chosen.aura
        case .aurixel: chosen.aurixel
        case .auxen: chosen.auxen
        case .outlay: chosen.outlay
        case .strict: chosen.strict
        }
    }

    /// How tight a value is, from 0; `nil` for one that is none of its values or when there is no order.
    public func tightness(of value: String) -> Int? { isOrdered ? values.firstIndex(of: value) : nil }

    /// Whether an organisation may have `value` where its deployment has `deployed`: as tight or tighter, never looser.
    public func mayTighten(to value: String, under deployed: String) -> Bool {
        guard let wanted = tightness(of: value), let floor = tightness(of: deployed) else { return false }
        return wanted >= floor
    }
}
