import Foundation
import Glibc

/// The canary's own gateway: this program in a folder of its own, with the sandbox, a provider of realtime sessions, and one
/// that does not answer; their key is marked. It is ended by a signal in the middle of requests, started again, and all that is left is searched.
struct CanaryGateway {
    let folder = NSTemporaryDirectory() + "/tacet-canary-\(UUID().uuidString)"
    /// How each round ends: killed, crashed, aborted, and last as it should.
    static let signals = [SIGKILL, SIGSEGV, SIGABRT, SIGTERM]
    var model: String
    var isTraced: Bool

    /// - Parameter marks: of what is sent. What its operator chooses, the key's name, is marked by itself: it is kept, and may
    ///   stand in the ledger alone.
    func run(_ marks: inout CanaryMarks) throws -> (traffic: CanaryTraffic, search: CanarySearch) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try Self.freePort()
        let provider = try CanaryProvider(words: marks.mark("spoken"))
        defer { provider.stop() }
        let settings = """
            listen: { api: 127.0.0.1:\(port), console: 127.0.0.1:\(try Self.freePort()) }
            data: \(folder)/data
            swap: allowed
            providers:
              absent: { dialect: openai, base_url: "http://127.0.0.1:\(try Self.freePort())/v1", key: env:CANARY_KEY, price: free }
              spoken: { dialect: openai, base_url: "http://127.0.0.1:\(provider.port)/v1", key: env:CANARY_KEY, price: free }

            """
        try Data(settings.utf8).write(to: URL(fileURLWithPath: folder + "/tacet.yaml"))
        var names = CanaryMarks()
        let secret = "sk-" + marks.mark("providerkey")
        let made = try child(["keys", "create", "--name", names.mark("keyname")], secret: secret, output: nil)
        let text = try made.pipe.fileHandleForReading.readToEnd() ?? Data()
        made.process.waitUntilExit()
        let key = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard made.process.terminationStatus == 0, !key.isEmpty else { throw Failure(text: "The gateway made no key.") }
        var traffic = CanaryTraffic(host: "127.0.0.1", port: port, key: key, model: model)
        traffic.realtimeModel = "spoken/gpt-realtime"
        var search = CanarySearch(marks)
        for (round, signal) in Self.signals.enumerated() {
            let server = try child(["serve"], secret: secret, output: folder + "/output.\(round)", round: round).process
            guard Self.waits(for: port) else { throw Failure(text: "The gateway did not start.") }
            traffic.run(&marks)
            (traffic.model, traffic.realtimeModel) = ("absent/" + marks.mark("absentmodel"), "absent/gpt-realtime")
            traffic.run(&marks)
            (traffic.model, traffic.realtimeModel) = (model, "spoken/gpt-realtime")
            usleep(700_000)
            let process = isTraced ? Self.child(of: server.processIdentifier) : server.processIdentifier
            search.openFiles(of: process)
            search.mappedFiles(of: process)
            traffic.sendHalf(&marks)
            let session = traffic.speakHalf(&marks)
            kill(process, signal)
            server.waitUntilExit()
            withExtendedLifetime(session) {}
        }
        search.folder(folder, without: "trace.")
        if isTraced {
            for round in Self.signals.indices { search.trace(folder + "/trace.\(round)", without: []) }
        } else {
            search.note("writes that were taken back: only with --trace")
        }
        try searchNames(names, &search)
        return (traffic, search)
    }

    /// The key's name stands in the ledger, where its owner wrote it, and nowhere else.
    private func searchNames(_ names: CanaryMarks, _ search: inout CanarySearch) throws {
        var other = CanarySearch(names)
        other.folder(folder, without: "trace.", "ledger.sqlite")
        if isTraced {
            for round in Self.signals.indices {
                other.trace(folder + "/trace.\(round)", without: ["ledger.sqlite"])
            }
        }
        search.add(other)
    }

    private func child(
        _ arguments: [String], secret: String, output: String?, round: Int = 0
    ) throws -> (process: Process, pipe: Pipe) {
        let process = Process()
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let all = arguments + ["--config", folder + "/tacet.yaml"]
        if isTraced, output != nil {
            process.executableURL = URL(fileURLWithPath: CanaryTrace.program)
            process.arguments = CanaryTrace(path: folder + "/trace.\(round)").arguments(for: program, all)
        } else {
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = all
        }
        process.environment = ProcessInfo.processInfo.environment.merging(["CANARY_KEY": secret]) { $1 }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        if let output {
            guard FileManager.default.createFile(atPath: output, contents: nil),
                let file = FileHandle(forWritingAtPath: output)
            else { throw Failure(text: "\(output) cannot be written.") }
            process.standardOutput = file
            process.standardError = file
        }
        try process.run()
        return (process, pipe)
    }

    /// The process that another one started.
    private static func child(of parent: Int32) -> Int32 {
        let path = "/proc/\(parent)/task/\(parent)/children"
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: " ").first.flatMap { Int32($0) } ?? parent
    }

    private static func freePort() throws(Failure) -> UInt16 {
        let (file, port) = try CanaryConnection.bound()
        close(file)
        return port
    }

    private static func waits(for port: UInt16) -> Bool {
        for _ in 0..<600 {
            var probe = CanaryTraffic(host: "127.0.0.1", port: port, key: "none", model: "none")
            if probe.isUp() { return true }
            usleep(50_000)
        }
        return false
    }
}
