import ArgumentParser

struct BillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sbom",
        abstract: "Print what this program is made of: its packages with their versions, as CycloneDX.",
        discussion: """
            Example:
              tacet sbom > tacet.cdx.json

            The list is from the build itself. A server shows it at /security/sbom.
            """)

    func run() throws {
        guard let json = SoftwareBill.json else { throw Failure(text: "This program was built without its list.") }
        Terminal.out(json)
    }
}
