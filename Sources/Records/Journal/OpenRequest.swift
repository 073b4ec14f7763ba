import GRDB
import Vocabulary

/// A request whose end has not been drained yet.
struct OpenRequest: Sendable {
    var opened: OpenedRecord
    var sequence: UInt64
    var progress: ProgressRecord?

    /// The receipt of a request whose process died: what was paid for at the last progress, no more.
    func recovered(served: NodeEpoch, profile: ProfileID) -> Receipt {
        var receipt = Receipt(
            id: opened.id, served: served, openedAt: opened.openedAt, organisation: opened.organisation,
            key: opened.key, dialect: opened.dialect, endpoint: opened.endpoint)
        receipt.hold = opened.hold
        receipt.deployment = opened.deployment
        receipt.requestedModel = opened.model
        receipt.servedModel = opened.model
        receipt.route = opened.route
        receipt.error = .crashed
        receipt.completion = .failed
        receipt.attempts = 1
        receipt.flags = .recovered
        receipt.profile = profile
        receipt.profileVersion = PolicyProfile.version
        if let progress {
            let hasOutput = progress.output > 0
            receipt.completion = hasOutput ? .cut : .failed
            // A stream that produced something had its head sent before.
            receipt.status = hasOutput && opened.streamed ? 200 : 0
            receipt.flags.insert(.estimated)
            receipt.tokens[.input] = progress.input
            receipt.tokens[.output] = progress.output
            receipt.providerCost = progress.cost
            receipt.charge = progress.charge
            receipt.baseline = progress.charge
            receipt.totalMicroseconds = max(0, progress.at.microseconds - opened.openedAt.microseconds)
        }
        return receipt
    }

    func insert(served: NodeEpoch, into database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO open_requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """)
        try statement.execute(arguments: [
            opened.id.bytes.stored, Int64(served.node), Int64(served.epoch), sequence.stored, opened.hold.stored,
            opened.openedAt.microseconds, opened.organisation.value.stored, opened.key.value.stored,
            opened.deployment.value.stored, opened.model.value.stored, opened.maximum.value,
            Int64(opened.dialect.rawValue), Int64(opened.endpoint.rawValue), Int64(opened.route.rawValue),
            opened.streamed ? 1 : 0, progress?.input, progress?.output, progress?.cost.value, progress?.charge.value,
            progress?.at.microseconds,
        ])
    }

    static func update(_ progress: ProgressRecord, in database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE open_requests SET input = ?, output = ?, cost = ?, charge = ?, at = ? WHERE id = ?"
        ).execute(arguments: [
            progress.input, progress.output, progress.cost.value, progress.charge.value, progress.at.microseconds,
            progress.id.bytes.stored,
        ])
    }

    static func remove(_ id: RequestID, in database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM open_requests WHERE id = ?").execute(arguments: [id.bytes.stored]
        )
    }

    static func fetch(of served: NodeEpoch, from database: Database) throws -> [OpenRequest] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM open_requests WHERE node = ? AND epoch = ? ORDER BY sequence",
            arguments: [Int64(served.node), Int64(served.epoch)])
        return try rows.map { row in
            guard let id = RequestID(bytes: row["id"]),
                let dialect = Dialect(rawValue: UInt8(truncatingIfNeeded: row["dialect"] as Int64)),
                let endpoint = Endpoint(rawValue: UInt8(truncatingIfNeeded: row["endpoint"] as Int64)),
                let route = RouteReason(rawValue: UInt8(truncatingIfNeeded: row["route"] as Int64))
            else { throw StorageFault.damaged }
            let opened = OpenedRecord(
                id: id, hold: row.unsigned("hold"), openedAt: Moment(microseconds: row["opened_at"]),
                organisation: OrganisationID(row.unsigned("organisation")), key: KeyID(row.unsigned("key")),
                deployment: DeploymentID(row.unsigned("deployment")), model: ModelID(row.unsigned("model")),
                maximum: NanoUSD(row["maximum"]), dialect: dialect, endpoint: endpoint, route: route,
                streamed: (row["streamed"] as Int64) == 1)
            let at: Int64? = row["at"]
            let progress = at.map { at in
                ProgressRecord(
                    id: id, input: row["input"], output: row["output"], cost: NanoUSD(row["cost"]),
                    charge: NanoUSD(row["charge"]), at: Moment(microseconds: at))
            }
            return OpenRequest(opened: opened, sequence: row.unsigned("sequence"), progress: progress)
        }
    }
}
