import Vocabulary

/// What one side says until the other does.
struct Side {
    /// `user` or `assistant`.
    let role: Turn.Role
    /// Results of tools before all else.
    let blocks: [Block]
}

extension Conversation {
    /// The turns of both sides, those of one in a row as one, for dialects in which they must alternate.
    ///
    /// - Parameter losses: gets the names of participants, which such a dialect has no place for.
    func sides(_ losses: inout [Loss]) -> [Side] {
        let turns = self.turns.filter { $0.role == .user || $0.role == .assistant }
        var sides: [Side] = []
        var at = 0
        while at < turns.count {
            let role = turns[at].role
            var results: [Block] = []
            var others: [Block] = []
            while at < turns.count, turns[at].role == role {
                if turns[at].name != nil { losses.append(Loss(.unsupported, at: turns[at].place, "name")) }
                for block in turns[at].blocks {
                    if case .toolResult = block.kind { results.append(block) } else { others.append(block) }
                }
                at += 1
            }
            sides.append(Side(role: role, blocks: results + others))
        }
        return sides
    }
}
