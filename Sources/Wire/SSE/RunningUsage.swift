import Vocabulary

extension TokenUsage {
    /// Takes a later report of the same stream. Reports are running totals: one with any larger count takes the place of the
    /// last one. Where it says nothing of the tokens read, or of those generated, they were told before.
    mutating func take(_ report: TokenUsage) {
        for kind in UsageClass.allCases where report[kind] > self[kind] {
            let last = self
            self = report
            if totalInput == 0 {
                for kind in Self.inputClasses { self[kind] = last[kind] }
            }
            if totalOutput == 0 {
                for kind in Self.outputClasses { self[kind] = last[kind] }
            }
            return
        }
    }

    private static let inputClasses: [UsageClass] = [
        .input, .cacheRead, .cacheWrite5m, .cacheWrite1h, .inputAudio, .inputImage,
    ]
    private static let outputClasses: [UsageClass] = [.output, .reasoning, .outputAudio, .outputImage]
}

extension StreamReport {
    /// Takes what the provider of a stream reports, once or again and again.
    mutating func take(_ usage: TokenUsage) {
        if self.usage?.take(usage) == nil { self.usage = usage }
    }
}
