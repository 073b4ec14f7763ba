import ArgumentParser

struct BreakGlassCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "break-glass",
        abstract: "In an emergency: open every verb for 15 minutes to a user whom `operators` does not name.",
        discussion: """
            Example:
              tacet break-glass

            It stands in the audit log, as each act after it does.
            """)

    @OptionGroup var output: JSONOption
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        let lines = try await place.ask(.breakGlass)
        let line = try JSONLine.first(GlassLine.self, in: lines)
        output.show(lines) { "Open to \(line.user) until \(line.until). It stands in the audit log.\n" }
    }
}
