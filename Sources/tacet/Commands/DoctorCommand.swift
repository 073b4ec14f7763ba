import ArgumentParser
import Foundation
import Glibc
import Vocabulary

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at this machine: versions, data directory, swap, limits.",
        discussion: """
            Example:
              tacet doctor --json
            """)

    @OptionGroup var output: JSONOption
    @OptionGroup var place: PlaceOptions

    struct Line: Codable {
        var check: String
        var ok: Bool
        var found: String
    }

    func run() throws {
        var lines: [Line] = [
            Line(check: "version", ok: true, found: "\(Version.text), profile version \(PolicyProfile.version)")
        ]
        lines.append(settings())
        lines.append(data())
        let swap = SwapCheck.now()
        lines.append(
            Line(
                check: "swap", ok: !swap.isUsable,
                found: swap.isUsable
                    ? "unencrypted and usable: \(swap.unencrypted.joined(separator: ", "))"
                    : "nothing unencrypted that this process could be written to"))
        lines.append(files())
        lines.append(Line(check: "cores", ok: true, found: "\(Machine.cores)"))
        lines.append(Line(check: "memory for bodies", ok: true, found: "\(Machine.bodyBudget >> 20) MiB"))
        output.show(lines.map { JSONLine.of($0) }) {
            var table = TextTable("CHECK", "", "FOUND")
            for line in lines { table.add(line.check, line.ok ? "ok" : "look", line.found) }
            return table.text
        }
        if lines.contains(where: { !$0.ok }) { throw ExitCode(1) }
    }

    private func settings() -> Line {
        let name = place.file.path ?? "environment alone"
        do throws(Mistakes) {
            let settings = try place.settings()
            return Line(check: "settings", ok: true, found: "\(name), \(settings.providers.count) providers")
        } catch {
            return Line(check: "settings", ok: false, found: "\(name), \(error.all.count) mistakes: tacet config check")
        }
    }

    /// Looks without making anything.
    private func data() -> Line {
        let path: String
        do {
            path = try place.dataPath()
        } catch {
            return Line(check: "data", ok: false, found: "no place for it: give --data PATH")
        }
        guard FileManager.default.fileExists(atPath: path) else {
            return Line(check: "data", ok: true, found: "\(path), not made yet")
        }
        let isUsable = unsafe access(path, R_OK | W_OK | X_OK) == 0
        return Line(check: "data", ok: isUsable, found: path + (isUsable ? "" : ", not writable by this user"))
    }

    private func files() -> Line {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Line(check: "open files", ok: false, found: "not known")
        }
        return Line(
            check: "open files", ok: limit.rlim_max >= 4096,
            found: limit.rlim_max > 1 << 32 ? "no limit" : "up to \(limit.rlim_max)")
    }
}
