import Policy
import Vocabulary

extension SettingsReader {
    /// `legal: { company: …, contact: … }`: what the published pages say that only the operator knows.
    mutating func legal(_ node: SettingNode) -> [LegalFacts.Name: String] {
        var values: [LegalFacts.Name: String] = [:]
        for member in members(of: node, named: "legal", allowed: LegalFacts.Name.allCases.map(\.rawValue)) {
            guard let name = LegalFacts.Name(rawValue: member.name) else { continue }
            let label = "legal.\(member.name)"
            guard let text = scalar(member.node, label, allowed: name.meaning) else { continue }
            guard (1...300).contains(text.count), !text.contains(where: \.isNewline), !text.contains("[") else {
                mistake(
                    member.node.place,
                    "\(label) is empty, longer than 300 characters, of several lines, or still a placeholder in brackets; "
                        + "allowed: \(name.meaning)")
                continue
            }
            if name == .effective, CivilDate(iso: text.utf8) == nil {
                mistake(member.node.place, "\(label) is `\(text)`; allowed: a day such as 2026-12-01")
                continue
            }
            values[name] = text
        }
        return values
    }
}
