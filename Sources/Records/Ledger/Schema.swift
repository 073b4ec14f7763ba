import GRDB

/// The ledger's schema: an ordered list, append only. What an earlier version wrote is readable for ever.
enum Schema {
    static let migrations: [(name: String, sql: String)] = [
        (
            "1 keys, receipts, batches, journal",
            """
            CREATE TABLE gateway_keys (
              id INTEGER PRIMARY KEY NOT NULL,
              organisation INTEGER NOT NULL,
              environment INTEGER NOT NULL CHECK (environment IN (0, 1)),
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
              digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
              shown TEXT NOT NULL CHECK (length(shown) = 13),
              budget INTEGER CHECK (budget >= 0),
              requests_per_minute INTEGER CHECK (requests_per_minute >= 0),
              created_at INTEGER NOT NULL,
              expires_at INTEGER,
              revoked_at INTEGER
            ) STRICT;
            CREATE UNIQUE INDEX live_key_names ON gateway_keys (organisation, name) WHERE revoked_at IS NULL;
            CREATE TABLE key_changes (
              only INTEGER PRIMARY KEY NOT NULL CHECK (only = 1),
              version INTEGER NOT NULL
            ) STRICT;
            INSERT INTO key_changes VALUES (1, 0);
            CREATE TRIGGER key_added AFTER INSERT ON gateway_keys BEGIN UPDATE key_changes SET version = version + 1; END;
            CREATE TRIGGER key_changed AFTER UPDATE ON gateway_keys BEGIN UPDATE key_changes SET version = version + 1; END;
            CREATE TRIGGER key_removed AFTER DELETE ON gateway_keys BEGIN UPDATE key_changes SET version = version + 1; END;

            CREATE TABLE models (
              id INTEGER PRIMARY KEY NOT NULL,
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 160 AND name NOT GLOB '*[^A-Za-z0-9._:/@+-]*')
            ) STRICT;
            CREATE TABLE deployments (
              id INTEGER PRIMARY KEY NOT NULL,
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 96)
            ) STRICT;
            CREATE TABLE node_certificates (
              node INTEGER PRIMARY KEY NOT NULL,
              public_key BLOB NOT NULL CHECK (length(public_key) = 32),
              installation_key BLOB NOT NULL CHECK (length(installation_key) = 32),
              signature BLOB NOT NULL CHECK (length(signature) = 64)
            ) STRICT;

            CREATE TABLE merkle_batches (
              id INTEGER PRIMARY KEY NOT NULL,
              node INTEGER NOT NULL,
              epoch INTEGER NOT NULL,
              batch_index INTEGER NOT NULL CHECK (batch_index >= 0),
              first_place INTEGER NOT NULL UNIQUE CHECK (first_place > 0),
              leaf_count INTEGER NOT NULL CHECK (leaf_count > 0),
              head BLOB NOT NULL CHECK (length(head) = 120),
              signature BLOB NOT NULL CHECK (length(signature) = 64),
              receipts INTEGER NOT NULL CHECK (receipts BETWEEN 0 AND leaf_count),
              failed INTEGER NOT NULL CHECK (failed BETWEEN 0 AND receipts),
              input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0),
              output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
              provider_cost INTEGER NOT NULL,
              charge INTEGER NOT NULL,
              oldest INTEGER,
              newest INTEGER,
              UNIQUE (node, epoch, batch_index)
            ) STRICT;
            CREATE INDEX batches_by_time ON merkle_batches (newest);
            CREATE TABLE batch_leaves (
              batch INTEGER PRIMARY KEY NOT NULL REFERENCES merkle_batches (id),
              leaves BLOB NOT NULL CHECK (length(leaves) % 32 = 0)
            ) STRICT;
            CREATE TABLE batch_keys (
              key INTEGER NOT NULL,
              batch INTEGER NOT NULL REFERENCES merkle_batches (id),
              PRIMARY KEY (key, batch)
            ) STRICT, WITHOUT ROWID;
            -- A place is a leaf's number in the whole ledger. Rows are only ever added behind the last one: this and the
            -- index of ids, which begin with the time, are all that a receipt costs.
            CREATE TABLE receipts (
              place INTEGER PRIMARY KEY NOT NULL,
              id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
              salt BLOB NOT NULL CHECK (length(salt) = 32),
              canonical BLOB NOT NULL CHECK (length(canonical) = 352)
            ) STRICT;
            CREATE TABLE erased_receipts (
              place INTEGER PRIMARY KEY NOT NULL
            ) STRICT;
            CREATE TABLE key_spend (
              key INTEGER PRIMARY KEY NOT NULL,
              charge INTEGER NOT NULL
            ) STRICT;

            CREATE TABLE journal_positions (
              node INTEGER NOT NULL,
              epoch INTEGER NOT NULL,
              segment INTEGER NOT NULL CHECK (segment >= 0),
              offset INTEGER NOT NULL CHECK (offset >= 64),
              sequence INTEGER NOT NULL CHECK (sequence >= 0),
              PRIMARY KEY (node, epoch)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE open_requests (
              id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
              node INTEGER NOT NULL,
              epoch INTEGER NOT NULL,
              sequence INTEGER NOT NULL CHECK (sequence > 0),
              hold INTEGER NOT NULL,
              opened_at INTEGER NOT NULL,
              organisation INTEGER NOT NULL,
              key INTEGER NOT NULL,
              deployment INTEGER NOT NULL,
              model INTEGER NOT NULL,
              maximum INTEGER NOT NULL,
              dialect INTEGER NOT NULL,
              endpoint INTEGER NOT NULL,
              route INTEGER NOT NULL,
              streamed INTEGER NOT NULL CHECK (streamed IN (0, 1)),
              input INTEGER,
              output INTEGER,
              cost INTEGER,
              charge INTEGER,
              at INTEGER
            ) STRICT, WITHOUT ROWID;
            """
        ),
        ("2 double-entry ledger", BookSchema.sql),
        ("vault, audit log", VaultSchema.sql + "\n" + AuditLog.schema),
        ("rights", RightsStore.schema),
        ("leases", BookSchema.leases),
        ("budgets, limits, usage", SpendingSchema.sql),
        ("alerts by channel", SpendingSchema.alertChannels),
        ("people, sessions", PeopleSchema.sql),
        ("legal pages, tightened knobs, origins", LegalSchema.sql),
        ("sums of a day by dimension", SpendingSchema.daySums),
        ("decisions of keys", DecisionSchema.keys),
        ("moves and trials of the router", DecisionSchema.routing),
        ("savings by source", DecisionSchema.savings),
        ("letters", LetterStore.schema),
        ("passkeys", PasskeyStore.schema),
        ("idempotency keys", IdempotencyStore.schema),
        ("visits", VisitStore.schema),
        ("what outcomes taught", DecisionSchema.learning),
    ]

    static func migrate(_ writer: some DatabaseWriter) throws {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.name) { database in try database.execute(sql: migration.sql) }
        }
        guard try writer.read({ try !migrator.hasBeenSuperseded($0) }) else { throw StorageFault.newerSchema }
        try migrator.migrate(writer)
    }
}
