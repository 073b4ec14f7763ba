import ArgumentParser
import Foundation
import Records
import Vocabulary

struct RightsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rights",
        abstract: "Consent, restriction, objection, export, deletion with proof, and the register of requests.",
        discussion: """
            Example:
              tacet rights show
              tacet rights set withdraw-consent
              tacet rights set delete
              tacet rights enter access
              tacet rights requests
              tacet rights export account.zip
              tacet rights tighten recovery_days 0

            Withdrawn consent stops the API at once with 403 `consent_withdrawn`; receipts and exports go on. A deletion
            kills keys and stored secrets at once, can be taken back for as long as the profile says, then purges every row
            and byte, and leaves a proof signed by this installation.
            """,
        subcommands: [
            Show.self, Set.self, Enter.self, Answer.self, Requests.self, Proofs.self, VerifyProof.self,
            Export.self, Import.self, Tighten.self, Accept.self, Acceptances.self,
        ])

    struct OrganisationOption: ParsableArguments {
        @Option(help: "The organisation's number.")
        var organisation: UInt64 = OrganisationID.home.value
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an organisation's standing.",
            discussion: """
                Example:
                  tacet rights show --json
                """)

        @OptionGroup var whose: OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.showRights(organisation: whose.organisation))
            try output.show(lines) { try RightsCommand.text(lines) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change an organisation's standing.",
            discussion: """
                Example:
                  tacet rights set withdraw-consent
                  tacet rights set delete
                  tacet rights set delete-now

                RIGHT is withdraw-consent, give-consent, restrict, unrestrict, object, unobject, delete, delete-now or
                restore. `delete` waits the profile's recovery_days before the purge, `delete-now` does not.
                """)

        @Argument(help: "What is asked for.")
        var right: String
        @OptionGroup var whose: OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            if RightsVerb(rawValue: right) == nil {
                let names = RightsVerb.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("There is no right `\(right)`; allowed: \(names).")
            }
        }

        func run() async throws {
            let lines = try await place.ask(.applyRight(name: right, organisation: whose.organisation))
            try output.show(lines) {
                try RightsCommand.text(Array(lines.prefix(1)))
                    + lines.dropFirst().map { "Proof of deletion:\n" + String(decoding: $0, as: UTF8.self) + "\n" }
                    .joined()
            }
        }
    }

    struct Enter: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enter a request that came by mail or otherwise, with its due date.",
            discussion: """
                Example:
                  tacet rights enter access

                KIND is access, portability, rectification, erasure, restriction, objection, consent, or authority for one of
                an authority, of which --tell writes to the organisation's owners and admins, where the law allows that.
                """)

        @Argument(help: "What was asked for.")
        var kind: String
        @Flag(help: "Tell the organisation of an authority's request by mail.")
        var tell = false
        @OptionGroup var whose: OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.enterRequest(kind: kind, organisation: whose.organisation, tells: tell))
            try output.show(lines) { try RightsCommand.register(lines) }
        }
    }

    struct Answer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a request.",
            discussion: """
                Example:
                  tacet rights answer 3 done
                """)

        @Argument(help: "The request's number.")
        var id: Int64
        @Argument(help: "done, refused or withdrawn.")
        var outcome: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.answerRequest(id: id, outcome: outcome))
            try output.show(lines) { try RightsCommand.register(lines) }
        }
    }

    struct Requests: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the register of requests, what is due first first. Exit code 1 when one is late.",
            discussion: """
                Example:
                  tacet rights requests
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.rightsRequests)
            try output.show(lines) { try RightsCommand.register(lines) }
            let requests = try JSONLine.all(RequestLine.self, in: lines)
            if requests.contains(where: { $0.late && $0.answered_at == nil }) { throw ExitCode(1) }
        }
    }

    struct Proofs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the signed proofs of deletion, one a line.",
            discussion: """
                Example:
                  tacet rights proofs > proofs.jsonl
                """)

        @OptionGroup var place: PlaceOptions

        func run() async throws {
            for line in try await place.ask(.deletionProofs) { Terminal.out(line + [0x0a]) }
        }
    }

    struct VerifyProof: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify proofs of deletion offline, with the installation's public key.",
            discussion: """
                Example:
                  tacet rights verify-proof proofs.jsonl --key 3b6a…
                """)

        @Argument(help: "A file of `rights proofs`.")
        var path: String
        @Option(help: "The installation's public key in hexadecimal, as `receipts verify` prints it.")
        var key: String

        func run() throws {
            guard let key = HexText.bytes(key), key.count == 32 else {
                throw Failure(text: "--key is not 64 hexadecimal digits.", code: 2)
            }
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Failure(text: "\(path) cannot be read.", code: 2)
            }
            let lines = data.split(separator: 0x0a)
            guard !lines.isEmpty else { throw Failure(text: "\(path) holds no proof.") }
            for (index, line) in lines.enumerated() where !DeletionProof.isValid(Array(line), installation: key) {
                throw Failure(text: "Line \(index + 1) is no proof that this installation signed.")
            }
            Terminal.out("Sound. \(lines.count) proofs signed by this installation.\n")
        }
    }

    private static func text(_ lines: [[UInt8]]) throws -> String {
        let lives = try JSONLine.all(LifeLine.self, in: lines)
        var table = TextTable("ORGANISATION", "PHASE", "CONSENT", "RESTRICTED", "OBJECTS", "SECRETS", "PURGE AT")
        for life in lives {
            table.add(
                String(life.organisation), life.late ? life.phase + ", LATE" : life.phase,
                life.consent ? "given" : "withdrawn", life.restricted ? "yes" : "no", life.objects ? "yes" : "no",
                life.secrets_gone ? "destroyed" : "–", life.purged_at ?? life.purge_at ?? "–")
        }
        return table.text
    }

    private static func register(_ lines: [[UInt8]]) throws -> String {
        let requests = try JSONLine.all(RequestLine.self, in: lines)
        guard !requests.isEmpty else { return "No requests.\n" }
        var table = TextTable("NO", "ORGANISATION", "KIND", "RECEIVED", "DUE", "STATE")
        for request in requests {
            table.add(
                String(request.id), String(request.organisation), request.kind, request.received_at, request.due_at,
                request.outcome ?? (request.late ? "LATE" : "open"))
        }
        return table.text
    }
}
