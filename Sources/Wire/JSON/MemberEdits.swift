/// The members of one object, in order, and which of them go. Commas go with them.
struct MemberEdits {
    private struct Member {
        /// From the name's quote to the value's end.
        var range: Range<Int>
        var isRemoved: Bool
    }

    private var members: [Member] = []

    var count: Int { members.count }

    /// - Parameters:
    ///   - name: as `JSONCursor.name` gave it.
    ///   - end: behind the value.
    mutating func add(_ name: JSONText, end: Int, isRemoved: Bool = false) {
        members.append(Member(range: name.start - 1..<end, isRemoved: isRemoved))
    }

    mutating func remove(_ index: Int) { members[index].isRemoved = true }

    func apply(to edits: inout Edits) {
        var lastKept: Int?
        for (index, member) in members.enumerated() {
            guard member.isRemoved else {
                lastKept = index
                continue
            }
            if index + 1 < members.count, members[(index + 1)...].contains(where: { !$0.isRemoved }) {
                // With the comma behind it.
                edits.replace(member.range.lowerBound..<members[index + 1].range.lowerBound) { _ in }
            } else {
                // The last ones, with the comma before them.
                let start = lastKept.map { members[$0].range.upperBound } ?? members[0].range.lowerBound
                return edits.replace(start..<members[members.count - 1].range.upperBound) { _ in }
            }
        }
    }
}
