import Foundation
import Policy
import Testing
import Vocabulary

/// What is written about the promises says what the register says.
@Suite struct DocumentTests {
    @Test func thePageIsTheRegisters() {
        #expect(
            Repository.read("docs/promises.md") == RegisterPage.markdown,
            "docs/promises.md is old: tacet policy show --markdown > docs/promises.md")
    }

    /// The README's table: a row is `kept` when each of its promises is, and every kept promise is in such a row.
    @Test func theReadmeClaimsWhatIsKept() throws {
        var kept: Set<PromiseID> = []
        var rows = 0
        for line in Repository.read("README.md").split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let ids = Self.ids(cells[1]), !ids.isEmpty else { continue }
            rows += 1
            for id in ids {
                let promise = try #require(Register.promise(id), "\(id)")
                #expect(
                    (cells[2] == "kept") == (promise.state == .kept),
                    "README says `\(cells[2])` of \(id), which is \(promise.state.name)")
            }
            if cells[2] == "kept" { kept.formUnion(ids) }
        }
        #expect(rows > 10)
        let missing = Register.promises.filter { $0.state == .kept && !kept.contains($0.id) }.map(\.id.description)
        #expect(missing.isEmpty, "kept, and not in the README's table: \(missing)")
    }

    @Test func rangesOfIDsAreRead() {
        #expect(Self.ids("AX-1–3, OL-15") == ["AX-1", "AX-2", "AX-3", "OL-15"].compactMap { PromiseID($0) })
        #expect(Self.ids("promises") == nil)
        #expect(Self.ids("AX-99") == nil)
    }

    /// `AX-9, AU-1–4`; `nil` for what is no list of ids.
    private static func ids(_ text: String) -> [PromiseID]? {
        var found: [PromiseID] = []
        for part in text.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            let ends = part.split(separator: "–")
            guard let first = PromiseID(String(ends[0])) else { return nil }
            guard ends.count == 2 else {
                found.append(first)
                continue
            }
            guard let last = Int(ends[1]), last > first.number else { return nil }
            for number in first.number...last {
                guard let id = PromiseID("\(first.seed.rawValue)-\(number)") else { return nil }
                found.append(id)
            }
        }
        return found
    }
}
