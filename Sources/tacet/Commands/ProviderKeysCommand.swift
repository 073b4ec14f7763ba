import ArgumentParser
import Foundation
import Glibc
import Vocabulary

struct ProviderKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider-keys",
        abstract: "Keep provider keys in the vault: sealed, masked, replaceable, deletable.",
        discussion: """
            Example:
              tacet provider-keys set openai < key.txt
              tacet provider-keys list
              tacet provider-keys rotate
              tacet provider-keys delete openai

            A provider with `key: vault` in the settings is called with the key stored here. It is sealed with AES-256-GCM
            under a data key, that one under the master key of `vault.master_key`, and opened only to be written into a
            request. There is no way to read it back.
            """,
        subcommands: [Set.self, List.self, Rotate.self, Delete.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store a provider's key, in place of the former one. It is read from standard input.",
            discussion: """
                Example:
                  tacet provider-keys set openai < key.txt
                """)

        @Argument(help: "The provider's name in the settings.")
        var provider: String
        @OptionGroup var whose: RightsCommand.OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(
                .setProviderKey(
                    provider: provider, key: try Self.read(provider), organisation: whose.organisation))
            output.show(lines) { "Stored the key of \(provider). Providers with `key: vault` use it from now on.\n" }
        }

        /// One line; not shown while it is typed.
        private static func read(_ provider: String) throws -> String {
            var former = termios()
            let isTyped = unsafe tcgetattr(STDIN_FILENO, &former) == 0
            if isTyped {
                Terminal.error("Key of \(provider): ")
                var silent = former
                silent.c_lflag &= ~tcflag_t(ECHO)
                unsafe tcsetattr(STDIN_FILENO, TCSANOW, &silent)
            }
            defer {
                if isTyped {
                    unsafe tcsetattr(STDIN_FILENO, TCSANOW, &former)
                    Terminal.error("\n")
                }
            }
            guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                throw Failure(
                    text:
                        "No key was given. It is read from standard input: tacet provider-keys set \(provider) < FILE",
                    code: 2)
            }
            return line.trimmingCharacters(in: .whitespaces)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List stored keys, masked.",
            discussion: """
                Example:
                  tacet provider-keys list --json
                """)

        @OptionGroup var whose: RightsCommand.OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.listProviderKeys(organisation: whose.organisation))
            let keys = try JSONLine.all(ProviderKeyLine.self, in: lines)
            output.show(lines) {
                guard !keys.isEmpty else { return "The vault is empty. Store a key: tacet provider-keys set openai\n" }
                var table = TextTable("PROVIDER", "KEY", "CREATED", "LAST USED")
                for key in keys { table.add(key.provider, key.key, key.created_at, key.last_used_at ?? "–") }
                return table.text
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Seal every stored key anew under a fresh data key, or wrap the data keys under a fresh master key.",
            discussion: """
                Example:
                  tacet provider-keys rotate
                  tacet provider-keys rotate --master

                --master is for a master key in a file. One of the environment or a command is changed there, with the
                former one in vault.previous_master_key. A rotation that is cut short is ended by the next start.
                """)

        @Flag(help: "Rotate the master key.")
        var master = false
        @OptionGroup var whose: RightsCommand.OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.rotateProviderKeys(master: master, organisation: whose.organisation))
            output.show(lines) {
                master
                    ? "Every data key is wrapped under a fresh master key.\n"
                    : "Every key is sealed under a fresh data key.\n"
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a stored key at once.",
            discussion: """
                Example:
                  tacet provider-keys delete openai
                """)

        @Argument(help: "The provider's name.")
        var provider: String
        @OptionGroup var whose: RightsCommand.OrganisationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var place: PlaceOptions

        func run() async throws {
            let lines = try await place.ask(.deleteProviderKey(provider: provider, organisation: whose.organisation))
            output.show(lines) { "Deleted the key of \(provider).\n" }
        }
    }
}
