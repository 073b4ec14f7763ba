/// Tables of who may use the console: people, organisations, memberships, invitations, sessions. Addresses and names are
/// sealed; what is looked up is a keyed digest.
enum PeopleSchema {
    static let sql = """
        CREATE TABLE people (
          id INTEGER PRIMARY KEY NOT NULL,
          mailbox BLOB NOT NULL UNIQUE CHECK (length(mailbox) = 32),
          sealed BLOB NOT NULL CHECK (length(sealed) > 29),
          verifier BLOB CHECK (length(verifier) = 60),
          totp BLOB CHECK (length(totp) > 29),
          totp_step INTEGER NOT NULL,
          language INTEGER NOT NULL,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE recovery_codes (
          person INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
          digest BLOB NOT NULL CHECK (length(digest) = 32),
          PRIMARY KEY (person, digest)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE organisations (
          id INTEGER PRIMARY KEY NOT NULL,
          sealed BLOB CHECK (length(sealed) > 29),
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE members (
          id INTEGER PRIMARY KEY NOT NULL,
          organisation INTEGER NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
          person INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
          role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 5),
          joined_at INTEGER NOT NULL,
          UNIQUE (organisation, person)
        ) STRICT;
        CREATE INDEX members_by_person ON members (person);
        CREATE TABLE invitations (
          id INTEGER PRIMARY KEY NOT NULL,
          organisation INTEGER NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
          role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 5),
          digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
          mailbox BLOB NOT NULL CHECK (length(mailbox) = 32),
          sealed BLOB NOT NULL CHECK (length(sealed) > 29),
          created_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          UNIQUE (organisation, mailbox)
        ) STRICT;
        CREATE TABLE sessions (
          digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
          person INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
          organisation INTEGER NOT NULL,
          carrier INTEGER NOT NULL CHECK (carrier IN (1, 2)),
          created_at INTEGER NOT NULL,
          seen_at INTEGER NOT NULL,
          confirmed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sessions_by_person ON sessions (person);
        """
}
