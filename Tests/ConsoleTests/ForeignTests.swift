import Accounts
import Foundation
import HTTPTypes
import Policy
import Records
import Secrets
import Testing
import Vocabulary

@testable import Console

/// Ids of another organisation: not found, on every route that takes one, generated from the table of routes.
@Suite struct ForeignTests {
    private func isNotFound(_ error: any Error) -> Bool {
        error as? PageFault == .notFound || error as? PeopleRefusal == .unknown || error as? PeopleRefusal == .over
    }

    @Test func idsOfOthersAreNotFound() async throws {
        let home = try await Home()
        var tried = 0
        for route in Route.all where route.path.contains("{") {
            if case .member(.operate, _) = route.work {
                #expect(!home.stranger.may(.operate) && home.owner.may(.operate))
                continue
            }
            let names = route.parameterNames
            var choices: [[String: String]] = [[:]]
            for name in names {
                let values = try #require(home.ids[name], "\(route.path): no id to try for \(name)")
                choices = choices.flatMap { choice in values.map { choice.merging([name: $0]) { $1 } } }
            }
            for choice in choices {
                tried += 1
                let visit = home.visit(route, choice, as: home.stranger)
                do {
                    let answer =
                        switch route.work {
                        case .open(let work): try await work(visit)
                        case .member(_, let work): try await work(visit, home.stranger)
                        case .confirmed(_, _, let work): try await work(visit, home.stranger)
                        }
                    if case .html(_, let status, _, _) = answer, status.code == 403 { continue }
                    Issue.record("\(route.method) \(route.path) \(choice) was answered")
                } catch {
                    // A form without the session's token is nobody's.
                    if error as? PageFault == .foreign { continue }
                    // A provider is the installation's: its name is nobody's id.
                    if names == ["provider"], route.method == .put { continue }
                    #expect(isNotFound(error), "\(route.method) \(route.path) \(choice): \(error)")
                }
            }
        }
        #expect(tried > 70)
        // Nothing of the owner's has changed.
        #expect(try home.desk.keys.list(of: .home).allSatisfy { $0.revokedAt == nil && $0.budgets.count == 1 })
        #expect(try home.desk.people.team(of: .home).map(\.member.role) == [.owner])
        #expect(try home.desk.people.invitations(to: .home).count == 1)
        #expect(try home.desk.vault().list(.home).map(\.shown) == ["1234"])
        #expect(try home.desk.people.sessions(of: home.owner).count == 1)
    }

    /// Also where the id is in the form.
    @Test func formsWithIdsOfOthers() async throws {
        let home = try await Home()
        for path in ["/budgets", "/organisation"] {
            let route = try #require(Route.all.first { $0.path == path && $0.method == .post })
            guard case .member(_, let answer) = route.work else { continue }
            await #expect(throws: (any Error).self, "\(path)") {
                try await answer(home.visit(route, [:], as: home.stranger), home.stranger)
            }
        }
    }

    /// Every page of an organisation, in every language, for every role that may see it.
    @Test(arguments: Language.allCases) func everyPageIsDrawn(_ language: Language) async throws {
        let home = try await Home()
        for route in Route.all
        where route.method == .get && !route.path.contains("{") && !route.path.hasSuffix("events") {
            for role in Role.allCases {
                var account = home.owner
                account.member.role = role
                var visit = home.visit(route, [:], as: account)
                visit.form = Form()
                visit.language = language
                guard case .member(let permission, let answer) = route.work else { continue }
                if let permission, !account.may(permission) { continue }
                guard case .html(let text, let status, _, _) = try await answer(visit, account) else { continue }
                #expect(
                    status == .ok && text.contains("<h1>") && text.contains("lang=\"\(language.code)\""),
                    "\(route.path)")
                #expect(!text.contains("{{") && !text.contains("[[") && !text.contains("style="), "\(route.path)")
            }
        }
    }

    @Test func namesAreText() async throws {
        let home = try await Home()
        _ = try home.desk.keys.create(name: "<script>alert(1)</script>\"'", at: home.desk.now())
        for path in ["/keys", "/budgets", "/explore", "/requests"] {
            let route = try #require(Route.all.first { $0.path == path && $0.method == .get })
            guard case .member(_, let answer) = route.work else { continue }
            var visit = home.visit(route, [:], as: home.owner)
            visit.form = Form()
            guard case .html(let text, _, _, _) = try await answer(visit, home.owner) else { continue }
            #expect(!text.contains("<script>alert") && text.contains("&lt;script&gt;alert"), "\(path)")
        }
    }
}
