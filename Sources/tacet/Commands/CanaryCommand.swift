import ArgumentParser
import Foundation
import Glibc

struct CanaryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary",
        abstract: "Send marked words through a gateway, then search every byte it wrote for them.",
        discussion: """
            Example:
              tacet canary
              tacet canary --target http://127.0.0.1:4000 --key sk-… --model gpt-5-mini --data /var/lib/gateway --pid 4711

            Without --target a gateway of this program is started in a folder of its own, killed in the middle, started again
            and searched. With --target any gateway on this machine is: its folders by --data (more than once), what it holds
            open by --pid. Words are looked for in plain, JSON-escaped, UTF-16, base64, hexadecimal and percent form, reversed,
            and inside gzip, zlib and zstd frames (zstd where the system has libzstd). What could not be looked into is
            called `not checked`, never clean.

            Exit code 1 when a word was found, or nothing could be searched.
            """)

    @Option(help: "Address of a running gateway, http:// with a numeric address or localhost.")
    var target: String?
    @Option(help: "Its key.")
    var key: String?
    @Option(help: "A model that it answers for.")
    var model = "sandbox/echo"
    @Option(help: "A folder that it writes to; may be named more than once.")
    var data: [String] = []
    @Option(help: "Its process, whose open files are searched.")
    var pid: Int32?
    @Flag(help: "Print one JSON object.")
    var json = false

    struct Report: Codable {
        var clean: Bool
        var requests: Int
        var answered: Int
        var files: Int
        var bytes: Int
        var leaks: [CanarySearch.Find]
        var not_checked: [String]
    }

    func validate() throws {
        if target == nil, key != nil || !data.isEmpty || pid != nil {
            throw ValidationError("--key, --data and --pid go with --target.")
        }
        if target != nil, data.isEmpty, pid == nil {
            throw ValidationError("With --target, name what to search: --data FOLDER, --pid PROCESS, or both.")
        }
    }

    func run() async throws {
        var marks = CanaryMarks()
        let (traffic, search) = try target == nil ? ownGateway(&marks) : otherGateway(&marks)
        guard traffic.answered > 0 else {
            throw Failure(text: "The gateway answered none of \(traffic.sent) requests.")
        }
        guard search.bytes > 0 else { throw Failure(text: "There was nothing to search: that shows nothing.") }
        let report = Report(
            clean: search.found.isEmpty, requests: traffic.sent, answered: traffic.answered, files: search.files,
            bytes: search.bytes, leaks: search.found, not_checked: search.notChecked)
        Terminal.out(json ? JSONLine.of(report) + [0x0a] : Array(Self.text(report).utf8))
        if !report.clean { throw ExitCode(1) }
    }

    private func otherGateway(_ marks: inout CanaryMarks) throws(Failure) -> (CanaryTraffic, CanarySearch) {
        guard let target, let url = URL(string: target), url.scheme == "http", let host = url.host(),
            let port = url.port
        else { throw Failure(text: "--target is an address such as http://127.0.0.1:4000.", code: 2) }
        var traffic = CanaryTraffic(
            host: host, port: UInt16(clamping: port), key: key ?? "none", model: model)
        traffic.run(&marks)
        // What it writes behind the answer.
        usleep(1_500_000)
        var search = CanarySearch(marks)
        for folder in data { search.folder(folder) }
        if let pid { search.openFiles(of: pid) }
        return (traffic, search)
    }

    /// Starts this program's own gateway with the sandbox alone.
    private func ownGateway(_ marks: inout CanaryMarks) throws -> (CanaryTraffic, CanarySearch) {
        let folder = NSTemporaryDirectory() + "/tacet-canary-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try Self.freePort()
        let settings = """
            listen: { api: 127.0.0.1:\(port), console: 127.0.0.1:\(try Self.freePort()) }
            data: \(folder)/data
            swap: allowed
            providers: {}

            """
        try Data(settings.utf8).write(to: URL(fileURLWithPath: folder + "/tacet.yaml"))
        let made = try Self.child(["keys", "create", "--name", "canary"], in: folder, output: nil)
        let text = try made.pipe.fileHandleForReading.readToEnd() ?? Data()
        made.process.waitUntilExit()
        let key = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard made.process.terminationStatus == 0, !key.isEmpty else { throw Failure(text: "The gateway made no key.") }
        var traffic = CanaryTraffic(host: "127.0.0.1", port: port, key: key, model: model)
        var search = CanarySearch(marks)
        for round in 0..<2 {
            let output = folder + "/output.\(round)"
            let server = try Self.child(["serve"], in: folder, output: output).process
            defer {
                kill(server.processIdentifier, SIGKILL)
                server.waitUntilExit()
            }
            guard Self.waits(for: port) else { throw Failure(text: "The gateway did not start.") }
            traffic.run(&marks)
            usleep(700_000)
            search.openFiles(of: server.processIdentifier)
        }
        search.folder(folder)
        return (traffic, search)
    }

    private static func child(
        _ arguments: [String], in folder: String, output: String?
    ) throws -> (process: Process, pipe: Pipe) {
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = arguments + ["--config", folder + "/tacet.yaml"]
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

    private static func freePort() throws(Failure) -> UInt16 {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(file) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(file, $0, size) == 0 ? unsafe getsockname(file, $0, &size) : -1
            }
        }
        guard code == 0 else { throw Failure(text: "No port is free.") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func waits(for port: UInt16) -> Bool {
        for _ in 0..<300 {
            var probe = CanaryTraffic(host: "127.0.0.1", port: port, key: "none", model: "none")
            if probe.isUp() { return true }
            usleep(50_000)
        }
        return false
    }

    private static func text(_ report: Report) -> String {
        var out = report.clean ? "Clean. " : "LEAKED. "
        out +=
            "\(report.requests) marked requests, \(report.answered) answered; \(report.files) files and \(report.bytes) bytes searched.\n"
        for leak in report.leaks { out += "  \(leak.form) at \(leak.offset) of \(leak.place)\n" }
        for place in report.not_checked { out += "  not checked: \(place)\n" }
        return out
    }
}
