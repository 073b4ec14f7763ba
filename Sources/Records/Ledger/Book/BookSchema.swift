/// Tables of the double-entry ledger. The database itself refuses what must never be: a change of what was recorded, a
/// second resolution, an overdraft that is no external event, a sum that is not that of the postings.
enum BookSchema {
    /// What accounts and transfers there are; later versions have more.
    private struct Closed {
        var kinds: Int
        var codes: Int
        /// Kinds that never go below zero but by an external event.
        var limited: String
    }

    private static let first = Closed(kinds: 11, codes: 13, limited: "1, 2")
    private static let withLeases = Closed(kinds: 12, codes: 15, limited: "1, 2, 12")

    static let sql = tables(first) + triggers(first)

    /// Leases came with version 3. SQLite cannot widen a CHECK, so the tables are made anew with what they hold.
    static let leases =
        names.map { "CREATE TEMP TABLE moved_\($0) AS SELECT * FROM \($0);" }.joined()
        + names.reversed().map { "DROP TABLE \($0);" }.joined()
        + tables(withLeases)
        + names.map { "INSERT INTO \($0) SELECT * FROM moved_\($0); DROP TABLE moved_\($0);" }.joined()
        + triggers(withLeases)

    private static let names = [
        "ledger_accounts", "ledger_transfers", "ledger_open_holds", "ledger_failed_ids", "ledger_grants",
    ]

    private static func tables(_ closed: Closed) -> String {
        """
        CREATE TABLE ledger_accounts (
          number INTEGER PRIMARY KEY NOT NULL,
          id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
          kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND \(closed.kinds)),
          organisation INTEGER NOT NULL,
          priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 255),
          expires_at INTEGER CHECK (expires_at IS NULL OR kind = 2),
          created_at INTEGER NOT NULL,
          debits_pending INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
          debits_posted INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
          credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
          credits_posted INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0)
        ) STRICT;
        CREATE INDEX ledger_promotions ON ledger_accounts (organisation) WHERE kind = 2;
        CREATE TABLE ledger_transfers (
          sequence INTEGER PRIMARY KEY NOT NULL CHECK (sequence > 0),
          id BLOB UNIQUE CHECK (length(id) = 16),
          kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
          debit INTEGER NOT NULL REFERENCES ledger_accounts (number),
          credit INTEGER NOT NULL REFERENCES ledger_accounts (number),
          amount INTEGER NOT NULL CHECK (amount >= 0),
          pending INTEGER REFERENCES ledger_transfers (sequence),
          timeout INTEGER NOT NULL CHECK (timeout BETWEEN 0 AND 4294967295),
          expires_at INTEGER,
          code INTEGER NOT NULL CHECK (code BETWEEN 1 AND \(closed.codes)),
          subject BLOB CHECK (length(subject) = 16),
          note INTEGER NOT NULL,
          parts INTEGER NOT NULL CHECK (parts BETWEEN 1 AND 65535),
          at INTEGER NOT NULL,
          CHECK (debit <> credit),
          CHECK ((id IS NULL) = (kind = 5)),
          CHECK ((pending IS NOT NULL) = (kind IN (3, 4, 5))),
          CHECK (timeout = 0 OR kind = 2),
          CHECK (expires_at IS CASE WHEN timeout > 0 THEN at + timeout * 1000000 END)
        ) STRICT;
        CREATE UNIQUE INDEX ledger_resolutions ON ledger_transfers (pending) WHERE pending IS NOT NULL;
        CREATE INDEX ledger_debits ON ledger_transfers (debit);
        CREATE INDEX ledger_credits ON ledger_transfers (credit);
        CREATE INDEX ledger_subjects ON ledger_transfers (subject) WHERE subject IS NOT NULL;
        CREATE TABLE ledger_open_holds (
          transfer INTEGER PRIMARY KEY NOT NULL REFERENCES ledger_transfers (sequence),
          expires_at INTEGER
        ) STRICT;
        CREATE INDEX ledger_open_holds_by_expiry ON ledger_open_holds (expires_at) WHERE expires_at IS NOT NULL;
        CREATE TABLE ledger_failed_ids (
          id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE ledger_grants (
          processor INTEGER NOT NULL CHECK (processor >= 0),
          business_key TEXT NOT NULL
            CHECK (length(business_key) BETWEEN 1 AND 96 AND business_key NOT GLOB '*[^A-Za-z0-9._:/@+-]*'),
          transfer BLOB NOT NULL UNIQUE REFERENCES ledger_transfers (id),
          PRIMARY KEY (processor, business_key)
        ) STRICT, WITHOUT ROWID;

        """
    }

