/// Canonical bytes of a receipt: every field in the order below, fixed width, little-endian, no padding. These bytes are
/// what the journal carries, the store keeps and the Merkle leaf digests.
extension Receipt {
    /// The length of schema 1 in bytes.
    public static let encodedLength = 352

    public var canonicalBytes: [UInt8] {
        [UInt8](writing: Self.encodedLength) { out in encode(into: &out) }
    }

    public func encode(into out: inout OutputRawSpan) {
        out.put(Self.schema)
        out.put(id.high)
        out.put(id.low)
        out.put(served.node)
        out.put(served.epoch)
        out.put(hold)
        out.put(openedAt.microseconds)
        out.put(organisation.value)
        out.put(project)
        out.put(member)
        out.put(key.value)
        for index in 0..<4 { out.put(tags[index]) }
        out.put(dialect.rawValue)
        out.put(endpoint.rawValue)
        out.put(deployment.value)
        out.put(providerAccount)
        out.put(requestedModel.value)
        out.put(servedModel.value)
        out.put(status)
        out.put(error.rawValue)
        out.put(completion.rawValue)
        out.put(category.rawValue)
        out.put(route.rawValue)
        out.put(cache.rawValue)
        out.put(dataClass.rawValue)
        out.put(attempts)
        out.put(flagByte)
        for index in 0..<UsageClass.count { out.put(tokens[at: index]) }
        out.put(tokensBeforeCompression)
        out.put(tokensAfterCompression)
        out.put(totalMicroseconds)
        out.put(firstByteMicroseconds)
        out.put(overheadMicroseconds)
        out.put(providerCost.value)
        out.put(charge.value)
        out.put(baseline.value)
        out.put(savedByRouting.value)
        out.put(savedByCompression.value)
        out.put(savedByCache.value)
        out.put(priceBook)
        out.put(tariff)
        out.put(tariffVersion)
        out.put(profile.rawValue)
        out.put(profileVersion)
    }

    /// Reads canonical bytes; `nil` for a wrong length, an unknown schema or a value outside its closed set.
    public init?(canonicalBytes bytes: RawSpan) {
        guard bytes.byteCount == Self.encodedLength else { return nil }
        var reader = ByteReader()
        guard reader.take(bytes, as: UInt16.self) == Self.schema else { return nil }
        let id = RequestID(high: reader.take(bytes), low: reader.take(bytes))
        let served = NodeEpoch(node: reader.take(bytes), epoch: reader.take(bytes))
        let hold: UInt64 = reader.take(bytes)
        let openedAt = Moment(microseconds: reader.take(bytes))
        let organisation = OrganisationID(reader.take(bytes))
        let project: UInt64 = reader.take(bytes)
        let member: UInt64 = reader.take(bytes)
        let key = KeyID(reader.take(bytes))
        var tags: [4 of UInt32] = .init(repeating: 0)
        for index in 0..<4 { tags[index] = reader.take(bytes) }
        guard let dialect = Dialect(rawValue: reader.take(bytes)), let endpoint = Endpoint(rawValue: reader.take(bytes))
        else {
            return nil
        }
        self.init(
            id: id, served: served, openedAt: openedAt, organisation: organisation, key: key, dialect: dialect,
            endpoint: endpoint)
        self.hold = hold
        self.project = project
        self.member = member
        self.tags = tags
        deployment = DeploymentID(reader.take(bytes))
        providerAccount = reader.take(bytes)
        requestedModel = ModelID(reader.take(bytes))
        servedModel = ModelID(reader.take(bytes))
        status = reader.take(bytes)
        guard let error = ErrorCode(rawValue: reader.take(bytes)),
            let completion = Completion(rawValue: reader.take(bytes)),
            let category = TaskCategory(rawValue: reader.take(bytes)),
            let route = RouteReason(rawValue: reader.take(bytes)),
            let cache = CacheOutcome(rawValue: reader.take(bytes)),
            let dataClass = DataClass(rawValue: reader.take(bytes))
        else { return nil }
        self.error = error
        self.completion = completion
        self.category = category
        self.route = route
        self.cache = cache
        self.dataClass = dataClass
        attempts = reader.take(bytes)
        guard takeFlagByte(reader.take(bytes)) else { return nil }
        for index in 0..<UsageClass.count {
            let count: Int64 = reader.take(bytes)
            guard count >= 0, count <= TokenUsage.ceiling else { return nil }
            tokens[at: index] = count
        }
        tokensBeforeCompression = reader.take(bytes)
        tokensAfterCompression = reader.take(bytes)
        totalMicroseconds = reader.take(bytes)
        firstByteMicroseconds = reader.take(bytes)
        overheadMicroseconds = reader.take(bytes)
        providerCost = NanoUSD(reader.take(bytes))
        charge = NanoUSD(reader.take(bytes))
        baseline = NanoUSD(reader.take(bytes))
        savedByRouting = NanoUSD(reader.take(bytes))
        savedByCompression = NanoUSD(reader.take(bytes))
        savedByCache = NanoUSD(reader.take(bytes))
        priceBook = reader.take(bytes)
        tariff = reader.take(bytes)
        tariffVersion = reader.take(bytes)
        guard let profile = ProfileID(rawValue: reader.take(bytes)) else { return nil }
        self.profile = profile
        profileVersion = reader.take(bytes)
    }

    /// Flags in bits 0 to 2 and 7, the service level in three, one for the region.
    private var flagByte: UInt8 {
        flags.intersection(.all).rawValue | tokens.level.rawValue << 3 | (tokens.isRegional ? 64 : 0)
    }

    /// `false` for a level that no version knows.
    private mutating func takeFlagByte(_ byte: UInt8) -> Bool {
        guard let level = ServiceLevel(rawValue: byte >> 3 & 7) else { return false }
        flags = Flags(rawValue: byte).intersection(.all)
        tokens.level = level
        tokens.isRegional = byte & 64 != 0
        return true
    }
}
