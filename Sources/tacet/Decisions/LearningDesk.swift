import Planning
import Records
import Relay
import Vocabulary

/// What outcomes taught an organisation's router, as the command line shows it.
struct LearningLine: Codable {
    var organisation: UInt64
    /// Of routed requests, and of the control arm.
    var outcomes: Int64
    var control: Int64
    var control_good: Int64
    /// Hashed features that moved, and those with requests enough to be kept on disk.
    var features: Int
    var features_kept: Int
    /// Mean squared errors of what was foretold before each outcome: by the weights alone, and with what was learned.
    var error_alone: Double
    var error_learned: Double
    /// Whether it is in use: it has outcomes enough, and foretells better.
    var applied: Bool

    init(_ organisation: OrganisationID, _ learned: OutcomeLearning) {
        func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
        self.organisation = organisation.value
        outcomes = learned.outcomes
        control = learned.control
        control_good = learned.controlGood
        let counts = learned.bucketCounts
        features = counts.moved
        features_kept = counts.kept
        error_alone = rounded(learned.errors.alone)
        error_learned = rounded(learned.errors.learned)
        applied = learned.isApplied
    }
}

/// Keeps on disk what outcomes taught, and forgets what may not be known any more (`RULES.md` 23).
struct LearningDesk: Sendable {
    static let interval = Duration.seconds(10)

    let learner: OutcomeLearner
    private let store: OutcomeWeightsStore
    /// Organisations that let outcomes teach.
    private let learners: @Sendable () -> Set<OrganisationID>

    init(
        _ learner: OutcomeLearner, _ store: OutcomeWeightsStore, learners: @escaping @Sendable () -> Set<OrganisationID>
    ) throws(StorageFault) {
        self.learner = learner
        self.store = store
        self.learners = learners
        for (organisation, bytes) in try store.all() {
            if let learned = OutcomeLearning(bytes) { learner.restore(learned, organisation) }
        }
    }

    /// Writes and forgets until the task is cancelled, and once more then.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            try? synchronise()
        }
    }

    func synchronise() throws(StorageFault) {
        let learners = learners()
        learner.forget { !learners.contains($0) }
        for organisation in try store.all().keys where !learners.contains(organisation) {
            try store.remove(organisation)
        }
        let changed = learner.changed()
        if !changed.isEmpty { try store.keep(changed.mapValues(\.bytes), at: .now) }
    }

    func forget(_ organisation: OrganisationID) throws(StorageFault) {
        learner.forget { $0 == organisation }
        try store.remove(organisation)
    }
}

extension Desk {
    /// Outcomes by the operator's word: ids and whether they were good, nothing else.
    func tellOutcomes(_ ids: [String], _ good: [Bool]) -> DeskReply {
        guard let tellOutcome else {
            return .failed("No server runs on this data directory: outcomes are told to the one that served.")
        }
        var line = OutcomesLine()
        for (text, isGood) in zip(ids, good) {
            guard let id = RequestID(text: Array(text.utf8)) else {
                return .failed("A request id is `req_` and 26 characters. Nothing after it was taken.", code: 2)
            }
            if tellOutcome(id, isGood) { line.taken += 1 } else { line.unknown += 1 }
        }
        return DeskReply(lines: [JSONLine.of(line)])
    }

    func listLearning() throws(StorageFault) -> DeskReply {
        guard let learning else { return noLearner }
        try learning.synchronise()
        return DeskReply(
            lines: learning.learner.all().sorted { $0.key.value < $1.key.value }
                .map { JSONLine.of(LearningLine($0, $1)) })
    }

    func forgetLearning(_ organisation: OrganisationID) throws(StorageFault) -> DeskReply {
        guard let learning else { return noLearner }
        try learning.forget(organisation)
        return DeskReply()
    }

    private var noLearner: DeskReply {
        .failed("No server runs on this data directory: only a server learns from outcomes.")
    }
}

/// How many outcomes were taken, and how many belong to no request that waits for one.
struct OutcomesLine: Codable {
    var taken = 0
    var unknown = 0
}
