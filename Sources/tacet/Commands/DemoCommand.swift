import ArgumentParser
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Serve the built-in sandbox with a fresh key, to try Tacet without any provider.",
        discussion: """
            Example:
              tacet demo

            It prints a curl that works when pasted. The sandbox is deterministic and says that it is no model; its models:
            echo, slow, long, tools, error-400, error-401, error-429, error-500, error-503, cut, stall.
            """)

    @Option(help: "Data directory. Without it: $XDG_DATA_HOME/tacet-demo.")
    var data: String?

    func run() async throws {
        try Hardening.apply()
        let surroundings = ProcessInfo.processInfo.environment
        // Neither file nor provider: only where to listen may be said, as TACET__LISTEN__API=….
        let file = SettingsFile(path: nil)
        let environment = surroundings.filter {
            !["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"].contains($0.key)
        }
        let settings = try file.read(environment: environment)
        let path = try DataLocation.path(option: data, settings: settings.data, environment: environment, isDemo: true)
        try await Running.serve(
            ServerPlan(
                settings: settings, file: file, environment: environment, data: PlaceOptions.absolute(path),
                isDemo: true))
    }
}
