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
