import CDispatch
import Foundation
import Glibc
import Policy
import Records
import Vocabulary

/// Looks at an installation for `policy check`. Nothing is made; opening the ledger brings an older one up to date.
struct PolicyFacts {
    var settings: Settings
    var data: String
    var environment: [String: String]
    var now: Moment

    var all: [Fact] {
        var facts = [swap, callees, pages, notices, changes, keysInTheClear, keyFiles, listeners]
        guard FileManager.default.fileExists(atPath: data) else {
            facts.append(
                Fact(
                    name: "data", promises: Self.silence + Self.logs, isSound: true,
                    found: "nothing is stored: \(data) is not made yet"))
            return facts
        }
        facts += [modes, strangers, coreLimit] + logFacts + ledger
        return facts
    }

    /// The promises that words are at rest nowhere, and that what is kept is a closed list.
    static let silence = ids("AX-7 AX-10 AX-11 AI-4 OL-3")
    static let logs = ids("AU-14 AU-29 AN-15 AN-25")

    static func ids(_ text: String) -> [PromiseID] { text.split(separator: " ").compactMap { PromiseID(String($0)) } }

    // MARK: The machine

    private var swap: Fact {
        let swap = SwapCheck.now()
        let exception = settings.allowsSwap ? ", by the declared exception `swap: allowed`" : ""
        return Fact(
            name: "swap", promises: Self.ids("AU-12"), isSound: !swap.isUsable,
            found: swap.isUsable
                ? "unencrypted and usable: \(swap.unencrypted.joined(separator: ", "))\(exception)"
                : "nothing unencrypted that the server could be written to")
    }

    /// Of the process that holds the server's lock: `/proc/locks` names it.
    private var coreLimit: Fact {
        func fact(_ isSound: Bool?, _ found: String) -> Fact {
            Fact(name: "core dumps", promises: Self.ids("AU-12"), isSound: isSound, found: found)
        }
        var facts = stat()
        guard unsafe stat(data + "/server.lock", &facts) == 0, let locks = CGroup.text("/proc/locks") else {
            return fact(nil, "no server was started here")
        }
        let holder = locks.split(separator: "\n").lazy.map { $0.split(separator: " ") }.first { words in
            words.count > 5 && words[1] == "FLOCK" && words[5].hasSuffix(":\(facts.st_ino)")
        }
        guard let process = holder.flatMap({ Int($0[4]) }), process > 0,
            let limits = CGroup.text("/proc/\(process)/limits")
        else { return fact(nil, "no server runs here that can be looked at") }
        let line = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        let values = line?.split(separator: " ").dropFirst(4).prefix(2).joined(separator: " ") ?? "unknown"
        return fact(values == "0 0", "core file size of process \(process): \(values)")
    }

    // MARK: Settings

    private var callees: Fact {
        let hosts = settings.providers.map { "\($0.base.host):\($0.base.port)" } + ["the built-in sandbox"]
        return Fact(
            name: "who is called", promises: Self.ids("AI-12 AU-21 OL-1"), isSound: true,
            found: hosts.joined(separator: ", ") + ", and nobody else")
    }

    /// Incidents and authorities' requests are told by mail.
    private var notices: Fact {
        let server = settings.alerts.mailServer
        return Fact(
            name: "mail", promises: Self.ids("AN-20 AN-21"), isSound: server != nil,
            found: server.map { "by \($0.0):\($0.1)" } ?? "alerts.mail names no server: nobody can be told")
    }

    /// What is not published does not change.
    private var changes: Fact {
        let facts = PublicPages.facts(settings)
        let agreements = LegalPage.allCases.filter(\.isAgreement)
        let isPublished = agreements.contains { $0.missing(in: facts).isEmpty }
        return Fact(
            name: "notice of changes", promises: Self.ids("AN-30"),
            isSound: !isPublished || settings.alerts.mailServer != nil,
            found: settings.alerts.mailServer != nil
                ? "by mail"
                : isPublished
                    ? "on the page alone: alerts.mail names no server" : "nothing is published that could change")
    }

    /// AN-31: which pages cannot be published, and for want of what.
    private var pages: Fact {
        let facts = PublicPages.facts(settings)
        let lacking = LegalPage.allCases.compactMap { page -> String? in
            let missing = page.missing(in: facts)
            return missing.isEmpty
                ? nil
                : "/legal/\(page.rawValue) lacks \(missing.map { "legal.\($0.rawValue)" }.joined(separator: ", "))"
        }
        return Fact(
            name: "legal pages", promises: Self.ids("AN-31"), isSound: true,
            found: lacking.isEmpty ? "all are published" : "not published: \(lacking.joined(separator: "; "))")
    }

    private var keysInTheClear: Fact {
        let clear = settings.providers.filter { $0.key != .none && !$0.base.isSecure && !$0.base.isLoopback }
        return Fact(
            name: "provider keys in transit", promises: Self.ids("AU-7"), isSound: clear.isEmpty,
            found: clear.isEmpty
                ? "no key goes to another machine without TLS"
                : "without TLS: \(clear.map(\.name).joined(separator: ", "))")
    }

