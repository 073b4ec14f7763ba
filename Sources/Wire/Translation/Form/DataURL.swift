import NIOCore

/// Reads `data:image/png;base64,…` without decoding it.
struct DataURL {
    var mediaType: RawText
    var data: RawText

    /// `nil` when the text is no base64 data URL. The parts are as spelled, `\/` included.
    init?(_ url: RawText) {
        let bytes = url.bytes.readableBytesUInt8Span
        let scheme: StaticString = "data:"
        let mark: StaticString = ";base64"
        guard bytes.count > 5 else { return nil }
        for index in 0..<5 where bytes[index] | 0x20 != scheme.byte(index) && bytes[index] != scheme.byte(index) {
            return nil
        }
        // A media type is short; the data behind the comma is not looked at.
        guard let comma = (5..<min(bytes.count, 512)).first(where: { bytes[$0] == .comma }), comma >= 12 else {
            return nil
        }
        for index in 0..<7 where bytes[comma - 7 + index] != mark.byte(index) { return nil }
        var end = comma - 7
        if let parameters = (5..<end).first(where: { bytes[$0] == UInt8(ascii: ";") }) { end = parameters }
        mediaType = url.part(5..<end)
        data = url.part(comma + 1..<bytes.count)
    }
}

extension RawText {
    /// Whether every character is of base64 (either alphabet). An escaped slash counts as one.
    var isBase64: Bool {
        let bytes = bytes.readableBytesUInt8Span
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case .zero ... .nine, UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), .plus,
                UInt8(ascii: "/"), UInt8(ascii: "="), .minus, UInt8(ascii: "_"):
                break
            case .backslash:
                index += 1
                // A slash or a line break.
                guard
                    bytes[index] == UInt8(ascii: "/") || bytes[index] == UInt8(ascii: "n")
                        || bytes[index] == UInt8(ascii: "r")
                else { return false }
            default: return false
            }
            index += 1
        }
        return bytes.count > 0
    }
}
