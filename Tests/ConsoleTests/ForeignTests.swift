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
    private struct Home {
        let folder: TemporaryFolder
        let desk: ConsoleDesk
        let owner: Account
        let stranger: Account
        /// Everything the owner has, by the name that a path gives it.
        let ids: [String: [String]]

        init() async throws {
            folder = try TemporaryFolder()
            let directory = try DataDirectory(folder.path + "/data")
            let ledger = try Ledger(directory)
            let now = Moment(microseconds: 1_700_000_000_000_000)
            let accountKeys = try AccountKeys.load(directory: directory.keysPath)
            let people = People(
                ledger, accountKeys, AccountTerms(isOpen: true, fields: .named),
                outbox: Outbox(now: { now }) { _ in true }, bcryptCost: 4, now: { now })
            let keys = try Keys(ledger: ledger, directory: directory)
            let rights = Rights(
                ledger, policy: DeploymentPolicy(.strict),
                identity: try InstallationIdentity(directory: directory.keysPath), accountKeys: accountKeys,
                secretsGone: {})
            desk = ConsoleDesk(
                ledger, people: people, keys: keys, rights: rights, publicAddress: "", version: "1",
                api: { "http://127.0.0.1:8400" }, keysChanged: {}, drain: {}, now: { now })
            let secret = try #require(try people.offerSetUp())
            let token = try await people.setUp(
                secret: secret, mail: "owner@example.org", name: "", organisation: "Mine",
                password: "correct horse battery staple")
            let origin = GuessOrigin(address: [127, 0, 0, 1])
            var code = ""
            let pending = try people.requestCode(mail: "stranger@example.org", from: origin) { sent in
                code = sent
                return ("", "")
            }
            guard case .session(let other) = try people.show(code: code, pending, from: origin) else {
                throw CancellationError()
            }
            owner = try #require(try people.account(token: token, .cookie))
            stranger = try #require(try people.account(token: other, .cookie))
            let key = try keys.create(
                name: "mine", KeyTerms(budget: Budget(.installation, .month, NanoUSD(5))), at: now)
            try desk.spending.set(Budget(.organisation(.home), .day, NanoUSD(7)))
            _ = try people.invite("third@example.org", as: .viewer, by: owner) { ("", $0) }
            let invitation = try #require(try people.invitations(to: .home).first).row.id
            let numbers = [
                String(key.record.id.value, radix: 16), String(owner.member.id.value, radix: 16),
                String(invitation, radix: 16),
            ]
            ids = [
                "id": numbers + [RequestID(high: 1, low: 2).name, "", "zz", "../keys"], "owner": numbers,
                "period": ["month", "day"],
                "name": [People.name(of: owner.session)], "right": ["nothing"], "secret": ["nothing"],
            ]
        }

        func visit(_ route: PageRoute, _ parameters: [String: String], as account: Account?) -> Visit {
            Visit(
                desk: desk, pages: Templates(), language: .english, path: route.path, parameters: parameters,
                form: Form(
                    "role=viewer&sure=yes&organisation=1&owner=\(ids["owner"]?[0] ?? "")&period=month&action=block&amount=1"
                        .utf8) ?? Form(),
                account: account, from: GuessOrigin(address: [127, 0, 0, 1]), address: "http://127.0.0.1:8401",
                now: desk.now())
        }
    }

    private func isNotFound(_ error: any Error) -> Bool {
        error as? PageFault == .notFound || error as? PeopleRefusal == .unknown || error as? PeopleRefusal == .over
    }

    @Test func idsOfOthersAreNotFound() async throws {
        let home = try await Home()
        var tried = 0
        for route in PageRoute.all where route.path.contains("{") {
            let names = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                String($0.dropFirst().dropLast())
            }
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
                    if case .html(_, let status, _) = answer, status.code == 403 { continue }
                    Issue.record("\(route.method) \(route.path) \(choice) was answered")
                } catch {
                    #expect(isNotFound(error), "\(route.method) \(route.path) \(choice): \(error)")
                }
            }
        }
        #expect(tried > 30)
        // Nothing of the owner's has changed.
        #expect(try home.desk.keys.list(of: .home).allSatisfy { $0.revokedAt == nil && $0.budgets.count == 1 })
        #expect(try home.desk.people.team(of: .home).map(\.member.role) == [.owner])
        #expect(try home.desk.people.invitations(to: .home).count == 1)
        #expect(try home.desk.people.sessions(of: home.owner).count == 1)
    }

    /// Also where the id is in the form.
    @Test func formsWithIdsOfOthers() async throws {
        let home = try await Home()
        for path in ["/budgets", "/organisation"] {
            let route = try #require(PageRoute.all.first { $0.path == path && $0.method == .post })
            guard case .member(_, let answer) = route.work else { continue }
            await #expect(throws: (any Error).self, "\(path)") {
                try await answer(home.visit(route, [:], as: home.stranger), home.stranger)
            }
        }
    }

    /// Every page of an organisation, in every language, for every role that may see it.
    @Test(arguments: Language.allCases) func everyPageIsDrawn(_ language: Language) async throws {
        let home = try await Home()
        for route in PageRoute.all
        where route.method == .get && !route.path.contains("{") && !route.path.hasSuffix("events") {
            for role in Role.allCases {
                var account = home.owner
                account.member.role = role
                var visit = home.visit(route, [:], as: account)
                visit.form = Form()
                visit.language = language
                guard case .member(let permission, let answer) = route.work else { continue }
                if let permission, !account.may(permission) { continue }
                guard case .html(let text, let status, _) = try await answer(visit, account) else { continue }
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
            let route = try #require(PageRoute.all.first { $0.path == path && $0.method == .get })
            guard case .member(_, let answer) = route.work else { continue }
            var visit = home.visit(route, [:], as: home.owner)
            visit.form = Form()
            guard case .html(let text, _, _) = try await answer(visit, home.owner) else { continue }
            #expect(!text.contains("<script>alert") && text.contains("&lt;script&gt;alert"), "\(path)")
        }
    }
}
