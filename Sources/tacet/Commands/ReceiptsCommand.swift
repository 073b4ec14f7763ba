import ArgumentParser
import Foundation
import Secrets
import Vocabulary

struct ReceiptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipts",
        abstract: "List, show, verify and export receipts: numbers, ids and codes, never words.",
        discussion: """
            Example:
              tacet receipts list --since 24h
              tacet receipts show req_…
              tacet receipts verify
              tacet receipts export > receipts.jsonl && tacet receipts verify receipts.jsonl
            """,
        subcommands: [List.self, Show.self, Verify.self, Export.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List receipts, newest first.",
            discussion: """
                Example:
                  tacet receipts list --since 24h --key my-app --model openai/gpt-5-mini --limit 50
                """)

        @OptionGroup var most: LimitOption
        @Option(help: "From when on: a time ago such as 24h, or a date such as 2026-11-21 or 2026-11-21T14:00:00Z.")
        var since: TimeOption?
        @Option(help: "Before when.")
        var until: TimeOption?
        @Option(help: "A key's id or name.")
        var key: String?
        @Option(help: "A model that was asked for or served.")
        var model: String?
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(
                .listReceipts(
                    since: since?.microseconds, until: until?.microseconds, key: key, model: model, limit: most.limit))
            try output.show(lines) {
                guard !lines.isEmpty else { return "No receipts.\n" }
                var table = TextTable("ID", "TIME", "MODEL", "PROVIDER", "OUTCOME", "IN", "OUT", "COST", "TOOK")
                for line in lines {
                    let receipt = try JSONDecoder().decode(ReceiptLineText.self, from: Data(line))
                    table.add(
                        receipt.id, receipt.opened_at, receipt.served_model ?? receipt.requested_model ?? "–",
                        receipt.deployment ?? "–", receipt.error == "none" ? receipt.completion : receipt.error,
                        String(receipt.tokens.total_input), String(receipt.tokens.total_output),
                        "$" + Quantities.text(NanoUSD(receipt.provider_cost_nano_usd)),
                        "\(receipt.latency.total_us / 1000) ms")
                }
                return table.text
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one receipt with its proof.",
            discussion: """
                Example:
                  tacet receipts show req_01k3v7c9m2x8z4y6w5t0r1s2q3
                """)

        @Argument(help: "The id, as in the response header x-tacet-request-id.")
        var id: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.showReceipt(id))
            output.show(lines) {
                let object = lines.first.flatMap { try? JSONSerialization.jsonObject(with: Data($0)) }
                let data = object.flatMap {
                    try? JSONSerialization.data(
                        withJSONObject: $0, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
                }
                return data.map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify receipts against the signed, chained trees: all of the ledger, or an exported file.",
            discussion: """
                Example:
                  tacet receipts verify
                  tacet receipts verify receipts.jsonl --key 3b6a…

                A file is verified offline, with nothing but the installation's public key. Exit code 1 when anything is
                not as it was signed.
                """)

        @Argument(help: "A file of `receipts export`, or - for standard input. Without it: the ledger.")
        var path: String?
        @Option(help: "The installation's public key in hexadecimal. Without it: that of the data directory.")
        var key: String?
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func validate() throws {
            if key != nil, path == nil { throw ValidationError("--key is for a file; name one.") }
        }

        func run() async throws {
            let lines: [[UInt8]]
            if let path {
                lines = [JSONLine.of(try checked(path).report(isWhole: false))]
            } else {
                lines = try await place.ask(.verifyReceipts)
            }
            let report = try JSONLine.first(ReceiptCheck.Report.self, in: lines)
            output.show(lines) { Self.text(report) }
            if !report.sound { throw ExitCode(1) }
        }

        private func checked(_ path: String) throws -> ReceiptCheck {
            let installation = try key.map(Self.bytes) ?? Installation.open(try place.dataPath()).identity.publicKey
            let data: Data?
            if path == "-" {
                data = try FileHandle.standardInput.readToEnd() ?? Data()
            } else {
                data = FileManager.default.contents(atPath: path)
            }
            guard let data else { throw Failure(text: "\(path) cannot be read.", code: 2) }
            var check = ReceiptCheck(installationKey: installation)
            for line in data.split(separator: 0x0a) { check.add(Array(line)) }
            return check
        }

        private static func bytes(_ text: String) throws(Failure) -> [UInt8] {
            let digits = Array(text)
            guard digits.count == 64, digits.allSatisfy(\.isHexDigit) else {
                throw Failure(text: "--key is not 64 hexadecimal digits.", code: 2)
            }
            return stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        }

        private static func text(_ report: ReceiptCheck.Report) -> String {
            var out = report.sound ? "Sound. " : "Not sound. "
            out += "\(report.verified) receipts verified, \(report.erased) erased"
            if report.bad > 0 { out += ", \(report.bad) bad" }
            if report.missing_proof > 0 { out += ", \(report.missing_proof) without proof" }
            if report.missing > 0 { out += ", \(report.missing) missing" }
            if report.missing_heads > 0 { out += ", \(report.missing_heads) batches missing" }
            out += ".\n"
            for fault in report.faults { out += "  line \(fault.line): \(fault.reason)\n" }
            return out + "Installation key \(report.installation_key)\n"
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every receipt with its proof, one JSON object a line.",
            discussion: """
                Example:
                  tacet receipts export --since 2026-11-01 > receipts.jsonl
                """)

        @Option(help: "From when on: a time ago such as 24h, or a date.")
        var since: TimeOption?
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            for line in try await place.ask(.exportReceipts(since: since?.microseconds)) {
                Terminal.out(line + [0x0a])
            }
        }
    }
}

/// What a list shows of a receipt's JSON.
private struct ReceiptLineText: Decodable {
    var id: String
    var opened_at: String
    var requested_model: String?
    var served_model: String?
    var deployment: String?
    var error: String
    var completion: String
    var tokens: Tokens
    var latency: Latency
    var provider_cost_nano_usd: Int64

    struct Tokens: Decodable {
        var total_input: Int64
        var total_output: Int64
    }

    struct Latency: Decodable {
        var total_us: Int64
    }
}
