import Metering
import NIOCore
import Planning
import Synchronization
import Vocabulary
import Wire

/// One request for a model from its head to its receipt: the glue around `ExchangeState` (DESIGN §3).
///
/// It lives on one event loop. The server handler feeds the request's body, the upstream call feeds the answer, the
/// sweeper keeps its clocks.
final class Exchange: Swept {
    /// Request bodies above this are let go when the provider begins to answer.
    static let keptBody = 64 << 10

    var sweepIndex = -1
    let loop: LoopContext
    let serving: ServingTable
    let grant: KeyGrant
    var client: (any ClientSide)?
    var state = ExchangeState()
    var receipt: Receipt
    var clocks: ExchangeClocks

    // The request.
    var body = ByteBuffer()
    var drawn = 0
    var request: ClientRequest?
    let geminiPath: GeminiPath?
    let anthropicVersion: ByteBuffer?
    let anthropicBeta: ByteBuffer?
    let isStrictTranslation: Bool
    /// What its header says of compression.
    let compression: CompressionMode?
    let sharingHead: SharingHead
    /// What key, model and configuration decide; the headers come before.
    var decided = Decisions.none
    /// Tools' answers were compressed.
    var isShaped = false
    /// Whether it is kept as it came to be compared with compressed ones; `nil` where nothing is compared.
    var isCompressionControl: Bool?
    /// `nil` where the router had no say.
    var routing: Routing?
    /// An answer that others may have too.
    var sharing: Sharing?
    var replaying: Replaying?
    let upstreamKey: UpstreamKey
    /// The one provider that got the caller's own key.
    var ownKeyProvider: DeploymentID?
    var losses: [Loss] = []
    /// `nil` for conversations.
    var passed: PassedCall?
    /// The only deployment that has the files the body names.
    var referenced: Int?
    /// Bytes drawn for an event that has not ended.
    var drawnForEvent = 0
    var plan: Plan?
    /// What is left of the rates it counts against, for the answer's head.
    var allowance: Allowance?
    var isCounted: Bool
    /// Others have to end first.
    var waiting: Waiting?
    /// The deployment's call that was taken and has not begun.
    var turn: DeploymentID?
    /// After so many milliseconds without a head a second deployment is asked; `nil` once it was, or need not be.
    var hedgeAfter: Int64?
    var hedge: Hedge?
    /// What a call that was given up takes.
    var lost = NanoUSD.zero
    var hold: Hold?
    /// A used-up budget's substitute serves.
    var isSubstitute = false
    var bodyEstimate: Int64 = 0

    // The answer.
    /// What the provider at hand is spoken to in.
    var dialect = Dialect.openAI
    var customTools: [RawText] = []
    /// The call under way, as its deployment's health sees it.
    var attempt: Attempt?
    /// Hashes of what a provider may have cached of this request.
    var beginnings: [Int] = []
    var call: (any UpstreamCall)?
    var head: UpstreamHead?
    var answer = ByteBuffer()
    var stream: ProviderStream?
    /// Looks over the stream until it finds something.
    var watch: StreamWatch?
    /// A request that became a WebSocket, while it runs.
    var realtime: RealtimeSession?
    var realtimeTally = RealtimeTally()
    var part = ByteBuffer()
    var isPartPrepared = false
    /// The client was sent a head, and the answer goes on in parts.
    var hasBegun = false
    private var keysVersion: UInt64

    init(
        _ request: borrowing IncomingRequest, endpoint: Endpoint, grant: KeyGrant, allowance: Allowance?,
        client: any ClientSide, loop: LoopContext, at moment: Moment
    ) {
        self.loop = loop
        self.allowance = allowance
        isCounted = allowance != nil
        self.grant = grant
        geminiPath = request.geminiPath
        anthropicVersion = request.anthropicVersion
        anthropicBeta = request.anthropicBeta
        isStrictTranslation = request.isStrictTranslation
        compression = request.compression
        hedgeAfter = request.hedge
        sharingHead = request.sharing ?? SharingHead()
        passed = PassedCall(request)
        upstreamKey = UpstreamKey(organisation: grant.organisation, callers: request.providerKey)
        self.client = client
        serving = loop.serving
        keysVersion = loop.shared.doors.keys.version
        clocks = ExchangeClocks(opened: Clock.instant())
        receipt = Receipt(
            id: loop.nextRequestID(at: moment), served: loop.shared.settings.served, openedAt: moment,
            organisation: grant.organisation, key: grant.key, dialect: request.dialect, endpoint: endpoint)
        receipt.member = grant.member.value
        receipt.profile = loop.shared.settings.profile.id
        receipt.profileVersion = PolicyProfile.version
        receipt.priceBook = serving.routing.priceBook
        receipt.tariff = UInt32(serving.routing.tariff.id)
        receipt.tariffVersion = UInt32(serving.routing.tariff.version)
        loop.inFlight += 1
        loop.shared.counters.inFlight.add(1, ordering: .relaxed)
        loop.sweeper.add(self)
    }

