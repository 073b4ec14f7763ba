import ArgumentParser
import Foundation
import Glibc

extension RightsCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all that is kept of an organisation: a ZIP of JSON and CSV with its schema.",
            discussion: """
                Example:
                  tacet rights export account.zip --organisation 1

                manifest.json names every file with its SHA-256 and is signed by this installation; schema.json says of every
                column what it is and why it is kept. Secrets are not in it. `rights import` reads it back.
                """)

        @Argument(help: "The file to write; it must not exist.")
        var path: String
        @OptionGroup var whose: OrganisationOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.exportAccount(organisation: whose.organisation))
            guard let text = lines.first, let data = Data(base64Encoded: Data(text)) else {
                throw Failure(text: "The archive could not be made.")
            }
            let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0 else {
                throw Failure(text: "\(path) exists already, or its folder cannot be written.", code: 2)
            }
            let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
            do {
                try handle.write(contentsOf: data)
                try handle.close()
            } catch {
                throw Failure(text: "\(path) cannot be written whole.")
            }
            Terminal.out("Wrote \(data.count) bytes to \(path).\n")
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read an archive of this installation back: what is missing comes back, what is there stays.",
            discussion: """
                Example:
                  tacet rights import account.zip --organisation 1

                One that another installation signed, or that was changed or packed again, is refused, and nothing is
                changed. Keys come back without their secret, so they do not; receipts return to their place in the signed
                trees.
                """)

        @Argument(help: "A file of `rights export`.")
        var path: String
        @OptionGroup var whose: OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(
                .importAccount(path: PlaceOptions.absolute(path), organisation: whose.organisation))
            try output.show(lines) {
                let line = try JSONLine.first(ImportLine.self, in: lines)
                return "\(line.rows) rows came back, \(line.kept) stay as they are.\n"
            }
        }
    }

    struct Tighten: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a knob tighter for one organisation than its deployment has it; never looser.",
            discussion: """
                Example:
                  tacet rights tighten recovery_days 0 --organisation 2
                  tacet rights tighten compression off

                `tacet policy show --profile strict` lists the knobs and their values, from loosest to tightest.
                """)

        @Argument(help: "The knob.")
        var knob: String
        @Argument(help: "Its value.")
        var value: String
        @OptionGroup var whose: OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.tighten(knob: knob, value: value, organisation: whose.organisation))
            output.show(lines) { "\(knob) is \(value) for organisation \(whose.organisation).\n" }
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record that an organisation agreed to a legal page as it is in force.",
            discussion: """
                Example:
                  tacet rights accept terms --organisation 2 --member 7
                """)

        @Argument(help: "privacy, terms, dpa or age.")
        var page: String
        @Option(help: "The number of who agreed; 0 for the organisation itself.")
        var member: UInt64 = 0
        @OptionGroup var whose: OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(
                .acceptPage(page: page, organisation: whose.organisation, member: member))
            try output.show(lines) { try Acceptances.text(lines) }
        }
    }

    struct Acceptances: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List who agreed to which version of which page.",
            discussion: """
                Example:
                  tacet rights acceptances --json
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.listAcceptances)
            try output.show(lines) { try Self.text(lines) }
        }

        static func text(_ lines: [[UInt8]]) throws -> String {
            let all = try JSONLine.all(AcceptanceLine.self, in: lines)
            guard !all.isEmpty else { return "Nobody agreed to anything yet.\n" }
            var table = TextTable("PAGE", "VERSION", "ORGANISATION", "MEMBER", "AT")
            for line in all {
                table.add(line.page, String(line.version), String(line.organisation), String(line.member), line.at)
            }
            return table.text
        }
    }
}
