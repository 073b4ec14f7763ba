import Foundation
import Testing

/// What keeps the house readable.
struct TidyTests {
    static let text =
        House.files(under: "Sources", ending: ".swift") + House.files(under: "Tests", ending: ".swift")
        + House.files(under: "Tests", ending: ".py") + House.files(under: "Benchmarks", ending: ".py")

    @Test func noSourceIsLongerThan400Lines() {
        for source in House.sources {
            let count = source.text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(count <= 401, "\(source.path) has \(count) lines: one subject a file")
        }
    }

    @Test func nothingIsLeftForLater() {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"]
        for path in Self.text {
            let text = House.read(path)
            for word in words where text.contains(word) {
                Issue.record("\(path) says \(word): do it, or say in ARCHITECTURE.md that it is not there")
            }
        }
    }

    @Test func noPathOfAMachine() {
        let documents =
            ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "THREATS.md", "Makefile", "Package.swift", ".ci/run"]
            + House.files(under: "docs", ending: ".md") + House.files(under: "scripts", ending: "")
        let nowhere = ["/wo" + "rk/", "../sha" + "red", House.root.path(percentEncoded: false)]
        for path in Self.text {
            let text = House.read(path)
            for word in nowhere where text.contains(word) {
                Issue.record("\(path) names a place on somebody's machine: \(word)")
            }
        }
        for path in documents {
            let text = House.read(path)
            for word in nowhere + ["/ho" + "me/", "/Use" + "rs/", "/ro" + "ot/"] where text.contains(word) {
                Issue.record("\(path) names a place on somebody's machine: \(word)")
            }
        }
    }

    @Test func roomsAreNotCalledAfterNothing() {
        let empty = ["Core", "Common", "Utils", "Util", "Helpers", "Shared", "Misc", "Manager", "Managers"]
        for source in House.sources {
            let parts = source.path.replacing(".swift", with: "").split(separator: "/").map(String.init)
            for part in parts where empty.contains(part) || part.hasSuffix("Manager") || part.hasSuffix("Utils") {
                Issue.record("\(source.path): `\(part)` says nothing of what is in it")
            }
        }
    }

    @Test func theDocumentsAreThere() {
        let documents = [
            "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "THREATS.md", "LICENSE", "Makefile", "scripts/bootstrap",
            ".ci/run", "Benchmarks/README.md",
        ]
        for path in documents { #expect(!House.read(path).isEmpty, "\(path) is missing") }
    }

    @Test func architectureNamesEveryRoom() {
        let text = House.read("ARCHITECTURE.md")
        for room in House.rooms { #expect(text.contains(room), "ARCHITECTURE.md does not name \(room)") }
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 90, "one page")
    }
}
