import ArgumentParser
import Foundation
import Records

/// Where settings and data are; every command takes them.
struct PlaceOptions: ParsableArguments {
    @Option(help: "Settings file. Without it: $TACET_CONFIG, ./tacet.yaml, or the environment alone.")
    var config: String?

    @Option(help: "Data directory. Without it: `data` of the settings, or $XDG_DATA_HOME/tacet.")
    var data: String?

    var environment: [String: String] { ProcessInfo.processInfo.environment }

    var file: SettingsFile { SettingsFile.find(option: config, environment: environment) }

    func settings() throws(Mistakes) -> Settings { try file.read(environment: environment) }

    /// The data directory, absolute. Only `data` of the settings is read: other mistakes do not matter here.
    func dataPath() throws -> String {
        let named = data == nil ? try file.data(environment: environment) : nil
        return Self.absolute(try DataLocation.path(option: data, settings: named, environment: environment))
    }

    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path.replacing(/^\.\//, with: "")
    }

    /// Asks the server that holds the data directory, or opens it when there is none (`RULES.md` 34).
    func ask(_ request: DeskRequest) async throws -> [[UInt8]] {
        let installation = try Installation.open(try dataPath())
        let directory = installation.directory
        let reply: DeskReply
        if let served = try directory.known().first(where: \.isServed) {
            let path = try ControlPath(served)
            defer { path.close() }
            reply = try await ControlClient.ask(request, at: path)
        } else {
            let vault = installation.vault(try file.vault(environment: environment), environment: environment)
            switch DeskRequest.read(request.line) {
            case .success(let request):
                let profile = try file.profile(environment: environment)
                reply = await installation.desk(vault, profile).perform(request, by: .own)
            case .failure(.violation(let violation)): reply = .refused(violation)
            case .failure(.unknown): reply = .failed("The request cannot be written down.", code: 2)
            }
        }
        if let failure = reply.failure { throw Failure(text: failure, code: reply.code) }
        return reply.lines
    }
}

/// How much of a list is shown.
struct LimitOption: ParsableArguments {
    @Option(help: "At most so many, the newest.")
    var limit = 50

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is \(limit); allowed: a whole number from 1.") }
    }
}

struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON: one object a line.")
    var json = false

    /// Prints lines as they are, or as `text` makes of them.
    func show(_ lines: [[UInt8]], as text: () throws -> String) rethrows {
        if json {
            for line in lines { Terminal.out(line + [0x0a]) }
        } else {
            Terminal.out(try text())
        }
    }
}

/// Columns of text, two spaces apart.
struct TextTable {
    private var rows: [[String]]

    init(_ heads: String...) { rows = [heads] }

    mutating func add(_ cells: String...) { rows.append(cells) }

    var text: String {
        var widths = [Int](repeating: 0, count: rows.map(\.count).max() ?? 0)
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) }
        }
        return rows.map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                line += cell
                if index < row.count - 1 { line += String(repeating: " ", count: widths[index] - cell.count + 2) }
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

/// A time in the past: `24h` ago, or ISO 8601.
struct TimeOption: ExpressibleByArgument {
    /// Microseconds since 1970.
    var microseconds: Int64

    init?(argument: String) {
        if let ago = Quantities.duration(argument) {
            microseconds = Int64(Date().timeIntervalSince1970 * 1_000_000) - ago * 1000
        } else if let date = try? Date(argument, strategy: .iso8601) {
            microseconds = Int64(date.timeIntervalSince1970 * 1_000_000)
        } else if let date = try? Date(argument + "T00:00:00Z", strategy: .iso8601) {
            microseconds = Int64(date.timeIntervalSince1970 * 1_000_000)
        } else {
            return nil
        }
    }
}

/// A time to come: `720h` from now, or ISO 8601.
struct ExpiryOption: ExpressibleByArgument {
    /// Microseconds since 1970.
    var microseconds: Int64

    init?(argument: String) {
        let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
        if let wait = Quantities.duration(argument) {
            let (time, overflow) = wait.multipliedReportingOverflow(by: 1000)
            guard !overflow, time < Int64.max / 2 else { return nil }
            microseconds = now + time
        } else if let date = TimeOption(argument: argument), date.microseconds > now {
            microseconds = date.microseconds
        } else {
            return nil
        }
    }
}
