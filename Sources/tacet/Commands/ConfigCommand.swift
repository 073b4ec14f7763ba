import ArgumentParser

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print an example of the settings, check them, or apply changed ones.",
        discussion: """
            Example:
              tacet config example > tacet.yaml
              tacet config check
              tacet config reload
            """,
        subcommands: [Example.self, Check.self, Reload.self])

    struct Example: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every setting, commented.",
            discussion: """
                Example:
                  tacet config example > tacet.yaml
                """)

        func run() { Terminal.out(SettingsExample.text) }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the settings and tell every mistake with file, line and column.",
            discussion: """
                Example:
                  tacet config check --config /etc/tacet.yaml

                Exit code 2 when there is a mistake.
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        struct Line: Codable {
            var ok: Bool
            var mistakes: [String]
        }

        func run() throws {
            let file = place.file
            do throws(Mistakes) {
                let settings = try place.settings()
                try check(settings, data: try? place.dataPath())
            } catch {
                if output.json {
                    Terminal.out(JSONLine.of(Line(ok: false, mistakes: error.all.map(\.description))) + [0x0a])
                    throw ExitCode(2)
                }
                throw error
            }
            output.show([JSONLine.of(Line(ok: true, mistakes: []))]) {
                "\(file.path ?? "The environment") is as it should be.\n"
            }
        }

        /// Aliases against the price book: what `serve` would refuse later.
        private func check(_ settings: Settings, data: String?) throws(Mistakes) {
            do throws(Failure) {
                let book = try Routes.book(data: data)
                let deployments = Routes.deployments(settings, sandboxPort: 1, book: book)
                _ = try Routes.table(settings, deployments: deployments, book: book)
                _ = try ProviderKeys.store(settings.providers, environment: place.environment)
            } catch {
                throw Mistakes(all: [Mistake(place: .argument(place.file.path ?? "environment"), text: error.text)])
            }
        }
    }

    struct Reload: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the running server apply its changed settings, without dropping a request.",
            discussion: """
                Example:
                  tacet config reload

                Providers, models and pricing change at once; the answer names what needs a restart.
                """)

        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.reload)
            try output.show(lines) {
                let report = try JSONLine.first(Reloader.Report.self, in: lines)
                let rest = report.needs_restart
                return "Reloaded: \(report.providers) providers."
                    + (rest.isEmpty ? "\n" : " A restart is needed for: \(rest.joined(separator: ", ")).\n")
            }
        }
    }
}
