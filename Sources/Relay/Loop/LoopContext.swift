import NIOCore
import Planning
import Secrets
import Vocabulary
import Wire

/// What the loops of one gateway share; immutable, or safe by itself.
struct Shared: Sendable {
    let settings: RelaySettings
    let doors: RelayDoors
    let journal: Journal
    let budget: ByteBudget
    let upstreamTLS: UpstreamTLS
    let counters: Counters
    let names = ModelNames()
    let tokens = TokenCounter()
    let affinity = AffinityTable()
    let sessions = SessionTable()
    let answers: AnswerStore

    var gate: Gate { Gate(keys: doors.keys, purse: doors.purse) }
}

/// One event loop's own world: its table, pools, deadlines and randomness. Everything of a request stays on its loop.
final class LoopContext {
    let eventLoop: any EventLoop
    let shared: Shared
    let sweeper = Sweeper()
    private(set) var serving: ServingTable
    var random = LoopRandom()
    var retries: RetryBudget
    private var sweeps: RepeatedTask?
    private(set) var isDraining = false
    /// The wall clock less the monotonic one would drift apart: both are read where a request opens.
    private var pools: [PoolAddress: UpstreamPool] = [:]
    /// Exchanges that have begun and not ended.
    var inFlight = 0
    /// Not before now, and at most a sweep later: for deadlines, which need no clock of their own.
    private(set) var soon: Instant
    /// The classifier's memory, used again from request to request.
    lazy var promptReader = PromptReader()
    /// The last model that was admitted and named, so that the next request for it asks nobody.
    var lastNamed: (organisation: OrganisationID, model: ModelID)?

    init(eventLoop: any EventLoop, shared: Shared, routing: RoutingSnapshot) {
        self.eventLoop = eventLoop
        self.shared = shared
        retries = RetryBudget(percent: shared.settings.limits.retryPercent)
        soon = Clock.instant().after(milliseconds: Sweeper.periodMilliseconds)
        serving = ServingTable(routing: routing, deployments: [])
        install(routing)
        let period = TimeAmount.milliseconds(Sweeper.periodMilliseconds)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        sweeps = eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
            bound.value.sweep(Clock.instant())
        }
    }

    private func sweep(_ now: Instant) {
        soon = now.after(milliseconds: Sweeper.periodMilliseconds)
        sweeper.sweep(now)
    }

    /// Takes a new table; requests in flight go on with the one they began with. Pools of the same address live on.
    func install(_ routing: RoutingSnapshot) {
        let runtimes = routing.table.deployments.map { deployment in
            let address = PoolAddress(deployment)
            let pool = pools[address] ?? UpstreamPool(deployment: deployment, loop: self)
            pools[address] = pool
            return DeploymentRuntime(deployment, pool: pool)
        }
        serving = ServingTable(routing: routing, deployments: runtimes)
        let kept = Set(runtimes.map { PoolAddress($0.deployment) })
        for (address, pool) in pools where !kept.contains(address.shared) {
            pool.close()
            pools[address] = nil
        }
    }

    func deploymentStatus() -> [DeploymentStatus] {
        let now = Clock.instant()
        return serving.deployments.map { DeploymentStatus(id: $0.id, health: $0.pool.health, at: now) }
    }

    /// The connections for one organisation's requests: its own where its own keys go over them (`RULES.md` 15).
    func pool(of runtime: DeploymentRuntime, for organisation: OrganisationID) -> UpstreamPool {
        guard runtime.deployment.hasOwnKeys, organisation != .home else { return runtime.pool }
        var address = PoolAddress(runtime.deployment)
        address.organisation = organisation
        if let pool = pools[address] { return pool }
        let pool = UpstreamPool(deployment: runtime.deployment, loop: self)
        pools[address] = pool
        return pool
    }

    func nextRequestID(at moment: Moment) -> RequestID {
        RequestID(at: moment, random: (random.next(), random.next()))
    }

    func beginDraining() {
        isDraining = true
        for pool in pools.values { pool.closeIdle() }
    }

    /// Ends what the drain's deadline found still running.
    func cutEverything() { sweeper.each { ($0 as? Exchange)?.end(with: .draining) } }

    func stop() {
        sweeps?.cancel()
        sweeps = nil
        for pool in pools.values { pool.close() }
        pools = [:]
    }
}

/// The table a request is decided by, with this loop's pools beside it and the model list ready to send.
final class ServingTable {
    let routing: RoutingSnapshot
    let deployments: [DeploymentRuntime]
    /// Who serves each listed model.
    let owners: [[UInt8]: [UInt8]]
    private let modelList: ByteBuffer
    private let anthropicModelList: ByteBuffer
    private let geminiModelList: ByteBuffer
    /// Of every listed model: the price book's day, in seconds since 1970.
    let created: Int64

