/// Tables of what may be spent and what was: budgets, rates, the nodes' shares of them, roll-ups of usage, alerts.
enum SpendingSchema {
    static let sql = """
        ALTER TABLE gateway_keys ADD COLUMN member INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE gateway_keys ADD COLUMN models TEXT CHECK (length(models) BETWEEN 1 AND 4096);
        ALTER TABLE gateway_keys ADD COLUMN endpoints TEXT CHECK (length(endpoints) BETWEEN 1 AND 1024);
        ALTER TABLE gateway_keys ADD COLUMN networks TEXT CHECK (length(networks) BETWEEN 1 AND 1024);

        CREATE TABLE budgets (
          owner_kind INTEGER NOT NULL CHECK (owner_kind BETWEEN 1 AND 5),
          owner INTEGER NOT NULL,
          period INTEGER NOT NULL CHECK (period BETWEEN 1 AND 4),
          amount INTEGER NOT NULL CHECK (amount >= 0),
          action INTEGER NOT NULL CHECK (action BETWEEN 1 AND 3),
          substitute TEXT CHECK (length(substitute) BETWEEN 1 AND 96 AND substitute NOT GLOB '*[^A-Za-z0-9._:/@+-]*'),
          PRIMARY KEY (owner_kind, owner, period),
          CHECK ((substitute IS NOT NULL) = (action = 2))
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE rate_limits (
          owner_kind INTEGER NOT NULL CHECK (owner_kind BETWEEN 1 AND 5),
          owner INTEGER NOT NULL,
          requests_per_minute INTEGER CHECK (requests_per_minute >= 0),
          tokens_per_minute INTEGER CHECK (tokens_per_minute >= 0),
          in_flight INTEGER CHECK (in_flight >= 0),
          PRIMARY KEY (owner_kind, owner)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO budgets SELECT 1, id, 4, budget, 3, NULL FROM gateway_keys WHERE budget IS NOT NULL;
        INSERT INTO rate_limits SELECT 1, id, requests_per_minute, NULL, NULL FROM gateway_keys
          WHERE requests_per_minute IS NOT NULL;
        ALTER TABLE gateway_keys DROP COLUMN budget;
        ALTER TABLE gateway_keys DROP COLUMN requests_per_minute;

        -- What each node may spend of each period and did: what is leased and not spent is nobody else's.
        CREATE TABLE spending (
          owner_kind INTEGER NOT NULL CHECK (owner_kind BETWEEN 1 AND 5),
          owner INTEGER NOT NULL,
          period INTEGER NOT NULL CHECK (period BETWEEN 1 AND 4),
          begins_at INTEGER NOT NULL,
          node INTEGER NOT NULL,
          leased INTEGER NOT NULL CHECK (leased >= 0),
          spent INTEGER NOT NULL CHECK (spent >= 0),
          PRIMARY KEY (owner_kind, owner, period, begins_at, node)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO spending SELECT 1, key, 4, 0, 1, 0, max(0, charge) FROM key_spend;
        DROP TABLE key_spend;
        CREATE TABLE serving_nodes (
          node INTEGER PRIMARY KEY NOT NULL,
          epoch INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          wants_kind INTEGER,
          wants_owner INTEGER
        ) STRICT;

        """
        + ["budgets", "rate_limits"].map { table in
            """
            CREATE TRIGGER \(table)_added AFTER INSERT ON \(table)
            BEGIN UPDATE key_changes SET version = version + 1; END;
            CREATE TRIGGER \(table)_changed AFTER UPDATE ON \(table)
            BEGIN UPDATE key_changes SET version = version + 1; END;
            CREATE TRIGGER \(table)_removed AFTER DELETE ON \(table)
            BEGIN UPDATE key_changes SET version = version + 1; END;

            """
        }.joined()
        + ["minutes", "hours", "days"].map { grain in
            """
            CREATE TABLE usage_\(grain) (
              at INTEGER NOT NULL,
              organisation INTEGER NOT NULL,
              key INTEGER NOT NULL,
              model INTEGER NOT NULL,
              deployment INTEGER NOT NULL,
              category INTEGER NOT NULL,
              requests INTEGER NOT NULL,
              failed INTEGER NOT NULL,
              input_tokens INTEGER NOT NULL,
              cached_tokens INTEGER NOT NULL,
              output_tokens INTEGER NOT NULL,
              provider_cost INTEGER NOT NULL,
              charge INTEGER NOT NULL,
              saved INTEGER NOT NULL,
              microseconds INTEGER NOT NULL,
              PRIMARY KEY (at, organisation, key, model, deployment, category)
            ) STRICT, WITHOUT ROWID;

            """
        }.joined()
            + """
            CREATE TABLE alerts (
              id INTEGER PRIMARY KEY NOT NULL,
              cause TEXT NOT NULL UNIQUE CHECK (length(cause) BETWEEN 1 AND 120 AND cause NOT GLOB '*[^a-z0-9._:/-]*'),
              kind INTEGER NOT NULL,
              at INTEGER NOT NULL,
              owner_kind INTEGER NOT NULL,
              owner INTEGER NOT NULL,
              period INTEGER NOT NULL,
              level INTEGER NOT NULL,
              amount INTEGER NOT NULL,
              limit_amount INTEGER NOT NULL,
              mailed_at INTEGER,
              posted_at INTEGER,
              attempts INTEGER NOT NULL,
              next_attempt INTEGER NOT NULL
            ) STRICT;
            """

