import NIOCore
import Vocabulary

// The words of Gemini's dialect that both directions use.
enum GeminiWords {
    /// What a candidate's `finishReason` says; `nil` where there is none. With `enum-encoding=int` it is a number.
    static func stopReason(_ tape: JSONTape, _ candidate: JSONTape.Index) -> StopReason? {
        guard let reason = tape.present(candidate, "finishReason", "finish_reason") else { return nil }
        if let number = tape.count(reason) {
            switch number {
            case 0: return nil
            case 1: return .endTurn
            case 2: return .maximumOutput
            case 3, 4: return .filtered
            default: return .other
            }
        }
        guard let word = tape.text(reason), !word.equals("FINISH_REASON_UNSPECIFIED") else { return nil }
        if word.equals("STOP") { return .endTurn }
        if word.equals("MAX_TOKENS") { return .maximumOutput }
        let filters: [StaticString] = [
            "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_RECITATION",
            "IMAGE_PROHIBITED_CONTENT", "MODEL_ARMOR",
        ]
        return filters.contains { word.equals($0) } ? .filtered : .other
    }

    static func word(_ reason: StopReason?) -> StaticString {
        switch reason {
        case nil, .endTurn, .toolUse, .stopSequence, .paused: "STOP"
        case .maximumOutput, .contextWindow: "MAX_TOKENS"
        case .filtered: "SAFETY"
        case .other: "OTHER"
        }
    }

    // MARK: Ids of calls

    /// What our own ids begin with. Gemini gives a call an id only sometimes; other dialects demand one. Such an id never
    /// goes back to Gemini: its history stays as it made it, which keeps its cache.
    private static let madePrefix: StaticString = "gcall_"

    static func isMade(_ id: RawText) -> Bool { id.isEmpty || id.hasPrefix(madePrefix) }

    /// An id for the `position`th call of an answer: the same one whenever the same answer is read.
    ///
    /// - Parameter response: the answer's own id; without it the call's words make the id.
    static func madeID(response: RawText, position: Int, name: RawText, arguments: RawJSON?) -> RawText {
        var out = ByteBuffer(staticString: madePrefix)
        let bytes = response.bytes.readableBytesUInt8Span
        var count = 0
        // OpenAI takes 40 characters, Anthropic letters, digits, `-` and `_`.
        for index in bytes.indices where count < 28 && isIDCharacter(bytes[index]) {
            out.writeInteger(bytes[index])
            count += 1
        }
        if count == 0 {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            mix(name.bytes, &hash)
            if let arguments { mix(arguments.bytes, &hash) }
            out.writeDecimal(hash & 0xffff_ffff_ffff)
        }
        out.writeInteger(UInt8(ascii: "_"))
        out.writeDecimal(position)
        return RawText(validated: out)
    }

    /// An id for a call of a request that has none, by where it stands: a turn keeps its place while the talk goes on.
    static func madeID(turn: Int, part: Int) -> RawText {
        var out = ByteBuffer(staticString: madePrefix)
        out.writeDecimal(turn)
        out.writeInteger(UInt8(ascii: "_"))
        out.writeDecimal(part)
        return RawText(validated: out)
    }

    private static func isIDCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case .zero ... .nine, UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), .minus,
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// FNV-1a: any spread will do, it only tells calls of one answer apart.
    private static func mix(_ bytes: ByteBuffer, _ hash: inout UInt64) {
        let span = bytes.readableBytesUInt8Span
        for index in span.indices { hash = (hash ^ UInt64(span[index])) &* 0x100_0000_01b3 }
    }

    // MARK: Models

    /// Gemini 3 and later: thought signatures on calls are demanded, thinking has levels, results of functions have media.
    static func isThirdGeneration(_ model: RawText) -> Bool {
        let name: StaticString = "gemini-"
        let count = name.utf8CodeUnitCount
        let bytes = model.bytes.readableBytesUInt8Span
        var at = 0
        while at + count < bytes.count {
            var matched = 0
            while matched < count, bytes[at + matched] == name.byte(matched) { matched += 1 }
            if matched == count, bytes[at + count] &- .zero <= 9 {
                let isLong = at + count + 1 < bytes.count && bytes[at + count + 1] &- .zero <= 9
                return isLong || bytes[at + count] >= UInt8(ascii: "3")
            }
            at += 1
        }
        return false
    }

    // MARK: Media

    static func mediaKind(_ type: RawText) -> Media.Kind {
        if type.hasPrefix("image/") { return .image }
        if type.hasPrefix("audio/") { return .audio }
        if type.hasPrefix("video/") { return .video }
        return .document
    }

    /// The type that an address's ending tells: Gemini wants one where other dialects have none.
    static func mediaType(of url: RawText) -> StaticString? {
        let endings: [(StaticString, StaticString)] = [
            (".png", "image/png"), (".jpg", "image/jpeg"), (".jpeg", "image/jpeg"), (".webp", "image/webp"),
            (".gif", "image/gif"), (".heic", "image/heic"), (".pdf", "application/pdf"), (".mp4", "video/mp4"),
            (".webm", "video/webm"), (".mov", "video/quicktime"), (".mp3", "audio/mpeg"), (".wav", "audio/wav"),
            (".ogg", "audio/ogg"), (".flac", "audio/flac"), (".txt", "text/plain"), (".html", "text/html"),
        ]
        let bytes = url.bytes.readableBytesUInt8Span
        var end = 0
        while end < bytes.count, bytes[end] != UInt8(ascii: "?"), bytes[end] != UInt8(ascii: "#") { end += 1 }
        let path = url.part(0..<end)
        return endings.first { path.hasSuffix($0.0) }?.1
    }
}

extension RawText {
    /// Base64 in the standard alphabet: Google's client libraries send the one for URLs, other providers take only this.
    var standardBase64: RawText {
        let source = bytes.readableBytesUInt8Span
        guard source.indices.contains(where: { source[$0] == .minus || source[$0] == UInt8(ascii: "_") }) else {
            return self
        }
        var out = ByteBuffer()
        out.reserveCapacity(source.count)
        for index in source.indices {
            switch source[index] {
            case .minus: out.writeInteger(UInt8.plus)
            case UInt8(ascii: "_"): out.writeInteger(UInt8(ascii: "/"))
            default: out.writeInteger(source[index])
            }
        }
        return RawText(validated: out)
    }
}

// Names come in camel case; protocol buffers take snake case as well, and the SDKs print it.
extension JSONTape {
    func present(_ object: Index, _ camel: StaticString, _ snake: StaticString) -> Index? {
        present(object, camel) ?? present(object, snake)
    }

    func text(_ object: Index, _ camel: StaticString, _ snake: StaticString) -> RawText? {
        text(object, camel) ?? text(object, snake)
    }

    func isNamed(_ index: Index, _ camel: StaticString, _ snake: StaticString) -> Bool {
        isNamed(index, camel) || isNamed(index, snake)
    }

    /// The entries of a repeated field: protocol buffers take one entry without its brackets too.
    func entries(_ list: Index) -> [Index] {
        guard kind(list) == .array else { return kind(list) == .null ? [] : [list] }
        var out: [Index] = []
        var entry = first(list)
        while let one = entry {
            out.append(one)
            entry = next(one, in: list)
        }
        return out
    }
}
