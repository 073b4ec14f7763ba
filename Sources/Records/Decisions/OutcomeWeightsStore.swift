import Foundation
import GRDB
public import Vocabulary

/// What outcomes taught, as bytes: of each organisation, by node.
public struct OutcomeWeightsStore: Sendable {
    private let ledger: Ledger
    private let node: UInt32

    public init(_ ledger: Ledger, node: UInt32) {
        self.ledger = ledger
        self.node = node
    }

    public func all() throws(StorageFault) -> [OrganisationID: [UInt8]] {
        try ledger.read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT organisation, weights FROM outcome_weights WHERE node = ?",
                arguments: [node])
            return Dictionary(
                rows.map { (OrganisationID($0.unsigned("organisation")), [UInt8]($0["weights"] as Data)) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    public func keep(_ weights: [OrganisationID: [UInt8]], at now: Moment) throws(StorageFault) {
        try ledger.write { database in
            for (organisation, bytes) in weights {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO outcome_weights VALUES (?, ?, ?, ?)",
                    arguments: [organisation.value.stored, node, Data(bytes), now.microseconds])
            }
        }
    }

    /// Takes away what an organisation taught any node.
    public func remove(_ organisation: OrganisationID) throws(StorageFault) {
        try ledger.write { database in
            try database.execute(
                sql: "DELETE FROM outcome_weights WHERE organisation = ?", arguments: [organisation.value.stored])
        }
    }
}
