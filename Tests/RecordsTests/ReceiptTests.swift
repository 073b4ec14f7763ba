import Foundation
import Secrets
import Testing
import Vocabulary

@testable import Records

@Suite struct ReceiptTests {
    private func filled(_ count: Int) async throws -> Installation {
        let home = try Installation()
        try CatalogueNames(home.ledger).learn(
            models: [(ModelID(stableNumber(of: "openai/gpt".utf8)), "openai/gpt")],
            deployments: [(DeploymentID(stableNumber(of: "openai".utf8)), "openai")])
        try home.write(segmentBytes(epoch: 1, (1...count).map { closed($0) }, room: 64), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        return home
    }

    @Test func fieldNamesAndValuesAreStable() async throws {
        let home = try await filled(3)
        let stored = try #require(try home.store.receipt(requestID(2)))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(stored.json())) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "id", "opened_at", "organisation", "key", "dialect", "endpoint", "requested_model", "served_model",
                "deployment", "status", "error", "completion", "category", "route", "cache", "data_class", "attempts",
                "estimated", "recovered", "over_hold", "hedged", "service_level", "regional", "tokens", "latency",
                "provider_cost_nano_usd",
                "charge_nano_usd", "baseline_nano_usd", "saved_nano_usd", "saved_by", "price_book", "tariff",
                "tariff_version", "profile", "profile_version", "node", "epoch", "hold", "schema", "proof",
            ])
        #expect(object["opened_at"] as? String == "2023-11-14T22:13:20.000002Z")
        #expect(object["key"] as? String == "key_0000000000007")
        #expect(object["served_model"] as? String == "openai/gpt")
        #expect(object["deployment"] as? String == "openai")
        #expect(object["charge_nano_usd"] as? Int == 100)
        let tokens = try #require(object["tokens"] as? [String: Int])
        #expect(tokens["input"] == 11 && tokens["output"] == 22 && tokens["total_input"] == 11)
        #expect(Set(UsageClass.allCases.map { "\($0.name)" }).isSubset(of: tokens.keys))
        #expect(try home.store.receipt(requestID(99)) == nil)
    }

    @Test func listsAreNewestFirstAndNarrowed() async throws {
        let home = try await filled(10)
        let model = ModelID(stableNumber(of: "openai/gpt".utf8))
        #expect(try home.store.list(.init(limit: 3)).map(\.receipt.id) == [10, 9, 8].map { requestID($0) })
        #expect(try home.store.list(.init(key: KeyID(8))).isEmpty)
        #expect(try home.store.list(.init(model: ModelID(1))).isEmpty)
        #expect(try home.store.list(.init(key: KeyID(7), model: model, organisation: .home)).count == 10)
        let since = Moment(microseconds: 1_700_000_000_000_008)
        #expect(try home.store.list(.init(since: since)).count == 3)
        #expect(try home.store.list(.init(until: since)).count == 7)
    }

    /// One receipt alone is checked without the others, and no byte of it can change.
    @Test func everyChangedByteOfAnExportedReceiptIsFound() async throws {
        let home = try await filled(5)
        let line = try #require(try home.exported().dropFirst(2).first)
        var verifier = ReceiptVerifier(installationKey: home.installationKey)
        #expect(verifier.add(line: line) == .ok(requestID(3)))
        #expect(verifier.summary == .init(ok: 1, missing: 4))
        for position in line.indices {
            for mask: UInt8 in [0x01, 0x20] {
                var changed = line
                changed[position] ^= mask
                var fresh = ReceiptVerifier(installationKey: home.installationKey)
                if case .ok = fresh.add(line: changed) { Issue.record("byte \(position) changed unseen") }
                if position % 4 != 0 { break }
            }
        }
        var stranger = ReceiptVerifier(installationKey: home.identity.certificate.publicKey)
        #expect(stranger.add(line: line) == .bad(.signature))
    }

    @Test func erasedIsToldFromMissing() async throws {
        let home = try await filled(6)
        let before = try home.exported()
        let canonical = Data(receipt(2).canonicalBytes)
        let files = ["", "-wal"].map { URL(fileURLWithPath: home.directory.ledgerPath + $0) }
        #expect(try files.contains { try Data(contentsOf: $0).range(of: canonical) != nil })
        #expect(try home.store.erase([requestID(2), requestID(5), requestID(77)]) == 2)
        #expect(try home.store.receipt(requestID(2)) == nil)
        // Not in free pages nor in the write-ahead log either.
        #expect(try !files.contains { try Data(contentsOf: $0).range(of: canonical) != nil })
        let after = try home.exported()
        var verifier = ReceiptVerifier(installationKey: home.installationKey)
        let verdicts = after.map { verifier.add(line: $0) }
        #expect(verdicts[1] == .erased && verdicts[4] == .erased)
        #expect(verifier.summary == .init(ok: 4, erased: 2))
        #expect(!String(decoding: after[1], as: UTF8.self).contains("salt"))
        // A line left out is missing; a line without its proof says so.
        var cut = ReceiptVerifier(installationKey: home.installationKey)
        for line in after.dropLast() { _ = cut.add(line: line) }
        #expect(cut.summary == .init(ok: 3, erased: 2, missing: 1))
        let bare = try home.store.list(.init(limit: 1))[0].json()
        #expect(cut.add(line: bare) == .missingProof)
        #expect(cut.add(line: Array("{".utf8)) == .bad(.malformed))
        // An erased leaf cannot be passed off for a receipt of the same batch, nor the other way round.
        let swapped = String(decoding: before[1], as: UTF8.self).replacingOccurrences(
            of: "{\"id\"", with: "{\"erased\":true,\"id\"")
        #expect(cut.add(line: Array(swapped.utf8)) == .bad(.content))
        // Charges stay counted: a budget is not refilled by erasing.
        #expect(try GatewayKeyStore(home.ledger).spent()[KeyID(7)] == NanoUSD(600))
    }

    @Test func aChainThatForksOrSkipsIsSeen() async throws {
        let home = try await filled(2)
        try home.write(segmentBytes(epoch: 1, (1...4).map { closed($0) }, room: 64), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        try home.write(segmentBytes(epoch: 1, (1...5).map { closed($0) }, room: 64), epoch: 1)
        try await home.drainer(epoch: 1).drainNow()
        let lines = try home.exported()
        var whole = ReceiptVerifier(installationKey: home.installationKey)
        for line in lines { _ = whole.add(line: line) }
        #expect(whole.summary == .init(ok: 5))
        var skipping = ReceiptVerifier(installationKey: home.installationKey)
        for line in lines[..<2] + lines[4...] { _ = skipping.add(line: line) }
        #expect(skipping.summary == .init(ok: 3, missingHeads: 1))
        // The same node signs another history.
        let forged = try home.identity.sign(
            MerkleHead(
                served: NodeEpoch(node: 1, epoch: 1), index: 1, firstSequence: 9, lastSequence: 9, leafCount: 1,
                root: MerkleTree([
                    Merkle.leaf(schema: 1, salt: [UInt8](repeating: 1, count: 32), content: receipt(9).canonicalBytes)
                ]).root,
                previous: .zero, at: Moment(microseconds: 1)))
        let stored = StoredReceipt(
            receipt: receipt(9), requestedModel: nil, servedModel: nil, deployment: nil,
            proof: ReceiptProof(
                leaf: Merkle.leaf(
                    schema: 1, salt: [UInt8](repeating: 1, count: 32), content: receipt(9).canonicalBytes),
                salt: [UInt8](repeating: 1, count: 32), index: 0, count: 1, path: [], head: forged,
                certificate: home.identity.certificate))
        #expect(whole.add(line: stored.json()) == .bad(.chain))
    }
}
