import ArgumentParser
import Console
import Vocabulary

struct ProviderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "List the configured providers and whether each answers.",
        discussion: """
            Example:
              tacet provider
              tacet provider list --json
              tacet provider facts

            Each is asked for its models, with its key.
            """,
        subcommands: [List.self, Facts.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the configured providers and whether each answers.",
            discussion: """
                Example:
                  tacet provider list --json
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        struct Line: Codable {
            var name: String
            var dialect: String
            var base_url: String
            var key: String
            var free: Bool
            var health: String
            var status: Int?
            var microseconds: Int64?
        }

        func run() async throws {
            let settings = try place.settings()
            var probe = ProviderProbe(
                roots: settings.upstreamRoots, environment: place.environment,
                register: Routes.recipients(settings, sandboxPort: nil))
            if settings.providers.contains(where: { $0.key == .vault }) {
                let installation = try Installation.open(try place.dataPath())
                let vault = installation.vault(settings.vault, environment: place.environment)
                try vault.openIfUsed()
                probe.vault = vault.snapshot
            }
            var lines: [Line] = []
            for provider in settings.providers {
                let result = await probe.ask(provider)
                lines.append(
                    Line(
                        name: provider.name, dialect: provider.dialect.name.description, base_url: provider.base.text,
                        key: provider.key.text, free: provider.isFree, health: result.health.rawValue,
                        status: result.status, microseconds: result.microseconds))
            }
            output.show(lines.map { JSONLine.of($0) }) {
                guard !lines.isEmpty else { return "No provider is configured. The sandbox is always there.\n" }
                var table = TextTable("NAME", "DIALECT", "ADDRESS", "KEY", "ANSWERS", "STATUS", "TOOK")
                for line in lines {
                    table.add(
                        line.name, line.dialect, line.base_url, line.key, line.health.replacing("_", with: " "),
                        line.status.map(String.init) ?? "–", line.microseconds.map { "\($0 / 1000) ms" } ?? "–")
                }
                return table.text
            }
            let asked = lines.filter { $0.health != ProviderStatus.Health.notAsked.rawValue }
            if asked.contains(where: { $0.health != ProviderStatus.Health.answers.rawValue }) { throw ExitCode(1) }
        }
    }
}
