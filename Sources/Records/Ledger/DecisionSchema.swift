/// What is decided of requests.
enum DecisionSchema {
    /// NULL leaves it to the model and the configuration.
    static let keys = """
        ALTER TABLE gateway_keys ADD COLUMN compression INTEGER CHECK (compression BETWEEN 0 AND 3);
        ALTER TABLE gateway_keys ADD COLUMN router INTEGER CHECK (router BETWEEN 0 AND 3);
        ALTER TABLE gateway_keys ADD COLUMN cache INTEGER CHECK (cache BETWEEN 0 AND 3);
        ALTER TABLE gateway_keys ADD COLUMN breakpoints INTEGER CHECK (breakpoints BETWEEN 0 AND 1);
        """

    /// What outcomes taught each organisation's router, by node.
    static let learning = """
        CREATE TABLE outcome_weights (
          organisation INTEGER NOT NULL,
          node INTEGER NOT NULL,
          weights BLOB NOT NULL,
          kept_at INTEGER NOT NULL,
          PRIMARY KEY (organisation, node)
        ) STRICT, WITHOUT ROWID;
        """

    /// What was saved, by source, in the roll-ups.
    static let savings = ["minutes", "hours", "days", "day_sums"].flatMap { grain in
        ["compression", "cache", "recovery"].map { source in
            "ALTER TABLE usage_\(grain) ADD COLUMN saved_\(source) INTEGER NOT NULL DEFAULT 0;\n"
        }
    }.joined()

    /// Requests that went, or would have gone, to another model, by category; and how both arms of the trial turned out.
    static let routing = """
        CREATE TABLE route_moves (
          id INTEGER PRIMARY KEY NOT NULL,
          organisation INTEGER NOT NULL,
          category INTEGER NOT NULL,
          from_model INTEGER NOT NULL,
          to_model INTEGER NOT NULL,
          requests INTEGER NOT NULL CHECK (requests >= 0),
          saved INTEGER NOT NULL CHECK (saved >= 0),
          loss INTEGER NOT NULL CHECK (loss >= 0),
          began_at INTEGER NOT NULL,
          latest_at INTEGER NOT NULL,
          approved_at INTEGER,
          UNIQUE (organisation, category, from_model, to_model)
        ) STRICT;
        CREATE TABLE route_trials (
          organisation INTEGER NOT NULL,
          kind INTEGER NOT NULL,
          routed INTEGER NOT NULL,
          routed_good INTEGER NOT NULL,
          routed_cost INTEGER NOT NULL,
          control INTEGER NOT NULL,
          control_good INTEGER NOT NULL,
          control_cost INTEGER NOT NULL,
          stopped_at INTEGER,
          PRIMARY KEY (organisation, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE prefix_breaks (
          organisation INTEGER NOT NULL,
          key INTEGER NOT NULL,
          what INTEGER NOT NULL CHECK (what BETWEEN 0 AND 15),
          requests INTEGER NOT NULL CHECK (requests > 0),
          latest_at INTEGER NOT NULL,
          PRIMARY KEY (organisation, key, what)
        ) STRICT, WITHOUT ROWID;
        """
}
