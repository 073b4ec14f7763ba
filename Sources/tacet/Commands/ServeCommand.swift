import ArgumentParser

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the API and the status page.",
        discussion: """
            Example:
              OPENAI_API_KEY=… tacet serve
              tacet serve --config /etc/tacet.yaml --data /var/lib/tacet

            SIGHUP applies changed providers, models and prices without dropping a request. SIGTERM lets requests end, for
            30 seconds at most; a second one stops at once.
            """)

    @OptionGroup var place: PlaceOptions

    @Flag(
        help: ArgumentHelp(
            "Hold every stream against its dialect's grammar as it leaves.",
            discussion: """
                A stream that breaks a rule goes on as it is. The log gets a `stream_violation` with the rule, the dialect
                and whose events they are (`written` by Tacet or `passed` on from the provider), never a word of the stream;
                /metrics counts them as tacet_stream_violations_total. It costs a second parse of every event.
                """))
    var verifyStreams = false

    func run() async throws {
        try Hardening.apply()
        let file = place.file
        let settings = try place.settings()
        guard file.path != nil || !settings.providers.isEmpty else {
            throw Failure(
                text: """
                    There is no provider. Set OPENAI_API_KEY, or write a file: tacet config example > tacet.yaml
                    To try Tacet without any provider: tacet demo
                    """, code: 2)
        }
        let data = try DataLocation.path(option: place.data, settings: settings.data, environment: place.environment)
        try await Running.serve(
            ServerPlan(
                settings: settings, file: file, environment: place.environment, data: PlaceOptions.absolute(data),
                isDemo: false, verifiesStreams: verifyStreams))
    }
}
