import Vocabulary

/// First come, first served within an organisation; organisations in turn, so that one with a thousand waiting delays one
/// with a single request by no more than one place.
struct FairQueue: Equatable, Sendable {
    private var lanes: [OrganisationID: [UInt64]] = [:]
    /// Organisations that have somebody waiting; the first is next.
    private var round: [OrganisationID] = []

    var isEmpty: Bool { round.isEmpty }

    /// - Parameter number: rises with the time of arrival, and decides within the organisation.
    mutating func add(_ number: UInt64, of organisation: OrganisationID) {
        var lane = lanes[organisation] ?? []
        if lane.isEmpty { round.append(organisation) }
        lane.insert(number, at: lane.lastIndex { $0 < number }.map { $0 + 1 } ?? 0)
        lanes[organisation] = lane
    }

    mutating func next() -> UInt64? {
        guard let organisation = round.first, let number = lanes[organisation]?.removeFirst() else { return nil }
        round.removeFirst()
        if lanes[organisation]?.isEmpty == false { round.append(organisation) } else { lanes[organisation] = nil }
        return number
    }

    mutating func remove(_ number: UInt64, of organisation: OrganisationID) {
        lanes[organisation]?.removeAll { $0 == number }
        guard lanes[organisation]?.isEmpty == true else { return }
        lanes[organisation] = nil
        round.removeAll { $0 == organisation }
    }
}

/// Who waits until something in flight has ended, and whose.
struct WaitingLine: Sendable {
    /// One who waits.
    struct Waiter: Sendable {
        let ask: TurnAsk
        let waiter: any TurnWaiter
        /// The accounts that are full, in whose queues it stands.
        var places: [Int32]

        var organisation: OrganisationID {
            switch ask {
            case .request(let payer): payer.organisation
            case .call(_, let organisation): organisation
            }
        }
    }

    /// Of one organisation.
    let most: Int
    private var last: UInt64 = 0
    private var waiters: [UInt64: Waiter] = [:]
    private var counts: [OrganisationID: Int] = [:]
    private var queues: [Int32: FairQueue] = [:]

    init(most: Int) { self.most = most }

    var isEmpty: Bool { waiters.isEmpty }
    var count: Int { waiters.count }
    /// The accounts that somebody waits for.
    var places: [Int32] { Array(queues.keys) }

    func takes(_ organisation: OrganisationID) -> Bool { counts[organisation] ?? 0 < most }

    /// - Returns: the number it stands under; `nil` where its organisation has enough in line.
    mutating func join(_ waiter: Waiter) -> UInt64? {
        guard takes(waiter.organisation) else { return nil }
        last += 1
        counts[waiter.organisation, default: 0] += 1
        enqueue(last, waiter)
        return last
    }

    /// Stands in other queues, at the place that its number has there.
    mutating func move(_ number: UInt64, to places: [Int32]) {
        guard var waiter = waiters[number] else { return }
        waiter.places = places
        enqueue(number, waiter)
    }

    private mutating func enqueue(_ number: UInt64, _ waiter: Waiter) {
        waiters[number] = waiter
        for place in waiter.places { queues[place, default: FairQueue()].add(number, of: waiter.organisation) }
    }

    /// Takes the next one out of the queues it stands in; it still is in line until it goes.
    mutating func next(at place: Int32) -> (number: UInt64, waiter: Waiter)? {
        guard let number = queues[place]?.next(), let waiter = waiters[number] else { return nil }
        leaveQueues(number, waiter)
        return (number, waiter)
    }

    mutating func remove(_ number: UInt64) {
        guard let waiter = waiters.removeValue(forKey: number) else { return }
        leaveQueues(number, waiter)
        let count = counts[waiter.organisation] ?? 0
        counts[waiter.organisation] = count > 1 ? count - 1 : nil
    }

    private mutating func leaveQueues(_ number: UInt64, _ waiter: Waiter) {
        for place in waiter.places {
            queues[place]?.remove(number, of: waiter.organisation)
            if queues[place]?.isEmpty == true { queues[place] = nil }
        }
    }
}
