/// Walks over field lines, each byte once, however the bytes arrive. Offsets count from the start of the window that
/// the caller hands in, which must begin with the same bytes at each call.
struct FieldScanner {
    enum Step: Equatable {
        case needMore
        case field(name: Range<Int>, value: Range<Int>)
        /// The empty line; its end.
        case end(Int)
    }

    private var lineStart: Int
    private var position: Int
    /// -1 while in a name.
    private var colon = -1

    init(at start: Int) {
        lineStart = start
        position = start
    }

    /// - Parameter end: where the window ends.
    mutating func next(_ bytes: Span<UInt8>, to end: Int) throws(HTTP1Refusal) -> Step {
        if colon < 0 {
            if position == lineStart {
                guard position < end else { return .needMore }
                switch bytes[position] {
                case Byte.cr:
                    guard position + 1 < end else { return .needMore }
                    guard bytes[position + 1] == Byte.lf else { throw .bareCR }
                    return .end(position + 2)
                case Byte.lf: throw .bareLF
                case Byte.space, Byte.tab: throw .obsFold
                case UInt8(ascii: ":"): throw .emptyFieldName
                default: break
                }
            }
            while position < end, Byte.isToken(bytes[position]) { position += 1 }
            guard position < end else { return .needMore }
            switch bytes[position] {
            case UInt8(ascii: ":"): break
            case Byte.space, Byte.tab: throw .spaceBeforeColon
            case Byte.lf: throw .bareLF
            default: throw .invalidFieldName
            }
            colon = position
            position += 1
        }
        while true {
            position = bytes.firstControl(from: position, to: end)
            guard position < end else { return .needMore }
            switch bytes[position] {
            case Byte.tab: position += 1
            case Byte.cr:
                guard position + 1 < end else { return .needMore }
                guard bytes[position + 1] == Byte.lf else { throw .bareCR }
                let step = Step.field(name: lineStart..<colon, value: bytes.trimmed(colon + 1..<position))
                position += 2
                lineStart = position
                colon = -1
                return step
            case Byte.lf: throw .bareLF
            default: throw .invalidFieldValue
            }
        }
    }
}
