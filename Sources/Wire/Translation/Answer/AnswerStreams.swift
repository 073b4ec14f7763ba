public import NIOCore

/// Reads a dialect's stream at any split of its bytes. A value without I/O; memory is bounded by the longest event.
public protocol AnswerStreamReader: Sendable {
    /// Reads upstream bytes and appends what they tell. After `end` or `failure` nothing follows.
    mutating func read(_ input: ByteBuffer, into events: inout [AnswerEvent]) throws(StreamFault)

    /// The end of the upstream body: what waits is read, and an answer that has no end gets one: `end` where the provider
    /// said why it stopped, else `failure`.
    mutating func finish(into events: inout [AnswerEvent])

    /// Bytes of an event that are kept until it ends.
    var waitingBytes: Int { get }

    /// What the answer held that no event can tell.
    var losses: [Loss] { get }
}

/// Writes a dialect's stream. A value without I/O.
public protocol AnswerStreamWriter: Sendable {
    /// Appends what the event becomes: whole events of the dialect, or nothing.
    mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer)

    /// What this dialect had no place for.
    var losses: [Loss] { get }
}
