import Vocabulary

/// The boundary that a content type `multipart/form-data; boundary=…` names (RFC 2046 §5.1.1, RFC 7578).
public struct MultipartBoundary: Sendable, Equatable {
    /// 1 to 70 bytes.
    public let bytes: [UInt8]

    /// `nil` when the type is another, or its boundary is missing, there twice, or not one that may be.
    public init?(contentType value: Span<UInt8>) {
        var parser = ParameterParser(value)
        guard parser.token()?.equals("multipart/form-data") == true else { return nil }
        var found: [UInt8]?
        while let parameter = parser.next() {
            guard parameter.name.equals("boundary") else { continue }
            guard found == nil else { return nil }
            found = parameter.value
        }
        guard parser.isWhole, let found, (1...70).contains(found.count), found.last != 0x20,
            found.allSatisfy(Self.isBoundaryByte)
        else { return nil }
        bytes = found
    }

    private static func isBoundaryByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x20, 0x27...0x29, 0x2b...0x2f, 0x3a, 0x3d, 0x3f, 0x5f: true
        default: false
        }
    }
}

/// Reads `token; name=value; name="value"`. What two readers could take differently ends it, not whole: a backslash before
/// a quote, text behind a quoted value, a control byte.
struct ParameterParser {
    private let bytes: [UInt8]
    private var at = 0
    /// All was read, and nothing in it was wrong.
    private(set) var isWhole = false

    init(_ span: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.reserveCapacity(span.count)
        for index in span.indices { copy.append(span[index]) }
        bytes = copy
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What stands before the first semicolon, in lower case.
    mutating func token() -> [UInt8]? {
        skipSpace()
        let word = plain()
        skipSpace()
        guard at == bytes.count || bytes[at] == UInt8(ascii: ";") else { return nil }
        return word.map(lowered)
    }

    /// The next parameter, its name in lower case; `nil` at the end, and where something is wrong.
    mutating func next() -> (name: [UInt8], value: [UInt8])? {
        isWhole = false
        skipSpace()
        guard at < bytes.count else {
            isWhole = true
            return nil
        }
        guard bytes[at] == UInt8(ascii: ";") else { return nil }
        at += 1
        skipSpace()
        if at == bytes.count {
            isWhole = true
            return nil
        }
        let name = plain().map(lowered)
        guard !name.isEmpty, at < bytes.count, bytes[at] == UInt8(ascii: "=") else { return nil }
        at += 1
        guard at < bytes.count, bytes[at] == .quote else {
            let value = plain()
            return value.isEmpty ? nil : (name, value)
        }
        return quoted().map { (name, $0) }
    }

    private mutating func quoted() -> [UInt8]? {
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != .quote {
            if bytes[at] == .backslash, at + 1 < bytes.count, bytes[at + 1] == .quote { return nil }
            if bytes[at] < 0x20 || bytes[at] == 0x7f { return nil }
            at += 1
        }
        guard at < bytes.count else { return nil }
        at += 1
        return Array(bytes[start..<at - 1])
    }

    /// Bytes up to a space, a semicolon, an equals sign or a quote.
    private mutating func plain() -> [UInt8] {
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case 0...0x20, 0x7f, UInt8(ascii: ";"), UInt8(ascii: "="), .quote: return Array(bytes[start..<at])
            default: at += 1
            }
        }
        return Array(bytes[start...])
    }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
    }

    private func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }
}

extension [UInt8] {
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices where self[index] != text.byte(index) { return false }
        return true
    }
}
