import GRDB
public import Vocabulary

/// A move that the router proposed or made: how often, and what it was expected to save and to lose.
public struct RouteProposal: Sendable, Equatable {
    public var id: Int64
    public var organisation: OrganisationID
    public var move: RouteMove
    /// Names of the catalogue; `nil` for a model that is no longer known.
    public var fromModel: String?
    public var toModel: String?
    public var requests: Int64
    public var saved: NanoUSD
    /// The quality expected to be lost, in thousandths of a request, over all requests.
    public var loss: Int64
    public var beganAt: Moment
    public var latestAt: Moment
    /// When a member approved it; `nil`: it waits.
    public var approvedAt: Moment?

    /// The quality expected to be lost, in thousandths.
    public var lossShare: Int64 { requests == 0 ? 0 : loss / requests }

    /// What thirty days as those seen would save; at least a day is counted.
    public var savedMonthly: NanoUSD {
        let seen = max(latestAt.microseconds - beganAt.microseconds, 86_400_000_000)
        return NanoUSD(Int64(clamping: Int128(saved.value) * 30 * 86_400_000_000 / Int128(seen)))
    }
}

/// What of a move is new.
public struct RouteTally: Sendable, Equatable {
    public var requests: Int64 = 0
    public var saved = NanoUSD.zero
    public var loss: Int64 = 0

    public init() {}

    public mutating func add(_ note: RouteNote) {
        requests += 1
        saved += max(.zero, note.saving)
        loss += max(0, note.loss)
    }
}

/// How requests of both arms turned out, by their callers' word.
public struct RouteTrialRow: Sendable, Equatable {
    public struct Arm: Sendable, Equatable {
        public var count: Int64 = 0
        public var good: Int64 = 0
        public var cost = NanoUSD.zero

        public init(count: Int64 = 0, good: Int64 = 0, cost: NanoUSD = .zero) {
            self.count = count
            self.good = good
            self.cost = cost
        }
    }

    public var organisation: OrganisationID
    public var kind: TrialKind
    /// The arm that was routed, or compressed.
    public var routed = Arm()
    public var control = Arm()
    public var stoppedAt: Moment?

    /// Whose trial of what it is.
    var compared: [UInt64] { [organisation.value, UInt64(kind.rawValue)] }

    public init(_ organisation: OrganisationID, _ kind: TrialKind) {
        self.organisation = organisation
        self.kind = kind
    }
}

/// How often a key's requests did not begin as the ones before in their session did: what moved, by its class.
public struct PrefixBreakCount: Sendable, Equatable {
    public var organisation: OrganisationID
    public var key: KeyID
    public var what: PrefixBreak
    public var requests: Int64
    public var latestAt: Moment

    public init(
        organisation: OrganisationID, key: KeyID, what: PrefixBreak, requests: Int64, latestAt: Moment
    ) {
        self.organisation = organisation
        self.key = key
        self.what = what
        self.requests = requests
        self.latestAt = latestAt
    }
}

