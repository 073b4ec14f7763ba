import Vocabulary

/// Reads a `multipart/form-data` body as it arrives, over any split of the bytes: where the model's name stands, what the
/// few other fields say that a decision needs, and how much is text and how much is files (RFC 7578).
///
/// Memory is bounded: one part's head, one short value and a handful of bytes at a split, however many parts there are.
/// It is strict where readers differ, because a form that two of them take differently could name two models: no bytes
/// before the first boundary or after the last, no boundary that is not at the start of a line, no field of ours twice.
public struct MultipartScanner: Sendable {
    /// Parts of one form.
    public static let partLimit = 10_000
    /// Bytes of one part's head.
    public static let headLimit = 8 << 10
    /// Bytes of a field whose value is read.
    public static let valueLimit = 256

    private enum Place: UInt8 {
        case delimiter
        case behindDelimiter
        case behindCR
        case behindDash
        case head
        case body
        case epilogue
        case epilogueCR
        case end
    }

    private var place = Place.delimiter
    private var delimiter: DelimiterMatcher
    private var head: [UInt8] = []
    private var field: FormField?
    private var hasFile = false
    private var value: [UInt8] = []
    private var bodyStart = 0
    private var seen: UInt8 = 0

    /// Bytes read so far.
    public private(set) var offset = 0
    public private(set) var parts = 0
    /// The model's name, and where it stands in the body; `nil` until its part has ended.
    public private(set) var model: (name: [UInt8], range: Range<Int>)?
    public private(set) var isStreamed = false
    /// `n`, 1 to 128.
    public private(set) var samples: Int64?
    public private(set) var partialImages: Int64 = 0
    /// Bytes of fields, and of files, whose parts have ended.
    public private(set) var textBytes: Int64 = 0
    public private(set) var fileBytes: Int64 = 0
    public private(set) var files: Int64 = 0

    public init(_ boundary: MultipartBoundary) { delimiter = DelimiterMatcher(boundary.bytes) }

    /// The closing boundary was read.
    public var isComplete: Bool { place == .epilogue || place == .end }

    /// Reads the next bytes of the body. After a rejection the scanner is of no more use.
    public mutating func read(_ b: Span<UInt8>) throws(RequestRejection) {
        var at = 0
        while at < b.count {
            switch place {
            case .body: try body(b, &at)
            case .head: try head(b, &at)
            default: try line(b[at], &at)
            }
        }
        delimiter.keepTail(of: b)
        offset += b.count
    }

    /// What stands between parts: delimiters and their line ends, a byte at a time.
    private mutating func line(_ byte: UInt8, _ at: inout Int) throws(RequestRejection) {
        switch (place, byte) {
        case (.delimiter, _):
            guard delimiter.opens(with: byte) else { throw malformed(at) }
            if delimiter.isMatched { place = .behindDelimiter }
        case (.behindDelimiter, 0x0d): place = .behindCR
        case (.behindDelimiter, 0x2d): place = .behindDash
        case (.behindCR, 0x0a):
            guard parts < Self.partLimit else {
                throw RequestRejection(code: .outOfRange, member: .form, offset: offset + at)
            }
            parts += 1
            head.removeAll(keepingCapacity: true)
            place = .head
        case (.behindDash, 0x2d): place = .epilogue
        case (.epilogue, 0x0d): place = .epilogueCR
        case (.epilogueCR, 0x0a): place = .end
        default: throw malformed(at)
        }
        at += 1
    }

    private mutating func head(_ b: Span<UInt8>, _ at: inout Int) throws(RequestRejection) {
        while at < b.count {
            head.append(b[at])
            at += 1
            let count = head.count
            // A head that is empty says no name.
            guard count <= Self.headLimit, count != 2 || head[1] != 0x0a else { throw malformed(at) }
            if head[count - 1] == 0x0a, count >= 4, head[count - 2] == 0x0d, head[count - 3] == 0x0a,
                head[count - 4] == 0x0d
            {
                guard let part = PartHead(head[..<(count - 4)]) else { throw malformed(at) }
                try begin(part, at)
                return
            }
        }
    }

    private mutating func begin(_ part: PartHead, _ at: Int) throws(RequestRejection) {
        place = .body
        delimiter.reset()
        bodyStart = offset + at
        hasFile = part.isFile
        if hasFile { files += 1 }
        value.removeAll(keepingCapacity: true)
        field = FormField.allCases.first { part.name.equals($0.name) }
        guard let field else { return }
        let bit = UInt8(1) << field.rawValue
        guard seen & bit == 0 else { throw rejection(.duplicateMember, bodyStart) }
        seen |= bit
        if hasFile { throw rejection(.wrongType, bodyStart) }
    }

    private mutating func body(_ b: Span<UInt8>, _ at: inout Int) throws(RequestRejection) {
        let start = at
        let isFound = delimiter.find(in: b, from: &at)
        if field != nil, value.count <= Self.valueLimit + delimiter.length {
            for index in start..<min(at, start + Self.valueLimit + delimiter.length + 1) { value.append(b[index]) }
        }
        guard isFound else { return }
        // The boundary must stand at the start of a line, and that line end is its own. Readers that take a lone LF, or
        // none, must not find another part here than we do.
        guard delimiter.followsLineEnd(in: b, endingAt: at), offset + at - delimiter.length - 2 >= bodyStart else {
            throw malformed(at)
        }
        let end = offset + at - delimiter.length - 2
        let count = Int64(end - bodyStart)
        if hasFile { fileBytes += count } else { textBytes += count }
        if let field {
            guard count <= Self.valueLimit else { throw rejection(.outOfRange, bodyStart) }
            try take(field, Array(value.prefix(Int(count))), bodyStart..<end)
        }
        place = .behindDelimiter
    }

    private mutating func take(_ field: FormField, _ text: [UInt8], _ range: Range<Int>) throws(RequestRejection) {
        switch field {
        case .model:
            guard !text.isEmpty else { throw rejection(.outOfRange, range.lowerBound) }
            model = (text, range)
        case .stream:
            switch text {
            case _ where text.equals("true") || text.equals("True") || text.equals("1"): isStreamed = true
            case _ where text.equals("false") || text.equals("False") || text.equals("0") || text.isEmpty: break
            default: throw rejection(.wrongType, range.lowerBound)
            }
        case .n: samples = try number(text, 1...128, range.lowerBound)
        case .partialImages: partialImages = try number(text, 0...16, range.lowerBound)
        }
    }

    private func number(_ text: [UInt8], _ allowed: ClosedRange<Int64>, _ at: Int) throws(RequestRejection) -> Int64 {
        guard let number = JSONNumber(text.span, 0..<text.count), number.isWhole, !number.isNegative else {
            throw rejection(.wrongType, at)
        }
        guard let count = Int64(exactly: number.magnitude), allowed.contains(count) else {
            throw rejection(.outOfRange, at)
        }
        return count
    }

    private func rejection(_ code: ErrorCode, _ at: Int) -> RequestRejection {
        RequestRejection(code: code, member: field?.member ?? .form, offset: at)
    }

    private func malformed(_ at: Int) -> RequestRejection {
        RequestRejection(code: .malformedForm, member: .form, offset: offset + at)
    }
}

/// The fields whose values are read.
private enum FormField: UInt8, CaseIterable {
    case model, stream, n, partialImages

    var name: StaticString { member.name }

    var member: RequestMember {
        switch self {
        case .model: .model
        case .stream: .stream
        case .n: .n
        case .partialImages: .partialImages
        }
    }
}
