import Foundation
import Metering
import NIOCore
import NIOPosix
import Planning
import Secrets
import Synchronization
import Vocabulary

@testable import Relay

/// A gateway in front of a scripted provider, with doors made of memory.
final class Stand: Sendable {
    static let key = String(decoding: GatewayKey.text(.live, secret: Array(repeating: 0x41, count: 32)), as: UTF8.self)

    let gateway: Gateway
    let provider: ScriptedProvider
    let purse: CountingPurse
    let directory: String

    init(
        limits: RelayLimits = RelayLimits(), candidates: Int = 1, sharesOneRank: Bool = false,
        dialect: Dialect = .openAI,
        bodyBudget: Int = 64 << 20, verifiesStreams: Bool = false, pageOrigins: [[UInt8]] = [],
        log: any EventLog = NoLog(),
        _ script: @escaping @Sendable (Int, String) -> [ScriptedProvider.Step]
    ) async throws {
        provider = try await ScriptedProvider(script)
        purse = CountingPurse()
        directory = FileManager.default.temporaryDirectory.appending(path: "tacet-stand-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let names = (0..<candidates).map { Array("p\($0)".utf8) }
        let port = provider.port
        let deployments = names.map { name in
            Deployment(
                id: DeploymentID(stableNumber(of: name)), name: name, dialect: dialect, host: Array("127.0.0.1".utf8),
                port: port, isTLS: false, basePath: Array("/v1".utf8), pricing: .free, hasKey: true, isSandbox: false)
        }
        let targets = names.enumerated().map { index, name in
            AliasTarget(name + Array("/model".utf8), rank: sharesOneRank ? 0 : index)
        }
        let table = try RoutingTable(
            deployments: deployments,
            aliases: [(name: Array("fast".utf8), targets: targets)],
            book: PriceBook(Array("tacet-prices 1 20261101\n".utf8).span), unknownPrice: .refuse)
        let hasher = KeyHasher(pepper: SecretBytes(copying: Array(repeating: 7, count: 32).span))
        let digest = hasher.digest(of: Array(Self.key.utf8).span)
        var settings = RelaySettings(
            host: "127.0.0.1", port: 0, tls: nil, limits: limits, eventLoops: 1, profile: PolicyProfile(.strict),
            served: NodeEpoch(node: 1, epoch: 1), bodyBudget: bodyBudget, trustRoots: nil,
            verifiesStreams: verifiesStreams)
        settings.pageOrigins = pageOrigins
        let doors = RelayDoors(
            keys: StandKeys(digest), purse: purse, credentials: StandCredentials(), egress: StandEgress(), log: log,
            hasher: hasher, receipt: { _, _ in nil })
        gateway = try await Gateway.start(
            settings, routing: RoutingSnapshot(table: table, tariff: .atCost, priceBook: 20_261_101),
            journalDirectory: directory, doors: doors)
    }

    func stop() async {
        _ = await gateway.drain(deadlineMilliseconds: 0)
        await provider.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The receipts in the journal, in order.
    func receipts() throws -> [Receipt] {
        var found: [Receipt] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
            let data = try Data(contentsOf: URL(filePath: directory).appending(path: name))
            let bytes = Array(data)
            var offset = MappedSegment.headerLength
            while case .record(let kind, _, let payload, let length) = unsafe JournalRecord.frame(
                bytes.span.bytes, at: offset)
            {
                let start = offset + JournalRecord.headerLength
                let content = unsafe bytes.span.bytes.extracting(start..<start + payload)
                if kind == Receipt.kind, let receipt = Receipt(payload: content) { found.append(receipt) }
                offset += length
            }
        }
        return found
    }

    static func request(
        _ body: String, path: String = "/v1/chat/completions", key: String = Stand.key, head: String = ""
    ) -> String {
        "POST \(path) HTTP/1.1\r\nHost: tacet\r\nAuthorization: Bearer \(key)\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(head)\r\n\(body)"
    }
}

private final class StandKeys: KeyDirectory {
    private let digest: KeyDigest
    let version: UInt64 = 1

    init(_ digest: KeyDigest) { self.digest = digest }

    func grant(for digest: KeyDigest) -> KeyGrant? {
        guard digest == self.digest else { return nil }
        return KeyGrant(key: KeyID(1), organisation: .home, environment: .live, isRevoked: false, expiresAt: nil)
    }

    func isLive(_ key: KeyID) -> Bool { true }
    let isStale = false
}

/// Knows what is held and what was settled.
final class CountingPurse: Purse {
    let holds = Atomic<Int>(0)
    let settled = Atomic<Int>(0)

    let watchesDeployments = false

    func admit(_ payer: Payer, at now: Moment) -> Admission { .admitted(nil) }

    func leave(_ payer: Payer) {}

    let limitsCalls = false

    func take(_ ask: TurnAsk, for waiter: any TurnWaiter, at now: Moment) -> TurnAnswer { .admitted(Allowance()) }

    func giveUp(_ number: UInt64) {}

    func endCall(to deployment: DeploymentID) {}

    func hold(_ ask: HoldAsk, at now: Moment) -> HoldAnswer {
        .held(
            Hold(
                number: UInt64(holds.add(1, ordering: .relaxed).newValue), amount: ask.amount, tokens: ask.tokens))
    }

    func extend(_ hold: inout Hold, by amount: NanoUSD, at now: Moment) -> HoldDenial? { nil }

    func settle(_ hold: Hold, charge: NanoUSD, tokens: Int64, at now: Moment) {
        settled.add(1, ordering: .relaxed)
    }

    func balance(of payer: Payer, at now: Moment) -> PurseBalance {
        PurseBalance(billing: .none, available: nil, budgets: [], allowance: Allowance())
    }
}

private final class StandCredentials: Credentials {
    func withKey(
        of deployment: DeploymentID, for organisation: OrganisationID, _ body: (Span<UInt8>) -> Void
    ) -> Bool {
        body(Array("sk-provider-secret-key".utf8).span)
        return true
    }
}

private final class StandEgress: Egress {
    func allows(host: String, port: Int, dataClass: DataClass) -> Bool { host == "127.0.0.1" }
}
