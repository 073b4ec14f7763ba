import GRDB
public import Vocabulary

/// Looks for what should be told: budgets, credit, its pace, hours of keys unlike those before, proposals that wait.
public struct AlertWatch: Sendable {
    private let ledger: Ledger
    private let store: AlertStore

    public init(_ ledger: Ledger) {
        self.ledger = ledger
        store = AlertStore(ledger)
    }

    /// - Parameter spending: every budget there is, those of the configuration included.
    /// - Returns: how many alerts are new.
    @discardableResult
    public func look(_ rules: AlertRules, _ spending: SpendingRules, at now: Moment) throws(StorageFault) -> Int {
        let alerts = try ledger.read { database in
            var alerts: [Alert] = []
            for budget in spending.budgets.values.joined() {
                let spent = try SpendingStore.spent(BudgetWindow(budget.owner, budget.period, at: now), in: database)
                alerts += AlertLogic.budget(budget, spent: spent, rules, at: now)
            }
            if spending.billing == .prepaid { alerts += try credit(rules, at: now, in: database) }
            if rules.findsAnomalies { alerts += try anomalies(at: now, in: database) }
            return alerts
        }
        let proposals = try DecisionStore(ledger).proposals().compactMap { AlertLogic.proposed($0, at: now) }
        return try store.add(alerts + proposals)
    }

    private func credit(_ rules: AlertRules, at now: Moment, in database: Database) throws -> [Alert] {
        let accounts = try Row.fetchAll(database, sql: SQLiteSource.accounts + " WHERE kind IN (1, 2, 12)")
            .map(SQLiteSource.account)
        return try Set(accounts.map(\.name.organisation)).sorted().flatMap { organisation in
            let own = accounts.filter { $0.name.organisation == organisation }
            let day = try Int64.fetchOne(
                database, sql: "SELECT sum(charge) FROM usage_hours WHERE organisation = ? AND at > ?",
                arguments: [organisation.stored, now.microseconds - UsageGrain.day.length])
            return AlertLogic.credit(
                of: OrganisationID(organisation), balance: own.reduce(NanoUSD.zero) { $0 + $1.balance },
                paid: own.filter { $0.name.kind != .lease }.reduce(NanoUSD.zero) { $0 + NanoUSD($1.creditsPosted) },
                spentInADay: NanoUSD(day ?? 0), rules, at: now)
        }
    }

    /// The last whole hour of each key against the fourteen days before.
    private func anomalies(at now: Moment, in database: Database) throws -> [Alert] {
        let length = UsageGrain.hour.length
        let hour = UsageGrain.hour.begin(of: now) - length
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT key, at, sum(requests), sum(failed), sum(charge), sum(microseconds) FROM usage_hours
                    WHERE at BETWEEN ? AND ? AND key IN (SELECT key FROM usage_hours WHERE at = ?) GROUP BY key, at
                    """), arguments: [hour - 14 * 24 * length, hour, hour])
        var hours: [UInt64: [(at: Int64, requests: Int64, failed: Int64, charge: Int64, time: Int64)]] = [:]
        for row in rows {
            hours[row.unsigned("key"), default: []].append((row[1], row[2], row[3], row[4], row[5]))
        }
        return hours.sorted { $0.key < $1.key }.flatMap { key, all -> [Alert] in
            guard let last = all.first(where: { $0.at == hour }) else { return [] }
            let before = all.filter { $0.at != hour }
            func alert(
                _ kind: Alert.Kind, floor: Double,
                _ value: ((at: Int64, requests: Int64, failed: Int64, charge: Int64, time: Int64)) -> Int64
            ) -> Alert? {
                AlertLogic.anomaly(
                    kind, of: KeyID(key), hour: hour, value: value(last), before: before.map(value), floor: floor,
                    at: now)
            }
            return [
                // A cent, two failures in a hundred, half a second: below that nobody wants to know.
                alert(.spending, floor: 10_000_000) { $0.charge },
                last.requests < 10 ? nil : alert(.errors, floor: 20) { $0.failed * 1000 / max(1, $0.requests) },
                last.requests < 10 ? nil : alert(.latency, floor: 500_000) { $0.time / max(1, $0.requests) },
            ].compactMap { $0 }
        }
    }
}
