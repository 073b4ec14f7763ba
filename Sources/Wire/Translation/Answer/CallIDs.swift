import NIOCore

/// Sees to it that every call of an answer has an id of its own: clients send results back by it. A provider that gives
/// none, or the same twice, gets ids made from the answer's and the call's place.
struct CallIDs: Sendable {
    private var seen: Set<[UInt8]> = []

    /// The call's own id, or a made one.
    mutating func own(_ id: RawText, answer: RawText, name: RawText, arguments: RawJSON? = nil) -> RawText {
        if !id.isEmpty, seen.insert(id.unescaped).inserted { return id }
        var position = seen.count
        while true {
            let made = GeminiWords.madeID(response: answer, position: position, name: name, arguments: arguments)
            if seen.insert(made.unescaped).inserted { return made }
            position += 1
        }
    }
}
