import Dispatch
import Glibc
import Synchronization
public import Vocabulary

/// Closed events, one JSON object a line, in a file per UTC day that dies with the profile's term (`RULES.md` 17).
///
/// `record` runs on event loops: it puts the event into a bounded queue in memory and returns. One serial queue formats
/// and writes. When writing cannot keep up, events are dropped and counted; the next line written says how many.
public final class DailyLog: EventLog {
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "tacet.log")
    private let files: Mutex<LogFiles>
    private let now: @Sendable () -> Moment
    private let capacity: Int

    private struct State {
        var waiting: [(Moment, LogEvent)] = []
        /// The other array of the two that take turns, so that an event loop never waits for one to grow.
        var spare: [(Moment, LogEvent)] = []
        var dropped: Int64 = 0
        var isScheduled = false
    }

    /// How long a line may wait in memory, so that many are written at once.
    static let delay = DispatchTimeInterval.milliseconds(50)

    /// - Parameters:
    ///   - directory: the folder of the daily files.
    ///   - retentionDays: no line is older than this many days.
    public init(
        directory: String, retentionDays: Int64, capacity: Int = 16_384, now: @escaping @Sendable () -> Moment
    ) {
        self.now = now
        self.capacity = capacity
        state = Mutex(State())
        files = Mutex(LogFiles(directory: directory, retentionDays: retentionDays))
        state.withLock { $0.waiting.reserveCapacity(capacity) }
        expire()
    }

    public func record(_ event: LogEvent) {
        let moment = now()
        let schedules = state.withLock { state in
            if state.waiting.count < capacity {
                state.waiting.append((moment, event))
            } else {
                state.dropped += 1
            }
            if state.isScheduled { return false }
            state.isScheduled = true
            return true
        }
        if schedules { queue.asyncAfter(deadline: .now() + Self.delay) { [weak self] in self?.write() } }
    }

    /// Returns once everything recorded before is written; for the end of the process and for tests.
    public func flush() { queue.sync { write() } }

    /// Deletes the days that are over their term. Called at start and each new day; the server calls it too, so that it
    /// forgets on time while nothing is logged.
    public func expire() { files.withLock { $0.expire(at: now()) } }

    private func write() {
        var (events, dropped) = state.withLock { state in
            let taken = (state.waiting, state.dropped)
            state.waiting = state.spare
            state.spare = []
            state.dropped = 0
            state.isScheduled = false
            return taken
        }
        guard !events.isEmpty || dropped > 0 else { return }
        files.withLock { files in
            for (moment, event) in events { files.add(at: moment) { LogLine.write(event, at: moment, to: &$0) } }
            if dropped > 0 {
                let moment = now()
                files.add(at: moment) { LogLine.write(dropped: dropped, at: moment, to: &$0) }
            }
            files.flush()
        }
        events.removeAll(keepingCapacity: true)
        state.withLock { $0.spare = events }
    }
}

/// The files of the log: one open at a time.
private struct LogFiles {
    let directory: String
    let retentionDays: Int64
    private var day: Int64 = .min
    /// The lines that wait, formatted in place.
    private var lines = JSONWriter()

    init(directory: String, retentionDays: Int64) {
        self.directory = directory
        self.retentionDays = retentionDays
    }

    mutating func add(at moment: Moment, _ write: (inout JSONWriter) -> Void) {
        let today = Self.day(of: moment)
        if today != day {
            flush()
            day = today
            expire(at: moment)
        }
        write(&lines)
    }

    /// Appends what waits. A disk that refuses costs these lines, never the server.
    mutating func flush() {
        defer { lines.removeAll() }
        guard !lines.bytes.isEmpty else { return }
        let file = unsafe open(path(of: day), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        var written = 0
        while written < lines.bytes.count {
            let count = unsafe lines.bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(file, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }

    /// A day's first line is the oldest: it goes when that one reaches the term.
    func expire(at moment: Moment) {
        let oldest = path(of: Self.day(of: moment) - retentionDays + 1)
        for name in (try? FileBytes.names(in: directory)) ?? [] where Self.isLog(name) {
            let path = directory + "/" + name
            if path < oldest { FileBytes.remove(path) }
        }
    }

    private func path(of day: Int64) -> String {
        let date = CivilTime(Moment(microseconds: day * CivilTime.dayLength)).date
        return directory + "/tacet-" + String(decoding: date, as: UTF8.self) + ".log"
    }

    private static func isLog(_ name: String) -> Bool {
        name.utf8.count == 20 && name.hasPrefix("tacet-") && name.hasSuffix(".log")
    }

    private static func day(of moment: Moment) -> Int64 {
        let (days, rest) = moment.microseconds.quotientAndRemainder(dividingBy: CivilTime.dayLength)
        return rest < 0 ? days - 1 : days
    }
}
