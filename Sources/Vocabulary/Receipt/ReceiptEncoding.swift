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
        out.put(flags.rawValue)
        for kind in UsageClass.allCases { out.put(tokens[kind]) }
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
        var reader = ByteReader(bytes)
        guard reader.take(UInt16.self) == Self.schema else { return nil }
        let id = RequestID(high: reader.take(), low: reader.take())
        let served = NodeEpoch(node: reader.take(), epoch: reader.take())
        let hold: UInt64 = reader.take()
        let openedAt = Moment(microseconds: reader.take())
        let organisation = OrganisationID(reader.take())
        let project: UInt64 = reader.take()
        let member: UInt64 = reader.take()
        let key = KeyID(reader.take())
        var tags: [4 of UInt32] = .init(repeating: 0)
        for index in 0..<4 { tags[index] = reader.take() }
        guard let dialect = Dialect(rawValue: reader.take()), let endpoint = Endpoint(rawValue: reader.take()) else {
            return nil
        }
        self.init(
            id: id, served: served, openedAt: openedAt, organisation: organisation, key: key, dialect: dialect,
            endpoint: endpoint)
        self.hold = hold
        self.project = project
        self.member = member
        self.tags = tags
        deployment = DeploymentID(reader.take())
        providerAccount = reader.take()
        requestedModel = ModelID(reader.take())
        servedModel = ModelID(reader.take())
        status = reader.take()
        guard let error = ErrorCode(rawValue: reader.take()), let completion = Completion(rawValue: reader.take()),
            let category = TaskCategory(rawValue: reader.take()), let route = RouteReason(rawValue: reader.take()),
            let cache = CacheOutcome(rawValue: reader.take()), let dataClass = DataClass(rawValue: reader.take())
        else { return nil }
        self.error = error
        self.completion = completion
        self.category = category
        self.route = route
        self.cache = cache
        self.dataClass = dataClass
        attempts = reader.take()
        flags = Flags(rawValue: reader.take())
        for kind in UsageClass.allCases {
            let count: Int64 = reader.take()
            guard count >= 0, count <= TokenUsage.ceiling else { return nil }
            tokens[kind] = count
        }
        tokensBeforeCompression = reader.take()
        tokensAfterCompression = reader.take()
        totalMicroseconds = reader.take()
        firstByteMicroseconds = reader.take()
        overheadMicroseconds = reader.take()
        providerCost = NanoUSD(reader.take())
        charge = NanoUSD(reader.take())
        baseline = NanoUSD(reader.take())
        savedByRouting = NanoUSD(reader.take())
        savedByCompression = NanoUSD(reader.take())
        savedByCache = NanoUSD(reader.take())
        priceBook = reader.take()
        tariff = reader.take()
        tariffVersion = reader.take()
        guard let profile = ProfileID(rawValue: reader.take()) else { return nil }
        self.profile = profile
        profileVersion = reader.take()
    }
}
