/// The rule that a stream broke, of its dialect's grammar or of the answer's own. It may stand in a log: closed, and
/// without a word of the stream.
public enum StreamViolation: UInt8, Error, Sendable, CaseIterable {
    /// An event is not one JSON text, or an array of events is not one.
    case notJSON
    /// An event is longer than any client would take.
    case eventTooLarge
    case unknownEvent
    /// The event's name and the type it states differ.
    case wrongName
    case beforeStart
    case secondStart
    case afterEnd
    case secondStop
    case noStart
    case noEnd
    case noStop
    /// A block's index, or an event's number, is not the next one.
    case notDense
    /// A block was opened while another was open, or something stood outside of all.
    case notOrdered
    case notOpen
    /// A piece that does not belong into the kind of block that is open.
    case wrongPiece
    /// A block without content, or a call without a name.
    case emptyBlock
    /// A call without an id, or with that of another.
    case noOwnID
    /// An id is not the one that was told before.
    case unstableID
    /// A whole object at the end does not say what its pieces said.
    case differs

    public var name: StaticString {
        switch self {
        case .notJSON: "not_json"
        case .eventTooLarge: "event_too_large"
        case .unknownEvent: "unknown_event"
        case .wrongName: "wrong_name"
        case .beforeStart: "before_start"
        case .secondStart: "second_start"
        case .afterEnd: "after_end"
        case .secondStop: "second_stop"
        case .noStart: "no_start"
        case .noEnd: "no_end"
        case .noStop: "no_stop"
        case .notDense: "not_dense"
        case .notOrdered: "not_ordered"
        case .notOpen: "not_open"
        case .wrongPiece: "wrong_piece"
        case .emptyBlock: "empty_block"
        case .noOwnID: "no_own_id"
        case .unstableID: "unstable_id"
        case .differs: "differs"
        }
    }
}
