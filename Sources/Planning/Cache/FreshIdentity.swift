public import NIOCore

/// A kept answer under an id of its own: clients keep answers by their ids, and two answers must not have one.
public enum FreshIdentity {
    /// Puts another id of the same length in every place of the answer's first one.
    ///
    /// The first member called `id` or `responseId` is the answer's own in every dialect. Its prefix (`chatcmpl-`, `msg_`,
    /// `resp_`) stays.
    public static func renew(_ answer: inout ByteBuffer, using random: inout some RandomNumberGenerator) {
        let bytes = Array(answer.readableBytesView)
        guard let old = identity(of: bytes) else { return }
        let mark = bytes[old].lastIndex { $0 == 0x2d || $0 == 0x5f } ?? old.lowerBound - 1
        let name = mark + 1..<old.upperBound
        guard name.count >= 8 else { return }
        let fresh = name.map { _ in letters[Int(random.next() % UInt64(letters.count))] }
        let quoted = [0x22] + bytes[old] + [0x22]
        let first = answer.readerIndex
        var at = old.lowerBound - 1
        while at + quoted.count <= bytes.count {
            if bytes[at] == 0x22, bytes[at..<at + quoted.count].elementsEqual(quoted) {
                answer.setBytes(fresh, at: first + at + 1 + (name.lowerBound - old.lowerBound))
                at += quoted.count
            } else {
                at += 1
            }
        }
    }

    private static let letters = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    /// Where the first `"id"` or `"responseId"` has its value.
    private static func identity(of bytes: [UInt8]) -> Range<Int>? {
        let names = [Array("\"id\"".utf8), Array("\"responseId\"".utf8)]
        for start in bytes.indices where bytes[start] == 0x22 {
            guard let name = names.first(where: { bytes[start...].starts(with: $0) }) else { continue }
            var at = start + name.count
            while at < bytes.count, bytes[at] == 0x20 { at += 1 }
            guard at < bytes.count, bytes[at] == 0x3a else { continue }
            at += 1
            while at < bytes.count, bytes[at] == 0x20 { at += 1 }
            guard at < bytes.count, bytes[at] == 0x22 else { continue }
            let value = at + 1
            guard let end = bytes[value...].firstIndex(of: 0x22), end - value <= 128 else { return nil }
            return value..<end
        }
        return nil
    }
}
