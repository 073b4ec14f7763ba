/// Tables of what was published, agreed to and told, and of what an organisation tightened.
enum LegalSchema {
    static let sql = """
        CREATE TABLE legal_editions (
          page INTEGER NOT NULL,
          number INTEGER NOT NULL CHECK (number > 0),
          language INTEGER NOT NULL,
          effective INTEGER NOT NULL,
          published_at INTEGER NOT NULL,
          digest BLOB NOT NULL CHECK (length(digest) = 32),
          published BLOB NOT NULL,
          PRIMARY KEY (page, number, language)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE legal_acceptances (
          organisation INTEGER NOT NULL,
          member INTEGER NOT NULL,
          page INTEGER NOT NULL,
          number INTEGER NOT NULL CHECK (number > 0),
          at INTEGER NOT NULL,
          PRIMARY KEY (organisation, member, page, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE incidents (
          id INTEGER PRIMARY KEY NOT NULL,
          kind INTEGER NOT NULL,
          concerns INTEGER NOT NULL,
          began_at INTEGER NOT NULL,
          ended_at INTEGER,
          announced_at INTEGER NOT NULL,
          affected INTEGER NOT NULL CHECK (affected >= 0),
          CHECK (ended_at IS NULL OR ended_at >= began_at)
        ) STRICT;
        CREATE TABLE tightened_knobs (
          organisation INTEGER NOT NULL,
          knob TEXT NOT NULL CHECK (length(knob) BETWEEN 1 AND 40 AND knob NOT GLOB '*[^a-z_]*'),
          value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 40 AND value NOT GLOB '*[^a-z0-9_]*'),
          PRIMARY KEY (organisation, knob)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER knob_added AFTER INSERT ON tightened_knobs
        BEGIN UPDATE key_changes SET version = version + 1; END;
        CREATE TRIGGER knob_changed AFTER UPDATE ON tightened_knobs
        BEGIN UPDATE key_changes SET version = version + 1; END;
        CREATE TRIGGER knob_removed AFTER DELETE ON tightened_knobs
        BEGIN UPDATE key_changes SET version = version + 1; END;
        CREATE TABLE request_origins (
          id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
          organisation INTEGER NOT NULL,
          at INTEGER NOT NULL,
          origin BLOB NOT NULL CHECK (length(origin) = 16)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX origins_by_time ON request_origins (at);
        """
}
