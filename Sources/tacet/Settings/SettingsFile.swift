import Foundation
import Policy
import Vocabulary

/// Finds and reads the settings: `--config`, `TACET_CONFIG`, `./tacet.yaml`, or no file at all (DESIGN §5).
struct SettingsFile {
    /// `nil`: a start from the environment alone.
    var path: String?

    static func find(option: String?, environment: [String: String]) -> SettingsFile {
        if let option { return SettingsFile(path: option) }
        if let named = environment["TACET_CONFIG"], !named.isEmpty { return SettingsFile(path: named) }
        return SettingsFile(path: FileManager.default.fileExists(atPath: "tacet.yaml") ? "tacet.yaml" : nil)
    }

    func read(environment: [String: String]) throws(Mistakes) -> Settings {
        let surroundings = SettingsReader.Surroundings(environment: environment, unreadable: Self.unreadable)
        var tree: SettingNode
        do throws(Mistake) {
            tree = try load()
        } catch {
            throw Mistakes(all: [error])
        }
        tree.overlay(environment)
        return try SettingsReader.read(tree, surroundings)
    }

    /// Only where the data is: a command that makes a key must not fail for a provider's missing variable.
    func data(environment: [String: String]) throws(Mistakes) -> String? {
        do throws(Mistake) {
            var tree = try load()
            tree.overlay(environment)
            guard case .section(let members) = tree.value, let node = members.first(where: { $0.name == "data" })?.node
            else { return nil }
            var reader = SettingsReader(
                SettingsReader.Surroundings(environment: environment, unreadable: Self.unreadable))
            guard let path = reader.path(node, "data") else { throw reader.mistakes[0] }
            return path
        } catch {
            throw Mistakes(all: [error])
        }
    }

    /// Only how the vault is opened, for the same reason.
    func vault(environment: [String: String]) throws(Mistakes) -> Settings.Vault {
        do throws(Mistake) {
            var tree = try load()
            tree.overlay(environment)
            guard case .section(let members) = tree.value, let node = members.first(where: { $0.name == "vault" })?.node
            else { return Settings.Vault() }
            var reader = SettingsReader(
                SettingsReader.Surroundings(environment: environment, unreadable: Self.unreadable))
            let vault = reader.vault(node)
            guard reader.mistakes.isEmpty else { throw reader.mistakes[0] }
            return vault
        } catch {
            throw Mistakes(all: [error])
        }
    }

    /// Only the profile, for the same reason.
    func profile(environment: [String: String]) throws(Mistakes) -> DeploymentPolicy {
        do throws(Mistake) {
            var tree = try load()
            tree.overlay(environment)
            guard case .section(let members) = tree.value,
                let node = members.first(where: { $0.name == "profile" })?.node
            else { return DeploymentPolicy(.strict) }
            var reader = SettingsReader(
                SettingsReader.Surroundings(environment: environment, unreadable: Self.unreadable))
            guard let profile = reader.profile(node), reader.mistakes.isEmpty else { throw reader.mistakes[0] }
            return profile
        } catch {
            throw Mistakes(all: [error])
        }
    }

    private func load() throws(Mistake) -> SettingNode {
        guard let path else { return .empty("environment") }
        if let reason = Self.unreadable(path) {
            throw Mistake(place: .argument(path), text: "the settings file \(reason); allowed: a file that can be read")
        }
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20 else {
            throw Mistake(place: .argument(path), text: "the settings file is too large; allowed: 1 MiB")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Mistake(place: .file(path, line: 1, column: 1), text: "is not UTF-8")
        }
        return try SettingNode.read(yaml: text, file: path)
    }

    /// Why a path cannot be read as a file; `nil` when it can.
    @Sendable static func unreadable(_ path: String) -> String? {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return "does not exist"
        }
        if isFolder.boolValue { return "is a folder" }
        return FileManager.default.isReadableFile(atPath: path) ? nil : "may not be read by this user"
    }
}
