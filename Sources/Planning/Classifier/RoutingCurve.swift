/// How well scores rank prompts for a strong and a weak model, as RouteLLM measures it (arXiv 2406.18665): thresholds at
/// ten quantiles of the scores, prompts at or above one go to the strong model.
public struct RoutingCurve: Sendable {
    /// The part of the gap between weak and strong that is recovered, averaged over all shares of strong calls: 0.5 is
    /// random, and a scorer that knew every outcome passes 1.
    public var recovered: Double
    /// By rising share of strong calls: what part of the gap is recovered.
    private let points: [(share: Double, gain: Double)]

    /// `nil` when the models do not differ on the rows, or all scores are one.
    public init?(scores: [Double], strong: [Double], weak: [Double]) {
        let count = Double(scores.count)
        guard scores.count == strong.count, scores.count == weak.count, scores.count > 1 else { return nil }
        let sorted = scores.sorted()
        var points: [(share: Double, quality: Double)] = []
        for step in 0...10 {
            let place = Double(step) / 10 * (count - 1)
            let low = Int(place)
            let high = min(low + 1, sorted.count - 1)
            let threshold = sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
            var sent = 0.0
            var quality = 0.0
            for index in scores.indices {
                let isStrong = step < 10 ? scores[index] >= threshold : scores[index] > threshold
                sent += isStrong ? 1 : 0
                quality += isStrong ? strong[index] : weak[index]
            }
            points.append((sent / count, quality / count))
        }
        points.sort { ($0.share, $0.quality) < ($1.share, $1.quality) }
        let base = weak.reduce(0, +) / count
        let top = strong.reduce(0, +) / count
        let span = points[10].share - points[0].share
        guard top != base, span > 0 else { return nil }
        var area = 0.0
        for index in 1...10 {
            area +=
                (points[index].share - points[index - 1].share) * (points[index].quality + points[index - 1].quality)
                / 2
        }
        recovered = (area - base * span) / ((top - base) * span)
        self.points = points.map { ($0.share, ($0.quality - base) / (top - base)) }
    }

    /// The share of strong calls that recovers a part of the gap, between the points in a straight line.
    public func share(recovering part: Double) -> Double {
        guard let place = points.firstIndex(where: { $0.gain >= part }) else { return points[points.count - 1].share }
        guard place > 0 else { return points[0].share }
        let (low, high) = (points[place - 1], points[place])
        return low.share + (part - low.gain) / (high.gain - low.gain) * (high.share - low.share)
    }
}
