import CProcess
import Glibc

/// What the process gives up before it sees a word (`RULES.md` 19).
enum Hardening {
    private static let variable = "SWIFT_BACKTRACE"
    private static let value = "enable=no"

    /// No core dumps, no crash output that shows memory, no ptrace. Starts the program again once: the Swift runtime
    /// reads `SWIFT_BACKTRACE` before `main`, and its crash reporter prints bytes that registers point to (CONTROL 4.8).
    static func apply() throws(Failure) {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else {
            throw Failure(text: "Core dumps could not be switched off (errno \(errno)).")
        }
        if unsafe getenv(variable).map({ unsafe String(cString: $0) }) != value { try startAgain() }
        guard tacet_forbid_dumps() == 0 else {
            throw Failure(text: "Dumps of memory could not be forbidden (errno \(errno)).")
        }
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        raiseFileLimit()
    }

    private static func startAgain() throws(Failure) {
        guard unsafe setenv(variable, value, 1) == 0 else { throw Failure(text: "The environment could not be set.") }
        var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        unsafe execv("/proc/self/exe", arguments)
        throw Failure(text: "Tacet could not start itself again with \(variable)=\(value) (errno \(errno)).")
    }

    /// As many files as the system lets this user open: each connection is one.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
