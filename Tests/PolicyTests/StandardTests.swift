import Foundation
import Testing

/// `docs/asvs.md`: every row has a verdict, and what it names is there.
@Suite struct StandardTests {
    private static let rows = Repository.read("docs/asvs.md").split(separator: "\n").filter {
        $0.firstMatch(of: /^\| [0-9]+\./) != nil
    }

    @Test func everyRequirementHasAVerdict() {
        #expect(Self.rows.count == 253)
        #expect(Set(Self.rows.map { $0.split(separator: "|")[0] }).count == 253)
        for row in Self.rows {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(cells.count == 3 && ["met", "n/a", "open"].contains(cells[1]) && cells[2].count > 8, "\(row)")
        }
    }

    @Test func everyTestItNamesExists() {
        let tests = ["Tests"].flatMap { folder -> [String] in
            let base = Repository.root.appending(path: folder).path()
            let found = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
            return found.filter { $0.hasSuffix(".swift") || $0.hasSuffix(".py") }.map {
                Repository.read("\(folder)/\($0)")
            }
        }.joined(separator: "\n")
        var named = 0
        for row in Self.rows {
            for name in row.matches(of: /`([a-z][A-Za-z]*_[a-z_]+|[a-z]+[A-Z][A-Za-z]+)`/).map({ String($0.1) }) {
                // Names of the program's own things are not tests.
                if ["randomBytes", "textContent", "signIn", "audit_log"].contains(name) { continue }
                named += 1
                #expect(tests.contains("func \(name)(") || tests.contains("def \(name)("), "\(name) is no test")
            }
        }
        #expect(named > 80)
    }
}
