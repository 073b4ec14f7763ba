import NIOCore
import Vocabulary

/// Something with deadlines that is looked at a few times a second, instead of one timer each (4 mallocs a timer).
protocol Swept: AnyObject {
    /// Where the object stands in its loop's list; owned by the sweeper.
    var sweepIndex: Int { get set }
    func sweep(_ now: Instant)
}

/// One event loop's list of what has deadlines.
final class Sweeper {
    /// Deadlines are kept to within this.
    static let periodMilliseconds: Int64 = 100

    private var members: [any Swept] = []

    func add(_ member: any Swept) {
        member.sweepIndex = members.count
        members.append(member)
    }

    func remove(_ member: any Swept) {
        let index = member.sweepIndex
        guard index >= 0 else { return }
        members.swapAt(index, members.count - 1)
        members[index].sweepIndex = index
        members.removeLast()
        member.sweepIndex = -1
    }

    func sweep(_ now: Instant) { each { $0.sweep(now) } }

    /// Members may remove themselves or others meanwhile.
    func each(_ body: (any Swept) -> Void) {
        var index = members.count - 1
        while index >= 0 {
            if index < members.count { body(members[index]) }
            index -= 1
        }
    }
}
