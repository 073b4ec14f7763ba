import GRDB
public import Vocabulary

/// Names of models and deployments behind the numbers that receipts hold.
public struct CatalogueNames: Sendable {
    private let ledger: Ledger

    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Adds the models of the price book and the deployments of the configuration; known numbers keep their last name.
    public func learn(models: [(ModelID, String)], deployments: [(DeploymentID, String)]) throws(StorageFault) {
        try ledger.write { database in
            for (id, name) in models where ModelName.isValid(name.utf8, limit: ModelName.qualifiedLimit) {
                try Self.learn(model: id, name: name, in: database)
            }
            for (id, name) in deployments {
                try database.cachedStatement(
                    sql: """
                        INSERT INTO deployments VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name
                        WHERE name <> excluded.name
                        """
                ).execute(arguments: [id.value.stored, name])
            }
        }
    }

    /// Models by number, those learned from providers' answers included.
    public func models() throws(StorageFault) -> [ModelID: String] {
        try ledger.read { database in
            var names: [ModelID: String] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT id, name FROM models") {
                names[ModelID(row.unsigned("id"))] = row["name"]
            }
            return names
        }
    }

    /// Deployments by number.
    public func deployments() throws(StorageFault) -> [DeploymentID: String] {
        try ledger.read { database in
            var names: [DeploymentID: String] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT id, name FROM deployments") {
                names[DeploymentID(row.unsigned("id"))] = row["name"]
            }
            return names
        }
    }

    static func learn(model id: ModelID, name: String, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO models VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name
                WHERE name <> excluded.name
                """
        ).execute(arguments: [id.value.stored, name])
    }
}
