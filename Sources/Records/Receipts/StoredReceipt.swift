public import Secrets
public import Vocabulary

/// A receipt as the ledger has it, with the names behind its numbers.
public struct StoredReceipt: Sendable {
    public var receipt: Receipt
    public var requestedModel: String?
    public var servedModel: String?
    public var deployment: String?
    /// `nil` when it was not asked for.
    public var proof: ReceiptProof?
}

/// What shows offline that a receipt stands in a signed batch.
public struct ReceiptProof: Equatable, Sendable {
    public var leaf: MerkleHash
    /// `nil` once the receipt was erased: its hash can no longer be matched to anything.
    public var salt: [UInt8]?
    public var index: Int
    public var count: Int
    public var path: [MerkleHash]
    public var head: SignedHead
    public var certificate: NodeCertificate
}

extension StoredReceipt {
    /// One JSON object, no line break. Field names are stable (DESIGN §5).
    public func json() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.id("id", receipt.id)
            json.time("opened_at", receipt.openedAt)
            json.number("organisation", receipt.organisation.value)
            json.id("key", receipt.key)
            if receipt.project != 0 { json.number("project", receipt.project) }
            if receipt.member != 0 { json.number("member", receipt.member) }
            json.text("dialect", receipt.dialect.name)
            json.text("endpoint", receipt.endpoint.template)
            json.text("requested_model", name(of: receipt.requestedModel, requestedModel))
            json.text("served_model", name(of: receipt.servedModel, servedModel))
            json.text("deployment", deployment)
            json.number("status", receipt.status)
            json.text("error", receipt.error.name)
            json.text("completion", receipt.completion.name)
            json.text("category", receipt.category.name)
            json.text("route", receipt.route.name)
            json.text("cache", receipt.cache.name)
            json.text("data_class", receipt.dataClass.name)
            json.number("attempts", receipt.attempts)
            json.flag("estimated", receipt.flags.contains(.estimated))
            json.flag("recovered", receipt.flags.contains(.recovered))
            json.flag("over_hold", receipt.flags.contains(.overHold))
            json.flag("hedged", receipt.flags.contains(.hedged))
            json.text("service_level", receipt.tokens.level.name)
            json.flag("regional", receipt.tokens.isRegional)
            json.object("tokens") { json in
                for kind in UsageClass.allCases { json.number(kind.name, receipt.tokens[kind]) }
                json.number("total_input", receipt.tokens.totalInput)
                json.number("total_output", receipt.tokens.totalOutput)
                json.number("before_compression", receipt.tokensBeforeCompression)
                json.number("after_compression", receipt.tokensAfterCompression)
            }
            json.object("latency") { json in
                json.number("total_us", receipt.totalMicroseconds)
                json.number("first_byte_us", receipt.firstByteMicroseconds)
                json.number("overhead_us", receipt.overheadMicroseconds)
            }
            writeMoney(to: &json)
            json.number("schema", Receipt.schema)
            if let proof { proof.write(to: &json, canonical: receipt.canonicalBytes) }
        }
        return json.bytes
    }

    private func writeMoney(to json: inout JSONWriter) {
        json.number("provider_cost_nano_usd", receipt.providerCost.value)
        json.number("charge_nano_usd", receipt.charge.value)
        json.number("baseline_nano_usd", receipt.baseline.value)
        json.number("saved_nano_usd", receipt.saved.value)
        json.object("saved_by") { json in
            json.number("routing", (receipt.savedByRouting - receipt.savedByRecovery).value)
            json.number("compression", receipt.savedByCompression.value)
            json.number("cache", receipt.savedByCache.value)
            json.number("recovery", receipt.savedByRecovery.value)
        }
        json.number("price_book", receipt.priceBook)
        json.number("tariff", receipt.tariff)
        json.number("tariff_version", receipt.tariffVersion)
        json.text("profile", receipt.profile.name)
        json.number("profile_version", receipt.profileVersion)
        json.number("node", receipt.served.node)
        json.number("epoch", receipt.served.epoch)
        json.number("hold", receipt.hold)
    }

    private func name(of id: ModelID, _ name: String?) -> String? { id == .other ? "other" : name }
}

extension ReceiptProof {
    /// The line an export has for an erased receipt: its leaf still stands in the tree.
    func erasedJSON() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.flag("erased", true)
            write(to: &json, canonical: nil)
        }
        return json.bytes
    }

    func write(to json: inout JSONWriter, canonical: [UInt8]?) {
        json.object("proof") { json in
            if let canonical { json.hex("canonical", canonical) }
            json.hex("leaf", leaf.bytes)
            if let salt { json.hex("salt", salt) }
            json.number("index", index)
            json.number("count", count)
            json.hexes("path", path.map(\.bytes))
            json.hex("head", head.head.canonicalBytes)
            json.hex("signature", head.signature)
            json.hex("node_key", certificate.publicKey)
            json.hex("certificate", certificate.signature)
            json.hex("installation_key", certificate.installationKey)
        }
    }
}