    private var keyFiles: Fact {
        let open = settings.providers.compactMap { provider -> String? in
            guard case .file(let path) = provider.key, let mode = Self.mode(of: path), mode & 0o077 != 0 else {
                return nil
            }
            return "\(path) has mode \(String(mode, radix: 8))"
        }
        return Fact(
            name: "provider key files", promises: Self.ids("AU-8"), isSound: open.isEmpty,
            found: open.isEmpty ? "none is readable by others" : open.joined(separator: ", "))
    }

    private var listeners: Fact {
        let plain = [settings.api, settings.console].filter { $0.tls == nil && !HostForm.isLoopback($0.host) }
        return Fact(
            name: "listeners", promises: Self.ids("AU-33 AN-18"), isSound: plain.isEmpty,
            found: plain.isEmpty
                ? "each has TLS or is open to this machine only"
                : "open to other machines without TLS: \(plain.map(\.address).joined(separator: ", "))")
    }

    // MARK: The data directory

    /// Everything in it by its path from there, folders too.
    private var files: [String] {
        (FileManager.default.enumerator(atPath: data)?.compactMap { $0 as? String } ?? []).sorted()
    }

    private var modes: Fact {
        let paths = [""] + files.map { "/" + $0 }
        let open = paths.compactMap { path -> String? in
            guard let mode = Self.mode(of: data + path), mode & 0o077 != 0 else { return nil }
            return "\(path.isEmpty ? data : String(path.dropFirst())) has mode \(String(mode, radix: 8))"
        }
        return Fact(
            name: "file modes", promises: Self.ids("AX-10 AI-7"), isSound: open.isEmpty,
            found: open.isEmpty
                ? "\(paths.count) files and folders, none readable by others" : Self.some(open))
    }

    private var strangers: Fact {
        let unknown = files.filter { path in
            var isFolder: ObjCBool = false
            let isThere = unsafe FileManager.default.fileExists(atPath: data + "/" + path, isDirectory: &isFolder)
            return isThere && !isFolder.boolValue && !DataMap.knowsFile(path)
        }
        return Fact(
            name: "files of the data map", promises: Self.ids("AX-11"), isSound: unknown.isEmpty ? true : nil,
            found: unknown.isEmpty ? "every file is one of the map's" : "not of Tacet's making: \(Self.some(unknown))")
    }

    private static func mode(of path: String) -> UInt32? {
        var facts = stat()
        return unsafe lstat(path, &facts) == 0 ? facts.st_mode & 0o777 : nil
    }

    // MARK: The logs

    private var logFacts: [Fact] {
        let look = PolicyLogLook(folder: data + "/logs", now: now)
        func aged(_ promises: String, atMost days: Int64) -> Fact {
            let found = look.oldestDays.map {
                "the oldest of \(look.count) files is \($0) days old, promised are \(days)"
            }
            return Fact(
                name: "log age", promises: Self.ids(promises), isSound: look.oldestDays.map { $0 < days } ?? true,
                found: found ?? "there is no log file")
        }
        return [
            aged("AU-29", atMost: 14), aged("AN-15 AN-25", atMost: 30),
            Fact(
                name: "log lines", promises: Self.ids("AU-14 AN-15"), isSound: look.strange == 0,
                found: look.strange == 0
                    ? "\(look.lines) lines of numbers, ids and codes"
                    : "\(look.strange) of \(look.lines) lines hold something else"),
        ]
    }

    // MARK: The ledger

    private var ledger: [Fact] {
        func fact(_ name: String, _ isSound: Bool?, _ found: String) -> Fact {
            Fact(name: name, promises: Self.silence, isSound: isSound, found: found)
        }
        guard FileManager.default.fileExists(atPath: data + "/ledger.sqlite") else {
            return [fact("ledger", true, "there is none yet")]
        }
        let columns: [LedgerColumn]
        do throws(StorageFault) {
            columns = try Ledger(DataDirectory(data)).columns()
        } catch {
            return [fact("ledger", nil, FaultText.of(error))]
        }
        var strange: [String] = []
        for (table, columns) in Dictionary(grouping: columns, by: \.table) {
            let (unknown, missing) = DataMap.difference("ledger.\(table)", stored: columns.map(\.name))
            strange += unknown.map { "\(table).\($0) is not in the data map" }
            strange += missing.map { "\(table) lacks \($0)" }
        }
        let words = columns.filter { DataMap.namesContent($0.name) }.map { "\($0.table).\($0.name)" }
        return [
            fact(
                "ledger", strange.isEmpty,
                strange.isEmpty ? "\(columns.count) columns, each in the data map" : Self.some(strange.sorted())),
            fact(
                "no column for words", words.isEmpty, words.isEmpty ? "none is named after content" : Self.some(words)),
        ]
    }

    private static func some(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}
