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
            and inside gzip, zlib and zstd frames (zstd where the system has libzstd). With --trace every write that the kernel
            saw outside sockets is searched too, also of what was removed again; it needs strace, and for --pid the right to
            trace that process. What could not be looked into is called `not checked`, never clean.

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
    @Flag(help: "Search every write the kernel saw outside sockets.")
    var trace = false
    @Flag(help: "Print one JSON object.")
    var json = false

    struct Report: Codable {
        var clean: Bool
        var requests: Int
        var answered: Int
        /// Realtime sessions that the gateway agreed to.
        var sessions: Int
        var files: Int
        var bytes: Int
        var leaks: [CanarySearch.Find]
        var not_checked: [String]
    }

    func validate() throws {
        if target == nil, key != nil || !data.isEmpty || pid != nil {
            throw ValidationError("--key, --data and --pid go with --target.")
        }
        if trace, target != nil, pid == nil {
            throw ValidationError("--trace of a --target needs its process: --pid.")
        }
        if target != nil, data.isEmpty, pid == nil {
            throw ValidationError("With --target, name what to search: --data FOLDER, --pid PROCESS, or both.")
        }
    }

    func run() async throws {
        var marks = CanaryMarks()
        if trace, !CanaryTrace.isThere { throw Failure(text: "--trace needs strace, which is not on this machine.") }
        let (traffic, search) =
            try target == nil
            ? CanaryGateway(model: model, isTraced: trace).run(&marks) : otherGateway(&marks)
        guard traffic.answered > 0 else {
            throw Failure(text: "The gateway answered none of \(traffic.sent) requests.")
        }
        guard search.bytes > 0 else { throw Failure(text: "There was nothing to search: that shows nothing.") }
        let report = Report(
            clean: search.found.isEmpty, requests: traffic.sent, answered: traffic.answered, sessions: traffic.sessions,
            files: search.files,
            bytes: search.bytes, leaks: search.found, not_checked: search.notChecked)
        Terminal.out(json ? JSONLine.of(report) + [0x0a] : Array(Self.text(report).utf8))
        if !report.clean { throw ExitCode(1) }
    }

    private func otherGateway(_ marks: inout CanaryMarks) throws -> (traffic: CanaryTraffic, search: CanarySearch) {
        guard let target, let url = URL(string: target), url.scheme == "http", let host = url.host(),
            let port = url.port
        else { throw Failure(text: "--target is an address such as http://127.0.0.1:4000.", code: 2) }
        var traffic = CanaryTraffic(
            host: host, port: UInt16(clamping: port), key: key ?? "none", model: model)
        let file = NSTemporaryDirectory() + "/tacet-canary-\(UUID().uuidString).trace"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let tracer = try trace ? pid.map { try Self.attach(to: $0, file) } : nil
        traffic.run(&marks)
        traffic.sendHalf(&marks)
        // What it writes behind the answer.
        usleep(1_500_000)
        var search = CanarySearch(marks)
        if let tracer {
            tracer.interrupt()
            tracer.waitUntilExit()
            search.trace(file, without: [])
        } else {
            search.note("writes that were taken back: only with --trace")
        }
        for folder in data { search.folder(folder) }
        if let pid {
            search.openFiles(of: pid)
            search.mappedFiles(of: pid)
        }
        return (traffic, search)
    }

    private static func attach(to process: Int32, _ file: String) throws -> Process {
        let tracer = Process()
        tracer.executableURL = URL(fileURLWithPath: CanaryTrace.program)
        tracer.arguments = CanaryTrace(path: file).arguments(for: process)
        tracer.standardError = FileHandle.nullDevice
        // It inherits what this thread blocks, and would not hear that it shall end.
        var signals = sigset_t()
        var former = sigset_t()
        unsafe sigfillset(&signals)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &former)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &former, nil) }
        try tracer.run()
        // Attached when the kernel says so.
        for _ in 0..<100 {
            let status = FileManager.default.contents(atPath: "/proc/\(process)/status") ?? Data()
            if !String(decoding: status, as: UTF8.self).contains("TracerPid:\t0\n") { return tracer }
            guard tracer.isRunning else { break }
            usleep(50_000)
        }
        tracer.terminate()
        throw Failure(text: "Process \(process) cannot be traced by this user: run as root.")
    }

    private static func text(_ report: Report) -> String {
        var out = report.clean ? "Clean. " : "LEAKED. "
        out +=
            "\(report.requests) marked requests, \(report.answered) answered, \(report.sessions) realtime sessions; \(report.files) files and \(report.bytes) bytes searched.\n"
        for leak in report.leaks { out += "  \(leak.form) at \(leak.offset) of \(leak.place)\n" }
        for place in report.not_checked { out += "  not checked: \(place)\n" }
        return out
    }
}
