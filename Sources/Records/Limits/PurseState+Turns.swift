import Vocabulary

/// Those in flight and those who wait for them. Who waits for an account, waits only as long as it is full.
extension PurseState {
    /// Somebody's turn, to be told outside of every lock.
    typealias Grant = (waiter: any TurnWaiter, answer: TurnAnswer)

    enum Entrance {
        case taken(Allowance)
        case limited(RateDenial)
        /// This account is full.
        case crowded(Int32, RateDenial)
    }

    var limitsCalls: Bool { rules.limits.contains { $0.key.kind == .deployment && $0.value.inFlight != nil } }

    /// One request in flight at each of these accounts, or at none.
    mutating func enter(_ route: Route) -> Entrance {
        for place in route.rates {
            if let denial = rates[Int(place)].denial(at: now) { return .limited(told(denial, route.rates)) }
        }
        for place in route.rates {
            if let denial = rates[Int(place)].crowding { return .crowded(place, told(denial, route.rates)) }
        }
        var allowance = Allowance()
        for place in route.rates {
            rates[Int(place)].begin(at: now)
            rates[Int(place)].enter()
            rates[Int(place)].narrow(&allowance, at: now)
        }
        return .taken(allowance)
    }

    mutating func take(_ ask: TurnAsk, for waiter: any TurnWaiter, at moment: Moment) -> TurnAnswer {
        advance(moment)
        switch attempt(ask) {
        case .settled(let answer): return answer
        case .blocked(let places, let denial):
            guard let number = queue.join(WaitingLine.Waiter(ask: ask, waiter: waiter, places: places)) else {
                return .limited(denial)
            }
            return .waits(number, denial)
        }
    }

    mutating func giveUp(_ number: UInt64) { queue.remove(number) }

    /// - Returns: whose turn it is now.
    @discardableResult
    mutating func leave(_ payer: Payer) -> [Grant] {
        let places = route(of: payer).rates
        for place in places { rates[Int(place)].leave() }
        return queue.isEmpty ? [] : serve(places)
    }

    /// - Returns: whose turn it is now.
    @discardableResult
    mutating func endCall(to deployment: DeploymentID) -> [Grant] {
        guard let place = ratePlaces[.deployment(deployment)] else { return [] }
        rates[Int(place)].leave()
        return queue.isEmpty ? [] : serve([place])
    }

    /// Limits have changed.
    mutating func serveAll() -> [Grant] { serve(queue.places) }

    private enum Attempt {
        case settled(TurnAnswer)
        case blocked([Int32], RateDenial)
    }

    private mutating func attempt(_ ask: TurnAsk) -> Attempt {
        switch ask {
        case .request(let payer):
            switch enter(route(of: payer)) {
            case .taken(let allowance): return .settled(.admitted(allowance))
            case .limited(let denial): return .settled(.limited(denial))
            case .crowded(let place, let denial): return .blocked([place], denial)
            }
        case .call(let deployments, _):
            var full: [Int32] = []
            var denial: RateDenial?
            for deployment in deployments {
                guard let place = ratePlaces[.deployment(deployment)] else { return .settled(.called(deployment)) }
                if let crowding = rates[Int(place)].crowding {
                    full.append(place)
                    denial = denial ?? crowding
                } else {
                    rates[Int(place)].enter()
                    return .settled(.called(deployment))
                }
            }
            guard let denial else { preconditionFailure("a call without a deployment") }
            return .blocked(full, denial)
        }
    }

    private mutating func serve(_ places: [Int32]) -> [Grant] {
        var grants: [Grant] = []
        for place in places {
            while rates[Int(place)].crowding == nil, let (number, waiter) = queue.next(at: place) {
                switch attempt(waiter.ask) {
                case .settled(let answer):
                    queue.remove(number)
                    grants.append((waiter.waiter, answer))
                case .blocked(let others, _): queue.move(number, to: others)
                }
            }
        }
        return grants
    }
}
