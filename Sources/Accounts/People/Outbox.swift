import Synchronization
public import Vocabulary

/// A mail to one person: subject and text, without anything that follows its reader.
public struct Letter: Equatable, Sendable {
    public var to: MailAddress
    public var subject: String
    public var text: String
    /// After this it is of no use and is dropped.
    public var endsAt: Moment
    /// Whose it is, where it outlives the process; codes do not, because what asks for them does not either.
    public var organisation: OrganisationID?

    public init(to: MailAddress, subject: String, text: String, endsAt: Moment, organisation: OrganisationID? = nil) {
        self.to = to
        self.subject = subject
        self.text = text
        self.endsAt = endsAt
        self.organisation = organisation
    }
}

/// Letters that wait to be sent, and when each is tried next: a value.
public struct OutboxState: Equatable, Sendable {
    struct Waiting: Equatable, Sendable {
        var id: UInt64
        var letter: Letter
        var attempts: Int64 = 0
        var nextAt: Moment
    }

    static let capacity = 1000
    var waiting: [Waiting] = []

    public init() {}

    /// `false`: a thousand wait already.
    mutating func add(_ letter: Letter, as id: UInt64, at now: Moment) -> Bool {
        waiting.removeAll { $0.letter.endsAt <= now }
        guard waiting.count < Self.capacity else { return false }
        waiting.append(Waiting(id: id, letter: letter, nextAt: now))
        return true
    }

    /// What may be tried now. It is not handed out again before its turn comes again.
    mutating func take(at now: Moment) -> [Waiting] {
        waiting.removeAll { $0.letter.endsAt <= now }
        var due: [Waiting] = []
        for index in waiting.indices where waiting[index].nextAt <= now {
            due.append(waiting[index])
            waiting[index].attempts += 1
            // 5, 10, 20 … 160 seconds: a code lives for ten minutes.
            let wait = Int64(5_000_000) << min(waiting[index].attempts - 1, 5)
            waiting[index].nextAt = Moment(microseconds: now.microseconds + wait)
        }
        return due
    }

    mutating func sent(_ id: UInt64) { waiting.removeAll { $0.id == id } }

    /// Whether the last try of a letter to this address failed.
    func isDelayed(_ address: MailAddress) -> Bool { waiting.contains { $0.letter.to == address && $0.attempts > 0 } }
}

/// The outbox at work: hands letters to the mail server, again when it was down.
public final class Outbox: Sendable {
    private let state = Mutex(OutboxState())
    /// `nil` where no mail server is configured; `true` when a letter was taken.
    private let send: (@Sendable (Letter) -> Bool)?
    private let now: @Sendable () -> Moment
    private let kept: KeptLetters?

    /// - Parameter kept: letters of before, which are sent now, and where those go that outlive the process.
    public init(
        now: @escaping @Sendable () -> Moment, kept: KeptLetters? = nil, send: (@Sendable (Letter) -> Bool)?
    ) {
        self.send = send
        self.now = now
        self.kept = kept
        for (id, letter) in kept?.waiting(at: now()) ?? [] {
            _ = state.withLock { $0.add(letter, as: id, at: now()) }
        }
    }

    public var canSend: Bool { send != nil }

    /// `false` when it cannot be taken.
    @discardableResult
    public func add(_ letter: Letter) -> Bool {
        let id = People.freshNumber()
        guard canSend, state.withLock({ $0.add(letter, as: id, at: now()) }) else { return false }
        if let organisation = letter.organisation { kept?.keep(letter, as: id, of: organisation) }
        return true
    }

    /// Letters that wait.
    public var count: Int { state.withLock { $0.waiting.count } }

    public func isDelayed(_ address: MailAddress) -> Bool { state.withLock { $0.isDelayed(address) } }

    /// Sends what is due, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await work()
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    @concurrent func work() async {
        guard let send else { return }
        for waiting in state.withLock({ $0.take(at: now()) }) where send(waiting.letter) {
            state.withLock { $0.sent(waiting.id) }
            if waiting.letter.organisation != nil { kept?.forget(waiting.id) }
        }
    }
}
