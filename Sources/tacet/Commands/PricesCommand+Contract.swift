import ArgumentParser
import Foundation
import Metering
import Records
import Vocabulary

extension PricesCommand {
    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a file of prices would change.",
            discussion: """
                Example:
                  tacet prices diff contract.txt

                Compares each price of the file with the one in force on the day it begins, or today. Amounts are in
                pico-USD.
                """)

        @Argument(help: "A file in the form of the price book.")
        var file: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        struct Line: Codable {
            var provider: String
            var model: String
            var from: String?
            /// `new`, `changed` or `same`.
            var change: String
            var before: [String: Int64]
            var after: [String: Int64]
        }

        func run() throws {
            let file = try Routes.prices(file)
            let book = try Routes.book(data: try place.dataPath())
            let lines = file.rows.map { Self.line($0, file, book) }
            output.show(lines.map { JSONLine.of($0) }) {
                var out = ""
                for line in lines where line.change != "same" {
                    out += "\(line.change == "new" ? "+" : "~") \(line.provider)/\(line.model)"
                    out += (line.from.map { " from \($0)" } ?? "") + "\n"
                    for field in Set(line.before.keys).union(line.after.keys).sorted() {
                        let (before, after) = (line.before[field], line.after[field])
                        guard before != after else { continue }
                        out += "    \(field)  \(before.map(String.init) ?? "–") → \(after.map(String.init) ?? "–")\n"
                    }
                }
                return out + "\(lines.count { $0.change == "new" }) new, "
                    + "\(lines.count { $0.change == "changed" }) changed, \(lines.count { $0.change == "same" }) same.\n"
            }
        }

        private static func line(_ row: PriceRow, _ file: PriceBook, _ book: PriceBook) -> Line {
            let day = max(row.from, today())
            let held = book.rows(matching: row.provider + [0x2f] + row.model).first {
                $0.provider == row.provider && $0.from <= day && ($0.to ?? .max) > day
            }
            let before = held.map { $0.fields(book.sources) } ?? [:]
            let after = row.fields(file.sources)
            return Line(
                provider: String(decoding: row.provider, as: UTF8.self),
                model: String(decoding: row.model, as: UTF8.self),
                from: Show.date(row.from), change: held == nil ? "new" : before == after ? "same" : "changed",
                before: before, after: after)
        }

        /// Today in UTC as yyyymmdd.
        static func today() -> UInt32 {
            UInt32(Moment.now.text.prefix(10).replacing("-", with: "")) ?? 0
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put prices of your own before the book's.",
            discussion: """
                Example:
                  tacet prices import contract.txt

                The whole file is refused at its first mistake. It takes the place of what was imported before; a file with
                nothing but its first line leaves the price book alone. A running server uses the new prices at once.
                """)

        @Argument(help: "A file in the form of the price book; Prices/README.md tells it.")
        var file: String
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        struct Line: Codable {
            var imported: Int
            var price_book: UInt32
            /// Running servers that use them now.
            var reloaded: Int
        }

        func run() async throws {
            let book = try Routes.prices(file)
            guard let text = FileManager.default.contents(atPath: file) else {
                throw Failure(text: "`\(file)` cannot be read.", code: 2)
            }
            let directory = try Installation.open(try place.dataPath()).directory
            do throws(StorageFault) {
                try directory.replacePrices([UInt8](text))
            } catch {
                throw Failure(text: FaultText.of(error))
            }
            var reloaded = 0
            for served in try directory.known() where served.isServed {
                let path = try ControlPath(served)
                defer { path.close() }
                let reply = try await ControlClient.ask(.reload, at: path)
                if let failure = reply.failure { throw Failure(text: failure, code: reply.code) }
                reloaded += 1
            }
            let line = Line(imported: book.rows.count, price_book: book.version, reloaded: reloaded)
            output.show([JSONLine.of(line)]) {
                "Imported \(line.imported) prices" + (reloaded > 0 ? "; in use now.\n" : ".\n")
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a file of prices, or the prices in force, and tell what looks wrong.",
            discussion: """
                Example:
                  tacet prices check contract.txt

                Exit code 2 when the file would be refused.
                """)

        @Argument(help: "A file in the form of the price book. Without it: the book and what was imported.")
        var file: String?
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        struct Line: Codable {
            var ok: Bool
            var prices: Int
            var providers: Int
            var price_book: UInt32
            /// Of what was imported.
            var own: Int
            /// What is allowed and looks wrong all the same.
            var warnings: [String]
        }

        func run() throws {
            let data = try place.dataPath()
            let book = try file.map { try Routes.prices($0) } ?? Routes.book(data: data)
            let own = file == nil ? try Routes.contract(data: data)?.rows.count ?? 0 : book.rows.count
            let warned = file == nil ? try Routes.contract(data: data)?.rows ?? [] : book.rows
            let line = Line(
                ok: true, prices: book.rows.count, providers: book.providers.count, price_book: book.version, own: own,
                warnings: warned.compactMap { Self.warning($0) })
            output.show([JSONLine.of(line)]) {
                line.warnings.map { $0 + "\n" }.joined()
                    + "\(line.prices) prices of \(line.providers) providers are as they should be.\n"
            }
        }

        private static func warning(_ row: PriceRow) -> String? {
            let name = "\(String(decoding: row.provider, as: UTF8.self))/\(String(decoding: row.model, as: UTF8.self))"
            if row.price.isFree { return "\(name) costs nothing: its requests are served without credit." }
            if let to = row.to, to <= Diff.today() { return "\(name): the price ended on \(Show.date(to) ?? "")." }
            if row.names(.output), row.names(.input), row.price[.output] < row.price[.input] {
                return "\(name): output costs less than input."
            }
            if row.price[.cacheRead] > row.price[.input] { return "\(name): a cache read costs more than input." }
            return nil
        }
    }
}

extension PriceRow {
    /// Every figure of the line by its word, with the service level and tier it stands in: `@batch >200000 in`.
    fileprivate func fields(_ sources: [PriceSource]) -> [String: Int64] {
        var fields: [String: Int64] = [:]
        var (level, tier) = ("", "")
        for word in String(decoding: line(sources: sources), as: UTF8.self).split(separator: " ").dropFirst(5) {
            if word.hasPrefix("@") {
                (level, tier) = ("\(word) ", "")
            } else if word.hasPrefix(">") {
                tier = "\(word) "
            } else if let equals = word.firstIndex(of: "=") {
                fields[level + tier + word[..<equals]] = Int64(word[word.index(after: equals)...])
            }
        }
        return fields
    }
}
