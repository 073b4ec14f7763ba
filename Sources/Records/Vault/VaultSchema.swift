/// The vault's tables: keys wrapped under the operator's master key, and provider keys sealed under those.
enum VaultSchema {
    static let sql = """
        CREATE TABLE vault_data_keys (
          id INTEGER PRIMARY KEY NOT NULL,
          organisation INTEGER NOT NULL UNIQUE,
          master BLOB NOT NULL CHECK (length(master) = 16),
          wrapped BLOB NOT NULL CHECK (length(wrapped) = 61),
          fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE vault_provider_keys (
          id INTEGER PRIMARY KEY NOT NULL,
          organisation INTEGER NOT NULL,
          deployment INTEGER NOT NULL,
          data_key INTEGER NOT NULL REFERENCES vault_data_keys (id),
          sealed BLOB NOT NULL CHECK (length(sealed) > 29),
          shown TEXT NOT NULL CHECK (length(shown) = 4),
          created_at INTEGER NOT NULL,
          last_used_at INTEGER,
          UNIQUE (organisation, deployment)
        ) STRICT;
        """
}