/// Moves and trials of the router in the ledger. The console reads proposals from here and approves them.
public struct DecisionStore: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// The largest saving first.
    /// - Parameter organisation: `nil` for all.
    public func proposals(of organisation: OrganisationID? = nil) throws(StorageFault) -> [RouteProposal] {
        try ledger.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT route_moves.*, a.name AS from_name, b.name AS to_name FROM route_moves
                    LEFT JOIN models a ON a.id = from_model LEFT JOIN models b ON b.id = to_model
                    WHERE ?1 IS NULL OR organisation = ?1 ORDER BY saved DESC, id
                    """, arguments: [organisation?.value.stored]
            ).map { row in
                guard let category = UInt8(exactly: row["category"] as Int64).flatMap(TaskCategory.init) else {
                    throw StorageFault.damaged
                }
                return RouteProposal(
                    id: row["id"], organisation: OrganisationID(row.unsigned("organisation")),
                    move: RouteMove(
                        category: category, from: ModelID(row.unsigned("from_model")),
                        to: ModelID(row.unsigned("to_model"))),
                    fromModel: row["from_name"], toModel: row["to_name"], requests: row["requests"],
                    saved: NanoUSD(row["saved"]), loss: row["loss"], beganAt: Moment(microseconds: row["began_at"]),
                    latestAt: Moment(microseconds: row["latest_at"]),
                    approvedAt: (row["approved_at"] as Int64?).map(Moment.init(microseconds:)))
            }
        }
    }

    /// Approves a proposal, or takes the approval back; `false` when there is none of this number.
    /// - Parameter organisation: whose it must be; `nil` for anybody's.
    public func approve(
        _ id: Int64, of organisation: OrganisationID? = nil, _ isApproved: Bool, at now: Moment
    ) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "UPDATE route_moves SET approved_at = ?2 WHERE id = ?1 AND (?3 IS NULL OR organisation = ?3)",
                arguments: [id, isApproved ? now.microseconds : nil, organisation?.value.stored])
            return database.changesCount == 1
        }
    }

    /// Adds what was seen since the last time, and keeps the trials as they are now.
    /// - Returns: what an operator should know of: trials that have stopped since.
    public func add(
        _ tallies: [OrganisationID: [RouteMove: RouteTally]], _ trials: [RouteTrialRow], _ breaks: [PrefixBreakCount],
        at now: Moment
    ) throws(StorageFault) -> [Alert] {
        let stopped = Set(try self.trials().filter { $0.stoppedAt != nil }.map(\.compared))
        try ledger.write { database in
            for count in breaks {
                try database.execute(
                    sql: """
                        INSERT INTO prefix_breaks VALUES (?1, ?2, ?3, ?4, ?5)
                        ON CONFLICT DO UPDATE SET requests = requests + ?4, latest_at = ?5
                        """,
                    arguments: [
                        count.organisation.value.stored, count.key.value.stored, Int64(count.what.rawValue),
                        count.requests, count.latestAt.microseconds,
                    ])
            }
            for (organisation, moves) in tallies {
                for (move, tally) in moves {
                    try database.execute(
                        sql: """
                            INSERT INTO route_moves (organisation, category, from_model, to_model, requests, saved, loss,
                            began_at, latest_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
                            ON CONFLICT DO UPDATE SET requests = requests + ?5, saved = min(saved, \(Int64.max / 4)) + ?6,
                            loss = loss + ?7, latest_at = ?8
                            """,
                        arguments: [
                            organisation.value.stored, Int64(move.category.rawValue), move.from.value.stored,
                            move.to.value.stored, tally.requests, min(tally.saved.value, Int64.max / 4), tally.loss,
                            now.microseconds,
                        ])
                }
            }
            for trial in trials {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO route_trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        trial.organisation.value.stored, Int64(trial.kind.rawValue), trial.routed.count,
                        trial.routed.good,
                        trial.routed.cost.value, trial.control.count, trial.control.good, trial.control.cost.value,
                        trial.stoppedAt?.microseconds,
                    ])
            }
        }
        return trials.filter { $0.stoppedAt != nil && !stopped.contains($0.compared) }
            .map { AlertLogic.stopped($0, at: now) }
    }

    /// How often requests of a key began otherwise than the ones before, the most first.
    public func prefixBreaks() throws(StorageFault) -> [PrefixBreakCount] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM prefix_breaks ORDER BY requests DESC, key, what").map {
                row in
                guard let what = UInt8(exactly: row["what"] as Int64).flatMap(PrefixBreak.init) else {
                    throw StorageFault.damaged
                }
                return PrefixBreakCount(
                    organisation: OrganisationID(row.unsigned("organisation")), key: KeyID(row.unsigned("key")),
                    what: what, requests: row["requests"], latestAt: Moment(microseconds: row["latest_at"]))
            }
        }
    }

    public func trials() throws(StorageFault) -> [RouteTrialRow] {
        try ledger.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM route_trials ORDER BY organisation, kind").map { row in
                guard let kind = UInt8(exactly: row["kind"] as Int64).flatMap(TrialKind.init) else {
                    throw StorageFault.damaged
                }
                var trial = RouteTrialRow(OrganisationID(row.unsigned("organisation")), kind)
                trial.routed = RouteTrialRow.Arm(
                    count: row["routed"], good: row["routed_good"], cost: NanoUSD(row["routed_cost"]))
                trial.control = RouteTrialRow.Arm(
                    count: row["control"], good: row["control_good"], cost: NanoUSD(row["control_cost"]))
                trial.stoppedAt = (row["stopped_at"] as Int64?).map(Moment.init(microseconds:))
                return trial
            }
        }
    }

    /// Begins an organisation's trials anew; `false` when it had none.
    public func restartTrials(of organisation: OrganisationID) throws(StorageFault) -> Bool {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM route_trials WHERE organisation = ?", arguments: [organisation.value.stored])
            return database.changesCount > 0
        }
    }
}
