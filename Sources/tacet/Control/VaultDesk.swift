import Accounts
import Records
import Secrets
import Vocabulary

/// The verbs of `tacet provider-keys`.
extension Desk {
    func setProviderKey(_ provider: String, _ text: String, _ organisation: OrganisationID) -> DeskReply {
        var key = Array(text.utf8)
        guard SettingsReader.isName(provider), provider != "sandbox" else {
            wipe(&key)
            return .failed("A provider is named by up to 32 of a-z, 0-9, `-` and `_`, as in the settings.", code: 2)
        }
        let deployment = DeploymentID(stableNumber(of: provider.utf8))
        return answer { vault throws(VaultRefusal) in
            let row = try vault.set(&key, for: deployment, of: organisation, at: .now)
            do throws(StorageFault) {
                try names.learn(models: [], deployments: [(deployment, provider)])
            } catch {
                throw .storage(error)
            }
            return [JSONLine.of(ProviderKeyLine(row, name: provider))]
        }
    }

    func listProviderKeys(_ organisation: OrganisationID) -> DeskReply {
        answer { vault throws(VaultRefusal) in
            let known: [DeploymentID: String]
            do throws(StorageFault) {
                known = try names.deployments()
            } catch {
                throw .storage(error)
            }
            return try vault.list(organisation).map { JSONLine.of(ProviderKeyLine($0, name: known[$0.deployment])) }
        }
    }

    func deleteProviderKey(_ provider: String, _ organisation: OrganisationID) -> DeskReply {
        answer { vault throws(VaultRefusal) in
            let deployment = DeploymentID(stableNumber(of: provider.utf8))
            guard try vault.delete(deployment, of: organisation, at: .now) else { return nil }
            return [JSONLine.of(ProviderKeyRotation(provider: provider, deleted: true))]
        }
    }

    func rotateProviderKeys(master: Bool, _ organisation: OrganisationID) -> DeskReply {
        answer { vault throws(VaultRefusal) in
            if master {
                try vault.rotateMaster()
                return [JSONLine.of(ProviderKeyRotation(rotated: "master_key"))]
            }
            let sealed = try vault.rotateDataKey(of: organisation, at: .now)
            return [JSONLine.of(ProviderKeyRotation(rotated: "data_key", keys: sealed))]
        }
    }

    /// `nil` of the body: there is no such key.
    private func answer(_ body: (Vault) throws(VaultRefusal) -> [[UInt8]]?) -> DeskReply {
        let opened: Vault
        do throws(Failure) {
            opened = try vault.vault()
        } catch {
            return .failed(error.text, code: error.code)
        }
        do throws(VaultRefusal) {
            guard let lines = try body(opened) else {
                return .failed("The vault has no key of this provider. `tacet provider-keys list` shows those it has.")
            }
            return DeskReply(lines: lines)
        } catch {
            return .failed(VaultText.of(error))
        }
    }
}

/// A stored provider key as its owner sees it.
struct ProviderKeyLine: Codable, Equatable {
    var id: String
    var provider: String
    /// `…` and the last four characters.
    var key: String
    var created_at: String
    /// To five minutes.
    var last_used_at: String?

    init(_ row: SealedKeyRow, name: String?) {
        id = "pk_" + String(row.id, radix: 16)
        provider = name ?? "?"
        key = "…" + row.shown
        created_at = row.createdAt.text
        last_used_at = row.lastUsedAt?.text
    }
}

/// What `provider-keys rotate` and `delete` answer.
struct ProviderKeyRotation: Codable, Equatable {
    var provider: String?
    var deleted: Bool?
    var rotated: String?
    /// Sealed anew.
    var keys: Int?
}
