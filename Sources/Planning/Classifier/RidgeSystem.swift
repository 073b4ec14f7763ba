/// (XᵀX + λ) w = Xᵀy for rows that are sparse in the hashed features and dense in the hand-made ones.
struct RidgeSystem {
    private let buckets: [[UInt16]]
    private let values: [Double]
    private let hand: [[Double]]
    private let penalty: Double
    private let handCount: Int

    init(buckets: [[UInt16]], values: [Double], hand: [[Double]], penalty: Double) {
        self.buckets = buckets
        self.values = values
        self.hand = hand
        self.penalty = penalty
        handCount = hand.first?.count ?? 0
    }

    /// The weights after at most so many steps of conjugate gradients, fewer when the residual has vanished.
    func solution(for targets: [Double], steps: Int) -> [Double] {
        var weights = [Double](repeating: 0, count: PromptReader.buckets + handCount)
        var residual = transposed(targets)
        var direction = residual
        var norm = dot(residual, residual)
        let goal = norm * 1e-10
        for _ in 0..<steps where norm > goal {
            var image = transposed(applied(direction))
            for index in image.indices { image[index] += penalty * direction[index] }
            let length = norm / dot(direction, image)
            for index in weights.indices {
                weights[index] += length * direction[index]
                residual[index] -= length * image[index]
            }
            let next = dot(residual, residual)
            let turn = next / norm
            for index in direction.indices { direction[index] = residual[index] + turn * direction[index] }
            norm = next
        }
        return weights
    }

    /// X w
    private func applied(_ weights: [Double]) -> [Double] {
        buckets.indices.map { row in
            var sum = 0.0
            for bucket in buckets[row] { sum += weights[Int(bucket)] }
            sum *= values[row]
            for index in 0..<handCount { sum += weights[PromptReader.buckets + index] * hand[row][index] }
            return sum
        }
    }

    /// Xᵀ y
    private func transposed(_ targets: [Double]) -> [Double] {
        var out = [Double](repeating: 0, count: PromptReader.buckets + handCount)
        for row in buckets.indices {
            let part = targets[row] * values[row]
            for bucket in buckets[row] { out[Int(bucket)] += part }
            for index in 0..<handCount { out[PromptReader.buckets + index] += targets[row] * hand[row][index] }
        }
        return out
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }
}
