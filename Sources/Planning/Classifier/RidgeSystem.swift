/// (XᵀX + λ) w = Xᵀy for rows that are sparse in the hashed features and dense in the hand-made ones. A bucket that many
/// rows have says less of each: its feature is scaled by the root of its rarity, the logarithm of one over its share of rows.
struct RidgeSystem {
    private let buckets: [[UInt16]]
    private let values: [Double]
    private let hand: [[Double]]
    private let handCount: Int
    private let rarity: [Double]

    init(buckets: [[UInt16]], values: [Double], hand: [[Double]]) {
        self.buckets = buckets
        self.values = values
        self.hand = hand
        handCount = hand.first?.count ?? 0
        var rows = [Double](repeating: 0, count: PromptReader.buckets)
        for row in buckets { for bucket in row { rows[Int(bucket)] += 1 } }
        let all = Double(buckets.count + 1)
        let squares = rows.map { $0 > 0 ? Self.logarithm(all / ($0 + 1)) : 0 }
        // A row's hashed features have the length one on average, as they would have unscaled.
        let lengths = zip(buckets, values).map { row, value in
            row.reduce(0) { $0 + squares[Int($1)] } * value * value
        }
        let mean = lengths.reduce(0, +) / Double(max(1, lengths.count))
        rarity = squares.map { (mean > 0 ? $0 / mean : 1).squareRoot() }
    }

    /// The weights after at most so many steps of conjugate gradients, fewer when the residual has vanished.
    func solution(for targets: [Double], penalty: Double, steps: Int) -> [Double] {
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
        for bucket in 0..<PromptReader.buckets { weights[bucket] *= rarity[bucket] }
        return weights
    }

    /// X w
    private func applied(_ weights: [Double]) -> [Double] {
        let scaled = zip(weights, rarity).map { $0 * $1 }
        return buckets.indices.map { row in
            var sum = 0.0
            for bucket in buckets[row] { sum += scaled[Int(bucket)] }
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
        for bucket in 0..<PromptReader.buckets { out[bucket] *= rarity[bucket] }
        return out
    }

    /// To the base of two, linear between its powers: the same on every machine, without a library.
    private static func logarithm(_ value: Double) -> Double { Double(value.exponent) + value.significand - 1 }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }
}
