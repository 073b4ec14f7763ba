import Vocabulary

/// The clocks of one exchange (`RULES.md` 5): connect, first byte, silence and the whole, and what is measured by them.
struct ExchangeClocks {
    let opened: Instant
    var requestEnded: Instant?
    private(set) var firstByte: Instant?
    private var calledAt: Instant?
    /// When the call at hand began.
    private(set) var callBegan: Instant
    private var upstreamEndedAt: Instant?
    private var connectBy = Instant.never
    private var firstByteBy = Instant.never
    private var silenceBy = Instant.never
    private var totalBy = Instant.never
    private var nextProgress = Instant.never
    private var nextPing = Instant.never

    init(opened: Instant) {
        self.opened = opened
        callBegan = opened
    }

    /// A call begins: to a connection first.
    /// - Parameter streams: the client waits for a stream that may be kept alive.
    mutating func called(_ limits: RelayLimits, streams: Bool) {
        let now = Clock.instant()
        callBegan = now
        if calledAt == nil {
            calledAt = now
            if streams { nextPing = opened.after(milliseconds: limits.firstPing) }
        }
        if totalBy == .never { totalBy = opened.after(milliseconds: limits.upstreamTotal) }
        connectBy = now.after(milliseconds: limits.upstreamConnect)
        firstByteBy = .never
        silenceBy = .never
    }

    /// The connection is there; the request is being written.
    mutating func started(_ limits: RelayLimits, _ soon: Instant) {
        connectBy = .never
        firstByteBy = soon.after(milliseconds: limits.upstreamFirstByte)
    }

    /// The whole request has gone to the provider, and nothing of its answer has come.
    var isSent: Bool { firstByteBy != .never }

    /// The connection is there, and a body that is still arriving is being written: the client's clock runs, not the
    /// provider's.
    mutating func sending() { firstByteBy = .never }

    /// Nobody is being called for a moment.
    mutating func pausing() {
        connectBy = .never
        firstByteBy = .never
        silenceBy = .never
    }

    /// Something of the answer came.
    mutating func heard(_ limits: RelayLimits, _ soon: Instant) {
        firstByteBy = .never
        silenceBy = soon.after(milliseconds: limits.upstreamSilence)
    }

    /// The provider's stream is open: from now on silence is short.
    mutating func streamBegan(_ limits: RelayLimits, _ soon: Instant) {
        if nextPing != .never { nextPing = min(nextPing, soon.after(milliseconds: limits.ping)) }
    }

    /// The client was sent something of a stream.
    mutating func sent(_ limits: RelayLimits, _ soon: Instant) {
        if nextPing != .never { nextPing = soon.after(milliseconds: limits.ping) }
    }

    func pingIsDue(_ now: Instant) -> Bool { now > nextPing }

    mutating func upstreamEnded() { upstreamEndedAt = Clock.instant() }

    mutating func answered() {
        guard firstByte == nil else { return }
        let now = Clock.instant()
        firstByte = now
        nextProgress = now.after(milliseconds: 1000)
    }

    /// A body must come at 1 KiB/s, after a grace of ten seconds (CONTROL 4.6).
    func bodyIsSlow(_ now: Instant, bytes: Int) -> Bool {
        let elapsed = now - opened
        return elapsed > 10_000_000 && Int64(bytes) < elapsed * 1024 / 1_000_000
    }

    func expired(_ now: Instant, _ phase: ExchangeState.Phase) -> ErrorCode? {
        switch phase {
        case .receiving, .finished: return nil
        case .attempting, .buffering, .streaming: break
        }
        if now > connectBy { return .upstreamUnreachable }
        if now > firstByteBy || now > totalBy { return .upstreamTimeout }
        if now > silenceBy { return .upstreamSilent }
        return nil
    }

    mutating func progressIsDue(_ now: Instant) -> Bool {
        guard now > nextProgress else { return false }
        nextProgress = now.after(milliseconds: 1000)
        return true
    }

    /// Tacet's own share in microseconds: from the request's last byte to the call, and from the provider's last byte to
    /// the end. The client's sending and the provider's thinking are not ours.
    func overhead(at now: Instant) -> Int64 {
        guard let requestEnded else { return 0 }
        guard let calledAt else { return now - requestEnded }
        return (calledAt - requestEnded) + (now - (upstreamEndedAt ?? now))
    }
}
