import Accounts
import Foundation
import Records
import Secrets
import Synchronization
import Vocabulary

/// The vault of a data directory, opened when it is first needed: who stores no key needs no master key.
final class VaultDoor: Sendable {
    private let installation: (ledger: Ledger, keysPath: String, own: ErasableKeys)
    private let settings: Settings.Vault
    private let environment: [String: String]
    private let opened = Mutex<Vault?>(nil)

    init(
        _ ledger: Ledger, _ directory: DataDirectory, _ own: ErasableKeys, _ settings: Settings.Vault,
        environment: [String: String]
    ) {
        installation = (ledger, directory.keysPath, own)
        self.settings = settings
        self.environment = environment
    }

    /// What the data plane reads keys from; `nil` while nothing was stored.
    var snapshot: VaultSnapshot? { opened.withLock { $0?.snapshot } }

    /// The vault; makes the master key when it is the data directory's own and there is none yet.
    func vault() throws(Failure) -> Vault {
        try opened.withLock { opened throws(Failure) in
            if let vault = opened { return vault }
            let source = try source()
            do throws(VaultRefusal) {
                let vault = try Vault(installation.ledger, source, installation.own)
                opened = vault
                return vault
            } catch {
                throw Failure(text: VaultText.of(error))
            }
        }
    }

    /// Opens a vault that holds anything, so that a wrong master key fails the start and not a request.
    func openIfUsed() throws(Failure) {
        let isUsed: Bool
        do throws(StorageFault) {
            isUsed = try Vault.isUsed(installation.ledger)
        } catch {
            throw Failure(text: FaultText.of(error))
        }
        if isUsed { _ = try vault() }
    }

    /// After stored keys went another way than through the vault.
    func refresh() { try? opened.withLock { $0 }?.refresh() }

    func noteUse(at now: Moment) { try? opened.withLock { $0 }?.noteUse(at: now) }

    private func source() throws(Failure) -> MasterSource {
        switch settings.master {
        case .directory: return .file(MasterKeyFile(installation.keysPath + "/master"), makes: true)
        case .file(let path): return .file(MasterKeyFile(path), makes: false)
        case .environment, .command:
            let previous = try settings.previous.map { source throws(Failure) in try key(source) }
            return .given(try key(settings.master), previous: previous)
        }
    }

    private func key(_ source: Settings.MasterSource) throws(Failure) -> MasterKey {
        var text: [UInt8]
        switch source {
        case .environment(let name): text = Array((environment[name] ?? "").utf8)
        case .command(let words): text = try Self.output(of: words)
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path), data.count <= 128 else {
                throw Failure(text: VaultText.of(.vault(.badMaster)))
            }
            text = Array(data)
        case .directory: throw Failure(text: VaultText.of(.noMaster))
        }
        do throws(VaultFault) {
            return try MasterKey(reading: &text)
        } catch {
            throw Failure(text: VaultText.of(.vault(error)))
        }
    }

    /// What a program prints, within ten seconds. Its arguments are the operator's own words; no shell reads them.
    private static func output(of words: [String]) throws(Failure) -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        let failure = Failure(text: VaultText.of(.vault(.commandFailed)))
        do {
            try process.run()
        } catch {
            throw failure
        }
        let end = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + 10, execute: end)
        let printed = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        end.cancel()
        guard process.terminationStatus == 0, process.terminationReason == .exit, printed.count <= 128 else {
            throw failure
        }
        return Array(printed)
    }
}

/// What a refusal of the vault means to the person at the terminal.
enum VaultText {
    static func of(_ refusal: VaultRefusal) -> String {
        switch refusal {
        case .storage(let fault): FaultText.of(fault)
        case .keyFile(.openToOthers): "The file of the vault's master key may be read by others. Set its mode to 0600."
        case .keyFile(let fault): "The file of the vault's master key cannot be used (\(fault.name))."
        case .vault(.otherMaster):
            """
            The vault was sealed under another master key than vault.master_key names. Put the right one back; to move to a \
            new one, name the former in vault.previous_master_key. Nothing was changed.
            """
        case .vault(.badMaster):
            "The vault's master key is no key: 32 bytes, 64 hexadecimal digits, or base64 of 32 bytes. Make one: openssl rand -hex 32"
        case .vault(.commandFailed): "The command of vault.master_key did not print a key and exit with 0."
        case .vault(.damaged), .vault:
            "A cell of the vault does not open: it was changed, or stands in another's place. Nothing was changed."
        case .noMaster:
            "The file of vault.master_key does not exist. Make one: (umask 077; openssl rand -hex 32 > FILE)"
        case .lostMaster:
            "The file of the master key is gone, and the vault is sealed under it. Put it back from where it is kept; nothing was changed."
        case .masterIsGiven:
            """
            The master key comes from the environment or a command and is changed there: name the new one in \
            vault.master_key and the former in vault.previous_master_key, and start again.
            """
        case .badKey: "A provider key is one line of 4 to 8192 bytes of visible ASCII."
        }
    }
}
