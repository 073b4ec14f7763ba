public import NIOCore
public import Vocabulary

/// What a passed request used: read from a provider's answer, or an event of its stream, else counted here.
public struct PassedUsage: Sendable {
    /// As the provider reported it; `nil` when it did not.
    public internal(set) var reported: TokenUsage?
    /// Images in the answer.
    public internal(set) var images: Int64 = 0
    /// Length of the sound that was read, where the answer says it.
    public internal(set) var milliseconds: Int64?
    /// Bytes of text in the answer.
    public internal(set) var visibleOutputBytes: Int64 = 0
    /// A stream's event said that something went wrong.
    var hasError = false

    public init() {}

    /// Reads a whole answer; one that is no JSON object is text.
    public static func read(_ answer: ByteBuffer) -> PassedUsage {
        let bytes = answer.readableBytesUInt8Span
        var cursor = JSONCursor(bytes)
        var usage = PassedUsage()
        do throws(JSONFault) {
            guard try cursor.peek(bytes) == .object else { throw JSONFault(.malformedJSON, at: 0) }
            try usage.object(&cursor, bytes)
        } catch {
            usage.visibleOutputBytes = Int64(bytes.count)
            usage.milliseconds = Subtitles.end(bytes)
        }
        return usage
    }

    /// Reads the object ahead: an answer, or the data of an event.
    mutating func object(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginObject(b)
        while more {
            let name = try cursor.name(b)
            let kind = try cursor.peek(b)
            if kind == .object,
                name.equals("usage", in: b) || name.equals("meta", in: b) || name.equals("usageMetadata", in: b)
            {
                var report = UsageReport()
                try report.object(&cursor, b)
                reported = report.usage ?? reported
                milliseconds = report.milliseconds ?? milliseconds
            } else if kind == .array, name.equals("data", in: b) {
                try data(&cursor, b)
            } else {
                let value = try cursor.value(b)
                if name.equals("text", in: b) || name.equals("delta", in: b), kind == .string {
                    visibleOutputBytes += Int64(value.text.byteCount(in: b))
                } else if name.equals("duration", in: b) {
                    milliseconds = Self.milliseconds(value, b) ?? milliseconds
                } else if name.equals("b64_json", in: b), kind == .string {
                    images = 1
                } else if name.equals("error", in: b), kind != .null {
                    hasError = true
                }
            }
            more = try cursor.nextMember(b)
        }
    }

    private mutating func data(_ cursor: inout JSONCursor, _ b: Span<UInt8>) throws(JSONFault) {
        var more = try cursor.beginArray(b)
        while more {
            if try cursor.value(b).kind == .object { images += 1 }
            more = try cursor.nextElement(b)
        }
    }

    /// Seconds as a number, or a number in a string, with a fraction.
    static func milliseconds(_ value: JSONValue, _ b: Span<UInt8>) -> Int64? {
        let range = value.kind == .string ? value.text.range : value.range
        guard value.kind == .number || value.kind == .string else { return nil }
        var thousandths: Int64 = 0
        var places = -1
        for index in range {
            if b[index] == .point, places < 0 {
                places = 0
            } else if b[index] &- .zero <= 9 {
                guard places < 3 else { continue }
                guard thousandths < TokenUsage.ceiling / 10_000 else { return nil }
                thousandths = thousandths * 10 + Int64(b[index] &- .zero)
                if places >= 0 { places += 1 }
            } else {
                return nil
            }
        }
        for _ in max(places, 0)..<3 { thousandths *= 10 }
        return range.isEmpty ? nil : thousandths
    }

    /// What is booked, and whether a part of it was counted here.
    ///
    /// - Parameter price: in which units the model's price is: a provider's report in tokens and its count in images or
    ///   seconds say the same twice, and only one of them is booked.
    public func booked(_ request: PassedRequest, _ price: PassedPriceUnits) -> (usage: TokenUsage, isEstimated: Bool) {
        switch request.endpoint {
        case .imageGenerations, .imageEdits, .imageVariations: return bookedImages(request, price)
        case .speech: return bookedSpeech(request, price)
        case .transcriptions, .translations: return bookedTranscript(price)
        default:
            if let reported { return (reported, false) }
            var usage = TokenUsage()
            guard request.endpoint.namesModel else { return (usage, false) }
            usage[.input] = request.textBytes / 4
            if request.endpoint == .rerank { usage[.searches] = 1 }
            return (usage, true)
        }
    }

    private func bookedImages(
        _ request: PassedRequest, _ price: PassedPriceUnits
    ) -> (usage: TokenUsage, isEstimated: Bool) {
        if var usage = reported, price.countsOutput || !price.countsImages {
            // An answer that does not part its output is images, and nothing else.
            if usage[.outputImage] == 0 { (usage[.outputImage], usage[.output]) = (usage[.output], 0) }
            return (usage, false)
        }
        var usage = TokenUsage()
        guard !price.countsImages else {
            usage[.images] = images
            return (usage, false)
        }
        usage[.input] = request.textBytes / 4
        // 1,024 × 1,024 at medium quality.
        usage[.outputImage] = images * 1056
        return (usage, true)
    }

    private func bookedSpeech(
        _ request: PassedRequest, _ price: PassedPriceUnits
    ) -> (usage: TokenUsage, isEstimated: Bool) {
        var usage = TokenUsage()
        if price.countsCharacters {
            usage[.characters] = request.characters
            return (usage, false)
        }
        if let reported { usage = reported }
        if usage[.outputAudio] == 0 { (usage[.outputAudio], usage[.output]) = (usage[.output], 0) }
        guard reported == nil else { return (usage, false) }
        usage[.input] = request.characters / 4
        // 15 characters and 21 tokens a second.
        usage[.outputAudio] = request.characters * 7 / 5
        return (usage, true)
    }

    private func bookedTranscript(_ price: PassedPriceUnits) -> (usage: TokenUsage, isEstimated: Bool) {
        if let reported, price.countsOutput || !price.countsMilliseconds { return (reported, false) }
        var usage = TokenUsage()
        // Speech is about 15 characters a second.
        usage[.milliseconds] = milliseconds ?? visibleOutputBytes * 1000 / 15
        guard !price.countsMilliseconds else { return (usage, milliseconds == nil) }
        usage[.inputAudio] = usage[.milliseconds] / PassedBound.millisecondsPerToken
        usage[.output] = visibleOutputBytes / 4
        usage[.milliseconds] = 0
        return (usage, true)
    }
}

/// In which units a model is priced.
public struct PassedPriceUnits: Sendable {
    public var countsCharacters: Bool
    public var countsMilliseconds: Bool
    public var countsImages: Bool
    /// Tokens of output have a price.
    public var countsOutput: Bool

    public init(countsCharacters: Bool, countsMilliseconds: Bool, countsImages: Bool, countsOutput: Bool) {
        self.countsCharacters = countsCharacters
        self.countsMilliseconds = countsMilliseconds
        self.countsImages = countsImages
        self.countsOutput = countsOutput
    }
}
