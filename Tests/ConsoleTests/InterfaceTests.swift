import Accounts
import Foundation
import HTTPTypes
import Policy
import Testing
import Vocabulary

@testable import Console

/// The interface: its document, what it takes, what it sends. All of it from the table of routes.
@Suite struct InterfaceTests {
    private static var routes: [(route: Route, operation: Console.Operation)] {
        Route.all.compactMap { route in route.operation.map { (route, $0) } }
    }

    private static let document = InterfaceDocument.document(version: "1")

    @Test func everyRouteIsInTheDocument() throws {
        #expect(Self.routes.count > 45)
        #expect(Route.all.allSatisfy { !$0.isInterface || $0.operation != nil || $0.method == .get && $0.isOpen })
        var names: Set<String> = []
        for (route, _) in Self.routes {
            let method = route.method.rawValue.lowercased()
            let entry = try #require(Self.document["paths"]?[route.path]?[method], "\(method) \(route.path)")
            guard case .text(let name)? = entry["operationId"] else {
                Issue.record("\(route.path) has no name")
                continue
            }
            #expect(names.insert(name).inserted, "\(name) is there twice")
            guard case .list(let security)? = entry["security"] else {
                Issue.record("\(route.path) does not say who may")
                continue
            }
            #expect(security.isEmpty == route.isOpen, "\(route.path)")
            var declared: [String] = []
            if case .list(let parameters)? = entry["parameters"] {
                declared = parameters.compactMap { parameter in
                    guard case .text(let name)? = parameter["name"], parameter["in"] == .text("path") else {
                        return nil
                    }
                    return name
                }
            }
            #expect(declared == route.parameterNames, "\(route.path)")
        }
    }

    /// No reference leads nowhere, and nothing is described that nobody sends.
    @Test func theDocumentHoldsTogether() throws {
        let text = String(decoding: Self.document.bytes, as: UTF8.self)
        let tree = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let components = try #require((tree["components"] as? [String: Any])?["schemas"] as? [String: Any])
        let named = Set(text.matches(of: /"#\/components\/schemas\/([A-Za-z]+)"/).map { String($0.1) })
        #expect(named == Set(components.keys))
    }

    /// What is sent is what the document says, for each thing that can be asked for.
    @Test func answersAreAsDescribed() async throws {
        let home = try await Home()
        var checked = 0
        for (route, operation) in Self.routes where route.method == .get && !route.path.contains("{") {
            guard case .json(let schema) = operation.gives else { continue }
            var visit = home.visit(route, [:], as: home.owner)
            visit.form = Form()
            let answer: PageAnswer
            switch route.work {
            case .member(_, let work), .confirmed(_, _, let work): answer = try await work(visit, home.owner)
            case .open(let work): answer = try await work(visit)
            }
            guard case .json(let tree?, _, _) = answer else {
                Issue.record("\(route.path) sent no JSON")
                continue
            }
            checked += 1
            #expect(Self.fits(tree, schema), "\(route.path): \(String(decoding: tree.bytes, as: UTF8.self))")
        }
        #expect(checked > 15)
    }

    private static func fits(_ tree: JSONTree, _ schema: Schema) -> Bool {
        switch (schema, tree) {
        case (.text, .text), (.flag, .flag), (.receipt, .object): true
        case (.time, .text(let text)): text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil
        case (.number, .number(let text)): Int64(text) != nil
        case (.oneOf(let choices), .text(let text)): choices.contains(text)
        case (.list(let item), .list(let items)): items.allSatisfy { fits($0, item) }
        case (.named(_, let properties), .object(let members)):
            members.map(\.name) == properties.map(\.name)
                && zip(members, properties).allSatisfy { fits($0.value, $1.schema) }
        case (.optional, .null): true
        case (.optional(let schema), let tree): fits(tree, schema)
        default: false
        }
    }

    private static let taken: [Schema.Property] = [
        .init("name", .text, ""), .init("rate", .number, "", isOptional: true),
        .init("test", .flag, "", isOptional: true),
        .init("models", .list(.text), "", isOptional: true), .init("role", .oneOf(["a", "b"]), "", isOptional: true),
    ]