    init(routing: RoutingSnapshot, deployments: [DeploymentRuntime]) {
        self.routing = routing
        self.deployments = deployments
        created = Self.seconds(day: routing.priceBook)
        let entries = routing.table.catalogue()
        let listed = entries.map { entry in
            (id: entry.name, ownedBy: routing.table.deployments[entry.deployment].name)
        }
        owners = Dictionary(listed.map { ($0.id, $0.ownedBy) }) { first, _ in first }
        var list = ByteBuffer()
        OpenAIReply.modelList(listed, created: created, into: &list)
        modelList = list
        var anthropic = ByteBuffer()
        AnthropicReply.modelList(listed.map(\.id), created: created, into: &anthropic)
        anthropicModelList = anthropic
        var gemini = ByteBuffer()
        GeminiReply.modelList(listed.map(\.id), into: &gemini)
        geminiModelList = gemini
    }

    /// What a list of models is answered with in a dialect.
    func modelList(_ dialect: Dialect) -> ByteBuffer {
        switch dialect {
        case .openAI, .openAIResponses: modelList
        case .anthropic: anthropicModelList
        case .gemini: geminiModelList
        }
    }

    /// Plans of names outside the catalogue, which take the table longer, for a minute each.
    private var recent: [[UInt8]: (plan: Plan, until: Moment)] = [:]
    private static let recentNames = 256
    private static let recentMicroseconds: Int64 = 60_000_000

    func plan(_ model: [UInt8], sandboxOnly: Bool, at moment: Moment) -> Decision {
        if !sandboxOnly, let known = recent[model], moment < known.until { return .plan(known.plan) }
        let decision = routing.table.plan(model, sandboxOnly: sandboxOnly, at: moment)
        if !sandboxOnly, case .plan(let plan) = decision, !plan.candidates[0].isCatalogued {
            if recent.count >= Self.recentNames { recent.removeAll() }
            recent[model] = (plan, Moment(microseconds: moment.microseconds + Self.recentMicroseconds))
        }
        return decision
    }

    /// A date as yyyymmdd in seconds since 1970 (days from civil, by H. Hinnant).
    private static func seconds(day: UInt32) -> Int64 {
        let (year, month, date) = (Int64(day / 10_000), Int64(day / 100 % 100), Int64(day % 100))
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * 86_400
    }
}

/// A deployment as one loop calls it: its pool, and the bytes of a request head that never change.
final class DeploymentRuntime {
    let deployment: Deployment
    let pool: UpstreamPool
    let head: UpstreamHeadWriter
    let id: DeploymentID
    let name: [UInt8]
    let hasKey: Bool
    /// What this provider makes of chat requests.
    let chatOptions: ChatRequestOptions
    let cloud: Cloud?
    let messagesPlatform: MessagesPlatform?

    init(_ deployment: Deployment, pool: UpstreamPool) {
        self.deployment = deployment
        self.pool = pool
        head = UpstreamHeadWriter(deployment)
        id = deployment.id
        name = deployment.name
        hasKey = deployment.hasKey
        chatOptions = ChatRequestOptions(deployment)
        cloud = deployment.cloud
        messagesPlatform = deployment.dialect == .anthropic ? deployment.cloud.map(MessagesPlatform.init) : nil
    }

    /// What the provider is spoken to in for a client of a dialect: its own tongue where the provider knows it.
    func dialect(for client: Dialect) -> Dialect {
        client == .openAIResponses && deployment.paths.responses != nil ? client : deployment.dialect
    }

    /// Whether a model is reached by Bedrock's Converse API: Anthropic's are called in their own dialect.
    func speaksConverse(to model: [UInt8]) -> Bool {
        guard deployment.paths.converse != nil else { return false }
        let anthropic = Array("anthropic.".utf8)
        return !(0..<max(0, model.count - anthropic.count + 1)).contains {
            model[$0..<$0 + anthropic.count] == anthropic[...]
        }
    }
}

/// Pools are kept over a reload when all this stayed the same.
struct PoolAddress: Hashable {
    let id: DeploymentID
    let host: [UInt8]
    let port: Int
    let isTLS: Bool
    /// Whose requests alone go over it; home for those that share it.
    var organisation = OrganisationID.home

    /// The one that organisations without keys of their own share.
    var shared: PoolAddress {
        var address = self
        address.organisation = .home
        return address
    }

    init(_ deployment: Deployment) {
        id = deployment.id
        host = deployment.host
        port = deployment.port
        isTLS = deployment.isTLS
    }
}
