import Vocabulary

/// What one strict pass over a request's body keeps while it goes: the members it saw, and the first thing wrong with them.
protocol MemberReading {
    /// A bit for each member seen.
    var seen: UInt64 { get set }
    /// The first; the scan goes on behind it.
    var rejection: RequestRejection? { get set }
}

extension MemberReading {
    func wasSeen(_ member: RequestMember) -> Bool { seen & (1 << UInt64(member.rawValue)) != 0 }

    /// Notes a member; a second one is refused: providers differ in which of two they believe.
    mutating func note(_ member: RequestMember, _ offset: Int) {
        if wasSeen(member) { reject(.duplicateMember, member, offset) }
        seen |= 1 << UInt64(member.rawValue)
    }

    mutating func reject(_ code: ErrorCode, _ member: RequestMember, _ offset: Int) {
        if rejection == nil { rejection = RequestRejection(code: code, member: member, offset: offset) }
    }

    mutating func require(_ kind: JSONKind, _ value: JSONValue, _ member: RequestMember) -> Bool {
        if value.kind != kind { reject(.wrongType, member, value.start) }
        return value.kind == kind
    }

    /// `nil` for null, and for what is refused.
    mutating func flag(_ value: JSONValue, _ member: RequestMember) -> Bool? {
        switch value.kind {
        case .true: return true
        case .false: return false
        case .null: return nil
        default:
            reject(.wrongType, member, value.start)
            return nil
        }
    }

    /// A whole number in a range; `nil` for null, and for what is refused.
    mutating func count(
        _ value: JSONValue, _ member: RequestMember, _ allowed: ClosedRange<Int64>, _ b: Span<UInt8>
    ) -> Int64? {
        if value.kind == .null { return nil }
        guard value.kind == .number, let number = JSONNumber(b, value.range), number.isWhole else {
            reject(.wrongType, member, value.start)
            return nil
        }
        guard let count = Int64(exactly: number.magnitude), !number.isNegative, allowed.contains(count) else {
            reject(.outOfRange, member, value.start)
            return nil
        }
        return count
    }
}

/// A reader that takes the members of a body's object as they come.
protocol BodyReading: MemberReading {
    var cursor: JSONCursor { get set }
    /// `nil` for a member that nothing depends on.
    static func member(_ name: JSONText, _ b: Span<UInt8>) -> RequestMember?
    /// Reads the value ahead.
    mutating func value(of member: RequestMember, _ b: Span<UInt8>) throws(JSONFault)
}

extension BodyReading {
    /// Reads the whole body. `nil`, and a rejection, for what is no object.
    /// - Returns: where the first member may stand, and whether there is none.
    mutating func members(_ b: Span<UInt8>) throws(JSONFault) -> (first: Int, isEmpty: Bool)? {
        guard try cursor.peek(b) == .object else {
            reject(.wrongType, .body, cursor.at)
            _ = try cursor.value(b)
            try cursor.finish(b)
            return nil
        }
        let first = cursor.at + 1
        var more = try cursor.beginObject(b)
        let isEmpty = !more
        while more {
            let name = try cursor.name(b)
            if let member = Self.member(name, b) {
                note(member, name.start)
                try value(of: member, b)
            } else {
                _ = try cursor.value(b)
            }
            more = try cursor.nextMember(b)
        }
        try cursor.finish(b)
        return (first, isEmpty)
    }
}