    private static func triggers(_ closed: Closed) -> String {
        """
        CREATE TRIGGER ledger_accounts_open_empty BEFORE INSERT ON ledger_accounts
        WHEN NEW.debits_pending + NEW.debits_posted + NEW.credits_pending + NEW.credits_posted <> 0
        BEGIN SELECT RAISE(ABORT, 'an account opens empty'); END;
        CREATE TRIGGER ledger_accounts_stay BEFORE DELETE ON ledger_accounts
        BEGIN SELECT RAISE(ABORT, 'append only'); END;
        CREATE TRIGGER ledger_accounts_keep
        BEFORE UPDATE OF number, id, kind, organisation, priority, expires_at, created_at ON ledger_accounts
        BEGIN SELECT RAISE(ABORT, 'append only'); END;
        CREATE TRIGGER ledger_transfers_stay BEFORE DELETE ON ledger_transfers
        BEGIN SELECT RAISE(ABORT, 'append only'); END;
        CREATE TRIGGER ledger_transfers_keep BEFORE UPDATE ON ledger_transfers
        BEGIN SELECT RAISE(ABORT, 'append only'); END;
        CREATE TRIGGER ledger_failed_ids_stay BEFORE DELETE ON ledger_failed_ids
        BEGIN SELECT RAISE(ABORT, 'append only'); END;
        CREATE TRIGGER ledger_failed_ids_keep BEFORE UPDATE ON ledger_failed_ids
        BEGIN SELECT RAISE(ABORT, 'append only'); END;
        CREATE TRIGGER ledger_grants_stay BEFORE DELETE ON ledger_grants
        BEGIN SELECT RAISE(ABORT, 'append only'); END;
        CREATE TRIGGER ledger_grants_keep BEFORE UPDATE ON ledger_grants
        BEGIN SELECT RAISE(ABORT, 'append only'); END;

        CREATE TRIGGER ledger_transfers_in_order BEFORE INSERT ON ledger_transfers
        WHEN NEW.sequence <> 1 + coalesce((SELECT max(sequence) FROM ledger_transfers), 0)
          OR NEW.at < coalesce((SELECT at FROM ledger_transfers ORDER BY sequence DESC LIMIT 1), NEW.at)
        BEGIN SELECT RAISE(ABORT, 'out of order'); END;
        CREATE TRIGGER ledger_transfers_within_credit BEFORE INSERT ON ledger_transfers
        WHEN NEW.kind IN (1, 2) AND NEW.code NOT IN (4, 7, 8)
        BEGIN
          SELECT RAISE(ABORT, 'exceeds_credits') FROM ledger_accounts
          WHERE number = NEW.debit AND kind IN (\(closed.limited)) AND debits_pending + debits_posted + NEW.amount > credits_posted;
        END;
        CREATE TRIGGER ledger_transfers_resolve_once BEFORE INSERT ON ledger_transfers WHEN NEW.kind IN (3, 4, 5)
        BEGIN
          SELECT RAISE(ABORT, 'resolves nothing') WHERE NOT EXISTS (
            SELECT 1 FROM ledger_open_holds o JOIN ledger_transfers p ON p.sequence = o.transfer
            WHERE o.transfer = NEW.pending AND p.kind = 2 AND p.debit = NEW.debit AND p.credit = NEW.credit
              AND p.code = NEW.code
              AND CASE NEW.kind WHEN 3 THEN NEW.amount <= p.amount ELSE NEW.amount = p.amount END
              AND CASE NEW.kind WHEN 5 THEN p.expires_at <= NEW.at ELSE p.expires_at IS NULL OR NEW.at < p.expires_at END);
        END;
        CREATE TRIGGER ledger_sum_single AFTER INSERT ON ledger_transfers WHEN NEW.kind = 1
        BEGIN
          UPDATE ledger_accounts SET debits_posted = debits_posted + NEW.amount WHERE number = NEW.debit;
          UPDATE ledger_accounts SET credits_posted = credits_posted + NEW.amount WHERE number = NEW.credit;
        END;
        CREATE TRIGGER ledger_sum_pending AFTER INSERT ON ledger_transfers WHEN NEW.kind = 2
        BEGIN
          UPDATE ledger_accounts SET debits_pending = debits_pending + NEW.amount WHERE number = NEW.debit;
          UPDATE ledger_accounts SET credits_pending = credits_pending + NEW.amount WHERE number = NEW.credit;
          INSERT INTO ledger_open_holds VALUES (NEW.sequence, NEW.expires_at);
        END;
        CREATE TRIGGER ledger_sum_post AFTER INSERT ON ledger_transfers WHEN NEW.kind = 3
        BEGIN
          UPDATE ledger_accounts SET debits_posted = debits_posted + NEW.amount, debits_pending =
            debits_pending - (SELECT amount FROM ledger_transfers WHERE sequence = NEW.pending) WHERE number = NEW.debit;
          UPDATE ledger_accounts SET credits_posted = credits_posted + NEW.amount, credits_pending =
            credits_pending - (SELECT amount FROM ledger_transfers WHERE sequence = NEW.pending) WHERE number = NEW.credit;
          DELETE FROM ledger_open_holds WHERE transfer = NEW.pending;
        END;
        CREATE TRIGGER ledger_sum_return AFTER INSERT ON ledger_transfers WHEN NEW.kind IN (4, 5)
        BEGIN
          UPDATE ledger_accounts SET debits_pending = debits_pending - NEW.amount WHERE number = NEW.debit;
          UPDATE ledger_accounts SET credits_pending = credits_pending - NEW.amount WHERE number = NEW.credit;
          DELETE FROM ledger_open_holds WHERE transfer = NEW.pending;
        END;
        """
    }
}
