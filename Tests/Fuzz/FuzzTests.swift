import Foundation
import Synchronization
import Testing

/// Hostile bytes, from a seed: a short run in every test, a long one with `make fuzz` (`TACET_FUZZ_SECONDS`, `TACET_SEED`).
///
/// Every input stands in a file before it is tried, so that what stops the process is known after it: keep it under
/// `Tests/Fuzz/Crashes`, named after its subject, and it is tried first ever after.
@Suite(.serialized) struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["TACET_FUZZ_SECONDS"].flatMap(Double.init)
    private static let seed =
        environment["TACET_SEED"].flatMap(UInt64.init) ?? (seconds == nil ? 1 : .random(in: 0 ... .max))
    private static let rounds = 400

    private static func kept(_ subject: FuzzSubject) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Crashes")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
            .filter { $0.hasPrefix(subject.rawValue + "-") }
            .map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }

    @Test(arguments: FuzzSubject.allCases) func keptInputsAreSurvived(subject: FuzzSubject) throws {
        for (name, bytes) in try Self.kept(subject) {
            for choice in 0..<512 {
                do throws(FuzzSubject.Finding) { try subject.run(bytes, choice: UInt64(choice) &* 0x101) } catch {
                    Issue.record("\(name), choice \(choice): \(error)")
                    break
                }
            }
        }
    }

    @Test(arguments: FuzzSubject.allCases) func anythingIsSurvived(subject: FuzzSubject) throws {
        let corpus = FuzzSeeds.of(subject) + (try Self.kept(subject).map(\.bytes))
        var mutator = Mutator(seed: Self.seed)
        let last = LastInput(subject)
        let watch = Watchdog(subject.rawValue)
        defer { watch.stop() }
        let end = Self.seconds.map { ContinuousClock.now + .seconds($0 / Double(FuzzSubject.allCases.count)) }
        var round = 0
        while end.map({ ContinuousClock.now < $0 }) ?? (round < Self.rounds) {
            let bytes = mutator.mutate(corpus)
            let choice = mutator.next()
            last.keep(bytes, choice)
            watch.beat()
            do throws(FuzzSubject.Finding) { try subject.run(bytes, choice: choice) } catch {
                let path = last.name(round)
                Issue.record(
                    "\(subject), seed \(Self.seed), round \(round), choice \(choice): \(error); input in \(path)")
                return
            }
            round += 1
        }
        last.remove()
        if Self.seconds != nil { print("\(subject): \(round) inputs, seed \(Self.seed)") }
    }
}

/// The input being tried, in a file that outlives a crash of the process.
private struct LastInput {
    private let path: String
    private let file: FileHandle?

    init(_ subject: FuzzSubject) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tacet-fuzz").path()
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/\(subject.rawValue)-\(ProcessInfo.processInfo.processIdentifier)"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        file = FileHandle(forWritingAtPath: path)
    }

    func keep(_ bytes: [UInt8], _ choice: UInt64) {
        try? file?.truncate(atOffset: 0)
        try? file?.write(contentsOf: Data(bytes))
    }

    /// Keeps the input for good.
    func name(_ round: Int) -> String {
        let kept = path + "-\(round)"
        try? FileManager.default.copyItem(atPath: path, toPath: kept)
        return kept
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Ends the process when one input takes longer than ten seconds: a loop without end is a finding too.
private final class Watchdog: Sendable {
    private let beats = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)

    init(_ name: String) {
        Thread.detachNewThread { [self] in
            var seen = -1
            while !isStopped.load(ordering: .relaxed) {
                let now = beats.load(ordering: .relaxed)
                guard now != seen || now == 0 else { fatalError("\(name): an input takes too long") }
                seen = now
                Thread.sleep(forTimeInterval: 10)
            }
        }
    }

    func beat() { beats.add(1, ordering: .relaxed) }
    func stop() { isStopped.store(true, ordering: .relaxed) }
}