    /// A year's page reads a day's sums of one dimension, and of one key what stands together in the table of all days.
    static let daySums =
        """
        ALTER TABLE usage_days RENAME TO usage_days_by_time;
        CREATE TABLE usage_days (
          at INTEGER NOT NULL,
          organisation INTEGER NOT NULL,
          key INTEGER NOT NULL,
          model INTEGER NOT NULL,
          deployment INTEGER NOT NULL,
          category INTEGER NOT NULL,
          \(columns),
          PRIMARY KEY (organisation, key, at, model, deployment, category)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO usage_days SELECT * FROM usage_days_by_time ORDER BY organisation, key, at;
        DROP TABLE usage_days_by_time;
        CREATE TABLE usage_day_sums (
          organisation INTEGER NOT NULL,
          dimension INTEGER NOT NULL CHECK (dimension BETWEEN 1 AND 5),
          value INTEGER NOT NULL,
          at INTEGER NOT NULL,
          \(columns),
          PRIMARY KEY (organisation, dimension, value, at)
        ) STRICT, WITHOUT ROWID;

        """ + daySums(of: firstSums.map { "sum(\($0))" }.joined(separator: ", "))

    static let fillDaySums = daySums(of: UsageWriter.summed)

    /// - Parameter sums: of the columns that add up, in their order.
    private static func daySums(of sums: String) -> String {
        UsageDimension.allCases.map { dimension in
            """
            INSERT INTO usage_day_sums SELECT organisation, \(dimension.number), \(dimension.column), at, \(sums)
            FROM usage_days GROUP BY organisation, \(dimension.column), at;
            """
        }.joined()
    }

    /// The columns that added up when days were first summed by dimension; others came later.
    private static let firstSums = UsageWriter.sums.prefix(9)
    private static let columns = firstSums.map { "\($0) INTEGER NOT NULL" }.joined(separator: ", ")

    /// A channel that fails waits; the other does not.
    static let alertChannels = """
        ALTER TABLE alerts RENAME COLUMN attempts TO mail_attempts;
        ALTER TABLE alerts RENAME COLUMN next_attempt TO next_mail;
        ALTER TABLE alerts ADD COLUMN post_attempts INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE alerts ADD COLUMN next_post INTEGER NOT NULL DEFAULT 0;
        """
}