    @Test(
        arguments: [
            (#"{"name":"x"}"#, nil), (#"{"name":""}"#, nil),
            (#"{"name":"x","rate":5,"test":true,"models":["a","b"]}"#, nil),
            (#"{}"#, "name"), (#"{"name":5}"#, "name"), (#"{"name":null}"#, "name"),
            (#"{"name":"x","rate":"5"}"#, "rate"),
            (#"{"name":"x","rate":1.5}"#, "rate"), (#"{"name":"x","test":"true"}"#, "test"),
            (#"{"name":"x","models":"a"}"#, "models"), (#"{"name":"x","models":[["a"]]}"#, "models"),
            (#"{"name":"x","role":"c"}"#, "role"), (#"{"name":"x","prompt":"Hello"}"#, "prompt"),
        ] as [(String, String?)])
    func bodiesAreClosed(_ body: String, _ wrong: String?) throws {
        let tree = try #require(JSONTree(Array(body.utf8)))
        do {
            let form = try Form(tree, Self.taken)
            #expect(wrong == nil, "\(body)")
            #expect(form["models"].isEmpty || form["models"] == "a,b")
        } catch PageFault.member(let name, let allowed) {
            #expect(name == wrong && !allowed.isEmpty, "\(body)")
        }
    }

    @Test(arguments: ["plain", "\"quoted\" \\ \n\u{1}\u{7f}", "é 😀 \u{202e}", "</script>"])
    func textComesBack(_ text: String) throws {
        let tree: JSONTree = ["a": .text(text), "b": .list([.null, .flag(true), .number(-5)])]
        #expect(JSONTree(tree.bytes) == tree)
    }

    /// Every way that a page has to change something, the interface has too.
    @Test func theInterfaceDoesWhatPagesDo() {
        let changes = Route.all.filter { $0.method == .post && !$0.isInterface }.map(\.path)
        let covered = [
            "/sign-in": "/api/session", "/sign-in/code": "/api/session/mail", "/code": "/api/session/code",
            "/sign-out": "/api/session", "/confirm": "/api/session/proof", "/set-up/{secret}": "/api/set-up/{secret}",
            "/invitation/{secret}": "/api/invitation/{secret}", "/keys": "/api/keys",
            "/keys/{id}/revoke": "/api/keys/{id}", "/provider-keys": "/api/provider-keys/{provider}",
            "/provider-keys/{provider}/delete": "/api/provider-keys/{provider}", "/budgets": "/api/budgets",
            "/budgets/{owner}/{period}/remove": "/api/budgets/{owner}/{period}",
            "/team/invitations": "/api/invitations", "/team/invitations/{id}/withdraw": "/api/invitations/{id}",
            "/team/{id}/role": "/api/team/{id}", "/team/{id}/remove": "/api/team/{id}",
            "/organisation": "/api/me/organisation", "/privacy/export": "/api/export",
            "/privacy/{right}": "/api/privacy/{right}", "/settings/password": "/api/me/password",
            "/settings/mail": "/api/me/mail", "/settings/mail/codes": "/api/me/mail/codes",
            "/settings/factor": "/api/me/factor", "/settings/factor/remove": "/api/me/factor",
            "/sign-in/passkey": "/api/session/passkey", "/sign-in/passkey/answer": "/api/session/passkey/answer",
            "/confirm/passkey": "/api/session/proof/passkey", "/settings/passkeys": "/api/me/passkeys",
            "/settings/passkeys/{id}/remove": "/api/me/passkeys/{id}",
            "/settings/sessions/others": "/api/sessions", "/settings/sessions/{name}": "/api/sessions/{name}",
            "/installation/requests": "/api/installation/requests",
            "/installation/requests/{id}": "/api/installation/requests/{id}",
            "/settings/language": "/api/me/language", "/settings/name": "/api/me/name", "/agree": "/api/agreements",
            "/settings/organisation": "/api/organisation",
        ]
        let paths = Set(Self.routes.map(\.route.path))
        for path in changes {
            guard let twin = covered[path] else {
                Issue.record("\(path) has no twin in the interface")
                continue
            }
            #expect(paths.contains(twin), "\(twin)")
        }
    }
}
