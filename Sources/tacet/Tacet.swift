import ArgumentParser
import Glibc

/// The command line. Exit codes: 0 done, 1 failed, 2 asked in a wrong way (DESIGN §5).
@main
struct Tacet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tacet",
        abstract: "An AI gateway that keeps silent: it routes and meters, and stores no word.",
        discussion: """
            Start in a minute:
              tacet demo                                   try it without any provider
              OPENAI_API_KEY=… tacet serve                 serve without a file
              tacet config example > tacet.yaml            or with one
              tacet keys create --name my-app --budget 20  a key for an application
            """,
        version: Version.text,
        subcommands: [
            ServeCommand.self, DemoCommand.self, AuditCommand.self, KeysCommand.self, ProviderCommand.self,
            PricesCommand.self, ReceiptsCommand.self, LedgerCommand.self, BudgetsCommand.self, AlertsCommand.self,
            ConfigCommand.self, DoctorCommand.self,
            PolicyCommand.self, ProviderKeysCommand.self, AuditLogCommand.self, CompressCommand.self,
            RouterCommand.self, SavingsCommand.self, RightsCommand.self, IncidentCommand.self, CanaryCommand.self,
            BillCommand.self, BreakGlassCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            Terminal.error("tacet: \(failure.text)\n")
            Glibc.exit(failure.code)
        } catch let mistakes as Mistakes {
            Terminal.error("\(mistakes)\n")
            Glibc.exit(2)
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code == .success {
                Terminal.out(text + "\n")
                Glibc.exit(0)
            }
            if !text.isEmpty { Terminal.error(text + "\n") }
            Glibc.exit(code == .validationFailure ? 2 : 1)
        }
    }
}
