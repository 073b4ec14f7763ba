import ArgumentParser
import AuditEngine
import Console
import Foundation
import Glibc
import Vocabulary

/// The free audit: no account, no server, nothing leaves the machine (AX-1, AX-2).
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Read usage exports and agent logs; show what was spent, on what, and what of it was waste.",
        discussion: """
            Formats are told by their content: cost and usage exports of OpenAI, Anthropic, Google, Azure, OpenRouter, DeepSeek and
            Cursor, logs of LiteLLM, Helicone, Langfuse and Portkey, sessions of Claude Code and Codex, any CSV or JSON with usual
            column names. Folders, gzip and ZIP are opened. Nothing is sent anywhere and nothing is kept. The report speaks
            English, German, French, Spanish, Chinese or Japanese, by LC_ALL, LC_MESSAGES or LANG; its JSON and CSV do not change.

            Example:
              tacet audit ~/.claude/projects ~/.codex
              tacet audit usage.csv cost.csv --html report.html
              zcat log.jsonl.gz | tacet audit - --by key --json
            """)

    enum By: String, CaseIterable, ExpressibleByArgument {
        case model, key, project, user, day, hour, tier

        var dimension: AuditDimension { AuditDimension.allCases[Self.allCases.firstIndex(of: self) ?? 0] }
    }

    @Argument(help: "Files and folders; `-` is standard input.")
    var files: [String]
    @Flag(help: "Print the whole report as one JSON object.")
    var json = false
    @Flag(help: "Print the tables as CSV.")
    var csv = false
    @Option(help: "Write the report as a page of its own into this file.")
    var html: String?
    @Option(help: "Leave out what is older: a date, a time (ISO 8601) or a duration such as 720h.")
    var since: TimeOption?
    @Option(help: "What the table shows: model, key, project, user, day, hour or tier.")
    var by: By = .model
    @Option(help: "What a column of an unknown table means, as `column=meaning`: time, model, input, output, cost, …")
    var map: [String] = []

    func validate() throws {
        if files.isEmpty { throw ValidationError("Name a file or a folder.") }
        if json && csv { throw ValidationError("--json and --csv exclude each other.") }
        for entry in map {
            guard let equals = entry.lastIndex(of: "=") else {
                throw ValidationError("--map takes `column=meaning`; `\(entry)` has no `=`.")
            }
            let meaning = entry[entry.index(after: equals)...]
            guard AuditOptions.meanings.contains(String(meaning)) else {
                throw ValidationError(
                    "--map: `\(meaning)` is no meaning; these are: \(AuditOptions.meanings.joined(separator: ", ")).")
            }
        }
    }

    func run() throws {
        var options = AuditOptions()
        options.since = since.map { Moment(microseconds: $0.microseconds) }
        options.today = Moment(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        options.columns = map.map { entry in
            let equals = entry.lastIndex(of: "=") ?? entry.startIndex
            return (Array(entry[..<equals].utf8), Array(entry[equals...].dropFirst().utf8))
        }
        let sources = try AuditSources(files)
        options.severalFiles = sources.count > 1
        var system = SystemRandomNumberGenerator()
        let key = AuditKey(low: system.next(), high: system.next())
        var run = AuditRun(
            engine: AuditEngine(book: try Routes.book(), key: key, options: options), total: sources.bytes)
        try run.read(sources)
        let report = run.engine.report()
        let language = Language(environment: ProcessInfo.processInfo.environment)
        let text = AuditText(language)
        run.endProgress()
        guard report.isReadable else {
            throw Failure(text: text.nothingReadable(report), code: 2)
        }
        if let html { try write(report.html(language.catalogue), to: html) }
        if json {
            // Scripts read it: it does not change with the environment.
            Terminal.out(report.json(Language.english.catalogue))
        } else if csv {
            Terminal.out(report.csv())
        } else {
            Terminal.out(text.text(report, by: by.dimension))
            if let html { Terminal.out(html + "\n") }
        }
    }

    private func write(_ page: [UInt8], to path: String) throws {
        do {
            try Data(page).write(to: URL(fileURLWithPath: path))
        } catch {
            throw Failure(text: "The report cannot be written to \(path).")
        }
    }
}
