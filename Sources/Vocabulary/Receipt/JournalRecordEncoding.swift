extension JournalPayload {
    /// The bytes the whole record takes in a segment, padding included.
    public var recordLength: Int { JournalRecord.length(payload: payloadLength) }

    /// Writes everything but the commit word, which the journal stores last so that a half-written record is never read.
    /// - Parameter checksum: CRC-32C, by whatever means the caller's machine is fastest with.
    public func encodeRecord(
        sequence: UInt64, checksum: (RawSpan) -> UInt32 = CRC32C.of, into out: inout OutputRawSpan
    ) {
        out.put(UInt32(payloadLength))
        out.put(Self.kind)
        out.put(sequence)
        encode(into: &out)
        let crc = checksum(out.bytes.extracting(last: JournalRecord.headerLength + payloadLength))
        out.put(crc)
    }
}

extension JournalRecord {
    /// What stands at a position, its payload not looked into yet.
    public enum Frame: Equatable, Sendable {
        /// A committed record whose checksum holds. The payload begins `headerLength` behind the record's start; `length`
        /// is that of the whole record.
        case record(kind: UInt32, sequence: UInt64, payload: Int, length: Int)
        case end
        case damaged
    }

    /// Finds the record that begins at `offset` of a segment and checks that it is whole.
    /// - Parameter checksum: as of `encode`.
    public static func frame(
        _ segment: RawSpan, at offset: Int, checksum: (RawSpan) -> UInt32 = CRC32C.of
    ) -> Frame {
        guard offset >= 0, offset + headerLength + trailerLength <= segment.byteCount else { return .end }
        let payload = Int(segment.word(offset))
        if payload == 0 { return .end }
        guard payload <= payloadLimit else { return .damaged }
        let length = Self.length(payload: payload)
        guard offset + length <= segment.byteCount else { return .damaged }
        let body = offset + headerLength + payload
        guard segment.word(body + 4) == commitWord else { return .end }
        guard segment.word(body) == checksum(segment.extracting(offset..<body)) else { return .damaged }
        var reader = ByteReader(at: offset + 8)
        return .record(
            kind: segment.word(offset + 4), sequence: reader.take(segment), payload: payload, length: length)
    }
}

extension RawSpan {
    fileprivate func word(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension Receipt: JournalPayload {
    public static var kind: UInt32 { 3 }
    public var payloadLength: Int { Self.encodedLength }
    public var claim: JournalClaim { hold == 0 ? .lone : .closes }
    public init?(payload: RawSpan) { self.init(canonicalBytes: payload) }
}

extension OpenedRecord: JournalPayload {
    public static var kind: UInt32 { 1 }
    public var payloadLength: Int { mark == .none ? Self.encodedLength : Self.markedLength }
    public var claim: JournalClaim { .opens }

    public func encode(into out: inout OutputRawSpan) {
        out.put(id.high)
        out.put(id.low)
        out.put(hold)
        out.put(openedAt.microseconds)
        out.put(organisation.value)
        out.put(key.value)
        out.put(deployment.value)
        out.put(model.value)
        out.put(maximum.value)
        out.put(dialect.rawValue)
        out.put(endpoint.rawValue)
        out.put(route.rawValue)
        out.put(UInt8(streamed ? 1 : 0))
        guard mark != .none else { return }
        out.put(mark.high)
        out.put(mark.low)
    }

    public init?(payload: RawSpan) {
        guard [Self.encodedLength, Self.markedLength].contains(payload.byteCount) else { return nil }
        var reader = ByteReader()
        id = RequestID(high: reader.take(payload), low: reader.take(payload))
        hold = reader.take(payload)
        openedAt = Moment(microseconds: reader.take(payload))
        organisation = OrganisationID(reader.take(payload))
        key = KeyID(reader.take(payload))
        deployment = DeploymentID(reader.take(payload))
        model = ModelID(reader.take(payload))
        maximum = NanoUSD(reader.take(payload))
        guard let dialect = Dialect(rawValue: reader.take(payload)),
            let endpoint = Endpoint(rawValue: reader.take(payload)),
            let route = RouteReason(rawValue: reader.take(payload))
        else { return nil }
        self.dialect = dialect
        self.endpoint = endpoint
        self.route = route
        streamed = reader.take(payload, as: UInt8.self) == 1
        guard payload.byteCount == Self.markedLength else {
            mark = .none
            return
        }
        mark = IdempotencyMark(high: reader.take(payload), low: reader.take(payload))
    }
}

extension ProgressRecord: JournalPayload {
    public static var kind: UInt32 { 2 }
    public var payloadLength: Int { Self.encodedLength }
    public var claim: JournalClaim { .owed }

    public func encode(into out: inout OutputRawSpan) {
        out.put(id.high)
        out.put(id.low)
        out.put(input)
        out.put(output)
        out.put(cost.value)
        out.put(charge.value)
        out.put(at.microseconds)
    }

    public init?(payload: RawSpan) {
        guard payload.byteCount == Self.encodedLength else { return nil }
        var reader = ByteReader()
        id = RequestID(high: reader.take(payload), low: reader.take(payload))
        input = reader.take(payload)
        output = reader.take(payload)
        cost = NanoUSD(reader.take(payload))
        charge = NanoUSD(reader.take(payload))
        at = Moment(microseconds: reader.take(payload))
    }
}

extension NamedRecord: JournalPayload {
    public static var kind: UInt32 { 4 }
    public var payloadLength: Int { 8 + min(name.count, ModelName.qualifiedLimit) }
    public var claim: JournalClaim { .owed }

    public func encode(into out: inout OutputRawSpan) {
        out.put(model.value)
        for byte in name.prefix(ModelName.qualifiedLimit) { out.put(byte) }
    }

    public init?(payload: RawSpan) {
        guard payload.byteCount > 8, payload.byteCount <= 8 + ModelName.qualifiedLimit else { return nil }
        var reader = ByteReader()
        model = ModelID(reader.take(payload))
        name = []
        name.reserveCapacity(payload.byteCount - 8)
        for _ in 8..<payload.byteCount { name.append(reader.take(payload)) }
        guard ModelName.isValid(name, limit: ModelName.qualifiedLimit) else { return nil }
    }
}
