import Foundation
import Mustache
import Policy
import Records
import Testing
import Vocabulary

@testable import Console

/// One catalogue: nothing is missing in any language, and every template can be read in each.
@Suite struct WordTests {
    private static func phrases(_ language: Language) throws -> [String: String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "Sources/Console/Languages/\(language.code).txt")
        var found: [String: String] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.components(separatedBy: " = ")
            #expect(parts.count >= 2 && found[parts[0]] == nil, "\(language.code): \(line)")
            found[parts[0]] = parts.dropFirst().joined(separator: " = ")
        }
        return found
    }

    private static func values(_ phrase: String) -> Set<String> {
        Set(phrase.matches(of: /\{([0-9])/).map { String($0.1) })
    }

    @Test(arguments: Language.allCases) func nothingIsMissing(_ language: Language) throws {
        let english = try Self.phrases(.english)
        let other = try Self.phrases(language)
        #expect(english.count > 400)
        #expect(Set(english.keys).subtracting(other.keys).isEmpty)
        #expect(Set(other.keys).subtracting(english.keys).isEmpty)
        for (key, phrase) in english {
            let translated = try #require(other[key])
            #expect(Self.values(phrase) == Self.values(translated), "\(language.code): \(key)")
        }
    }

    @Test(arguments: Language.allCases) func everyTemplateCanBeRead(_ language: Language) throws {
        let words = try Self.phrases(.english)
        for name in Templates.names {
            let source = Templates.source(name)
            #expect(!source.isEmpty, "\(name) is not in the program")
            for match in source.matches(of: /\[\[([^\]]*)\]\]/) {
                #expect(words[String(match.1)] != nil, "\(name): \(match.1)")
            }
            let translated = Templates.translated(source, language.catalogue)
            #expect(!translated.contains("[["), "\(name)")
            #expect(throws: Never.self) { try MustacheTemplate(string: translated) }
        }
    }

    /// Keys that are put together of closed names.
    @Test func everyNameHasAWord() throws {
        let words = try Self.phrases(.english)
        var keys = Notice.allCases.map { "notice.\($0.rawValue)" }
        keys += AuditEntry.Action.allCases.map { "act.\($0.name)" }
        keys += AuditEntry.Actor.allCases.map { "actor.\($0.name)" }
        keys += Role.allCases.flatMap { ["role.\($0.name)", "role.\($0.name)_note"] }
        keys += BudgetPeriod.allCases.map { "period.\($0.name)" } + BudgetAction.allCases.map { "action.\($0.name)" }
        keys += TaskCategory.allCases.map { "task.\($0.name)" } + Completion.allCases.map { "completion.\($0.name)" }
        keys += RouteReason.allCases.map { "decision.\($0.name)" } + TransferCode.allCases.map { "ledger.\($0.name)" }
        keys += DataField.Purpose.allCases.map { "purpose.\($0.rawValue)" }
        keys += ["plain", "keyed_digest", "sealed"].map { "sealing.\($0)" }
        keys += RoutingStatus.KeySource.allCases.map { "key_source.\($0)" }
        keys += JobStatus.Name.allCases.map { "job.\($0.rawValue)" }
        keys += RightsRequest.Kind.allCases.map { "right.\($0.name)" }
        keys += RightsRequest.Outcome.allCases.map { "outcome.\($0.name)" }
        keys += ["active", "no_consent", "restricted", "deleted", "gone"].map { "standing.\($0)" }
        keys += RoutingStatus.Circuit.allCases.map { "circuit.\($0)" }
        keys += ProviderStatus.Health.allCases.map { "health.\($0.rawValue)" }
        keys += ["not_found", "unreadable", "not_signed_in", "not_proved", "not_agreed", "origin"].map {
            "problem.\($0)"
        }
        keys += ["16", "13"].map { "agree.age.\($0)" }
        for key in keys { #expect(words[key] != nil, "\(key)") }
    }

    @Test func whatTheCatalogueSaysIsText() {
        #expect(Templates.escaped("<b>\"&") == "&lt;b&gt;&quot;&amp;")
    }
}
