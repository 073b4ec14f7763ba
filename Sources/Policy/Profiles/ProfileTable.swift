public import Vocabulary

/// All knobs of all profiles (`RULES.md` 36). What code obeys today is in `PolicyProfile` and stands here beside what it
/// will obey; a test holds the two together.
public enum ProfileTable {
    public static let knobs: [Knob] = Knob.kept + Knob.people + Knob.deployments

    public static func knob(_ name: String) -> Knob? { byName[name] }

    private static let byName = Dictionary(knobs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The knobs in which two profiles differ.
    public static func difference(_ one: ProfileID, _ other: ProfileID) -> [Knob] {
        knobs.filter { $0.value(in: one) != $0.value(in: other) }
    }
}

extension ProfileID {
    /// The profile of this name.
    public init?(named name: String) {
        guard let found = ProfileID.allCases.first(where: { $0.name.description == name }) else { return nil }
        self = found
    }
}
