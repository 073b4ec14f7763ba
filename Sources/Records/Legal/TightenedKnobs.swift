import GRDB
public import Vocabulary

/// What organisations set tighter than their deployment. Whether a value may be had is decided before it comes here.
public struct TightenedKnobs: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Values by knob, of each organisation that has any.
    public func all() throws(StorageFault) -> [OrganisationID: [String: String]] {
        try ledger.read { database in
            var all: [OrganisationID: [String: String]] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT * FROM tightened_knobs") {
                all[OrganisationID(row.unsigned("organisation")), default: [:]][row["knob"]] = row["value"]
            }
            return all
        }
    }

    public func set(_ knob: String, _ value: String, of organisation: OrganisationID) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: """
                    INSERT INTO tightened_knobs VALUES (?, ?, ?)
                    ON CONFLICT (organisation, knob) DO UPDATE SET value = excluded.value
                    """, arguments: [organisation.value.stored, knob, value])
        }
    }
}
