import Foundation

// Compiled by scan.py together with the JSON scanner as one module.
@main
enum Scan {
    static func main() throws {
        let body = [UInt8](try Data(contentsOf: URL(filePath: CommandLine.arguments[1])))
        let rounds = 200
        var best = Duration.seconds(1_000_000)
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            guard try JSONCursor.validate(body.span) == .object else { fatalError("the body is no object") }
            best = min(best, ContinuousClock.now - start)
        }
        let seconds = best / .seconds(1)
        print(
            "{\"bytes\":\(body.count),\"us\":\(seconds * 1e6),\"gbps\":\(Double(body.count) / seconds / 1e9),\"rounds\":\(rounds)}"
        )
    }
}