    var id: RequestID { receipt.id }
    var held: NanoUSD { hold?.amount ?? .zero }
    var rates: RateFields? { RateFields(allowance, dialect: receipt.dialect, at: receipt.openedAt) }
    var isFinished: Bool { state.phase == .finished }
    var limits: RelayLimits { loop.shared.settings.limits }

    // MARK: The request

    /// Room for a body of a declared length; refuses what is too large or does not fit into memory now.
    func expectBody(_ length: Int?) {
        guard let length else { return }
        guard length <= limits.body else { return refuse(.bodyTooLarge) }
        // A form that is sent on as it comes is never here whole.
        let kept = passed?.form?.mayStream == true ? FormIntake.streamedBody : length
        guard draw(kept) else { return refuse(.outOfMemory) }
        // Room on trust for what a cheap request declares, not for what a lie would cost.
        body.reserveCapacity(min(length, 1 << 20))
    }

    func requestBody(_ bytes: ByteBuffer) {
        if passed?.form?.isOpen == true { return sendForm(bytes) }
        guard state.phase == .receiving else { return }
        let total = body.readableBytes + bytes.readableBytes
        guard total <= limits.body else { return refuse(.bodyTooLarge) }
        guard total <= drawn || draw(total - drawn) else { return refuse(.outOfMemory) }
        if body.readableBytes == 0 && body.capacity < bytes.readableBytes {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
        if passed?.form != nil { readForm(bytes) }
    }

    func requestEnded() {
        guard state.phase == .receiving || passed?.form?.isOpen == true else { return }
        clocks.requestEnded = Clock.instant()
        if passed?.form?.isOpen == true { return formEnded() }
        if passed != nil {
            if receipt.endpoint == .completions { decide() } else { decidePassed() }
        } else {
            decide()
        }
    }

    func draw(_ bytes: Int) -> Bool {
        guard loop.shared.budget.take(bytes) else { return false }
        drawn += bytes
        return true
    }

    // MARK: Clocks

    func sweep(_ now: Instant) {
        if keysVersion != loop.shared.doors.keys.version {
            keysVersion = loop.shared.doors.keys.version
            if !loop.shared.doors.keys.isLive(grant.key) { return end(with: .revokedKey) }
        }
        if state.phase == .receiving || isTakingForm {
            if sharing?.isWaiting == true {
                // Its own clock runs when it goes on alone.
            } else if let waiting, now > waiting.until {
                refuse(waiting.denial)
            } else if waiting?.step != .hold,
                clocks.bodyIsSlow(now, bytes: passed?.form?.scanner.offset ?? body.readableBytes)
            {
                refuse(.requestTimeout)
            }
        } else if let waiting, now > waiting.until {
            refuse(waiting.denial)
        } else if let code = clocks.expired(now, state.phase) {
            call?.cancel()
            upstreamFailed(code, onReusedConnection: false)
        } else if realtime != nil, loop.isDraining, realtimeTally.isQuiet {
            end(with: .draining)
        } else {
            if state.phase == .streaming, clocks.progressIsDue(now) { writeProgress() }
            if clocks.pingIsDue(now), isKeptAlive { ping() }
            if hedgeAfter != nil { hedgeIfSlow(now) }
        }
    }

    /// A form is on its way to a provider that takes it.
    private var isTakingForm: Bool {
        guard let form = passed?.form, state.phase == .attempting else { return false }
        return form.isOpen && !form.isWhole && form.call != nil
    }
}
