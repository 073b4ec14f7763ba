extension JournalRecord {
    /// Writes everything but the commit word, which the journal stores last so that a half-written record is never read.
    /// - Parameter checksum: CRC-32C, by whatever means the caller's machine is fastest with.
    public func encode(
        sequence: UInt64, checksum: (RawSpan) -> UInt32 = CRC32C.of, into out: inout OutputRawSpan
    ) {
        out.put(UInt32(payloadLength))
        out.put(kind)
        out.put(sequence)
        switch self {
        case .opened(let opened): opened.encode(into: &out)
        case .progress(let progress): progress.encode(into: &out)
        case .closed(let receipt): receipt.encode(into: &out)
        case .named(let id, let name):
            out.put(id.value)
            for byte in name.prefix(ModelName.qualifiedLimit) { out.put(byte) }
        }
        let crc = checksum(out.bytes.extracting(last: Self.headerLength + payloadLength))
        out.put(crc)
    }

    /// What a reader finds at a position.
    public enum Reading: Equatable, Sendable {
        case record(JournalRecord, sequence: UInt64, length: Int)
        /// Nothing more has been committed here.
        case end
        /// Bytes that were never a record: the segment was damaged from here on.
        case damaged
    }

    /// What stands at a position, its payload not looked into yet.
    public enum Frame: Equatable, Sendable {
        /// A committed record whose checksum holds. The payload begins `headerLength` behind the record's start; `length`
        /// is that of the whole record.
        case record(kind: UInt32, sequence: UInt64, payload: Int, length: Int)
        case end
        case damaged
    }

    /// Reads the record that begins at `offset` of a segment.
    public static func read(_ segment: RawSpan, at offset: Int) -> Reading {
        switch frame(segment, at: offset) {
        case .end: return .end
        case .damaged: return .damaged
        case .record(let kind, let sequence, let payload, let length):
            let start = offset + headerLength
            guard let record = JournalRecord(kind: kind, payload: segment.extracting(start..<start + payload)) else {
                return .damaged
            }
            return .record(record, sequence: sequence, length: length)
        }
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
        let length = encodedLength(payload: payload)
        guard offset + length <= segment.byteCount else { return .damaged }
        let body = offset + headerLength + payload
        guard segment.word(body + 4) == commitWord else { return .end }
        guard segment.word(body) == checksum(segment.extracting(offset..<body)) else { return .damaged }
        var reader = ByteReader(at: offset + 8)
        return .record(
            kind: segment.word(offset + 4), sequence: reader.take(segment), payload: payload, length: length)
    }

    /// Reads a payload; `nil` for an unknown kind, a wrong length or a value outside its closed set.
    public init?(kind: UInt32, payload: RawSpan) {
        switch kind {
        case 1:
            guard let opened = OpenedRecord(payload) else { return nil }
            self = .opened(opened)
        case 2:
            guard let progress = ProgressRecord(payload) else { return nil }
            self = .progress(progress)
        case 3:
            guard let receipt = Receipt(canonicalBytes: payload) else { return nil }
            self = .closed(receipt)
        case 4:
            guard payload.byteCount > 8, payload.byteCount <= 8 + ModelName.qualifiedLimit else { return nil }
            var reader = ByteReader()
            let id = ModelID(reader.take(payload))
            var name: [UInt8] = []
            name.reserveCapacity(payload.byteCount - 8)
            for _ in 8..<payload.byteCount { name.append(reader.take(payload)) }
            guard ModelName.isValid(name, limit: ModelName.qualifiedLimit) else { return nil }
            self = .named(id, name: name)
        default: return nil
        }
    }
}

extension RawSpan {
    fileprivate func word(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension OpenedRecord {
    func encode(into out: inout OutputRawSpan) {
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
    }

    init?(_ payload: RawSpan) {
        guard payload.byteCount == Self.encodedLength else { return nil }
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
    }
}

extension ProgressRecord {
    func encode(into out: inout OutputRawSpan) {
        out.put(id.high)
        out.put(id.low)
        out.put(input)
        out.put(output)
        out.put(cost.value)
        out.put(charge.value)
        out.put(at.microseconds)
    }

    init?(_ payload: RawSpan) {
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
