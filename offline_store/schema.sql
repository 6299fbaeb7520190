-- The store's schema, version 6, as offline_store/migrations.cpp makes it (a test holds the two together).

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a record, append-only. `sealed` holds AES-256-GCM(salt || packed payload), before version 6 not
-- packed; NULL once a record that is not money was given up, the chain standing on the digest. `data_key`: which key
-- sealed it (docs/keys.md). `order_key`: records of one key are delivered in their order.
CREATE TABLE journal (
    sequence       INTEGER PRIMARY KEY CHECK (sequence > 0),
    class          INTEGER NOT NULL CHECK (class BETWEEN 0 AND 3),
    kind           TEXT    NOT NULL,
    wall_ms        INTEGER NOT NULL,
    monotonic_ns   INTEGER NOT NULL,
    boot           BLOB    NOT NULL CHECK (length(boot) = 16),
    trust          INTEGER NOT NULL CHECK (trust BETWEEN 0 AND 2),
    sealed         BLOB,
    payload_digest BLOB    NOT NULL CHECK (length(payload_digest) = 32),
    previous       BLOB    NOT NULL CHECK (length(previous) = 32),
    hash           BLOB    NOT NULL CHECK (length(hash) = 32),
    data_key       INTEGER NOT NULL DEFAULT 1,
    order_key      INTEGER
) STRICT;

CREATE TRIGGER journal_is_never_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
WHEN OLD.class = 0 OR NEW.sealed IS NOT NULL
  OR (OLD.sequence, OLD.class, OLD.kind, OLD.wall_ms, OLD.monotonic_ns, OLD.boot, OLD.trust,
      OLD.payload_digest, OLD.previous, OLD.hash, OLD.data_key, OLD.order_key)
  IS NOT (NEW.sequence, NEW.class, NEW.kind, NEW.wall_ms, NEW.monotonic_ns, NEW.boot, NEW.trust,
      NEW.payload_digest, NEW.previous, NEW.hash, NEW.data_key, NEW.order_key)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- state: 0 pending, 1 acknowledged, 2 dead. A record without a row is pending and was never tried. Leases live in
-- memory: they end with the process. `twin`: what says that a record is settled stands there twice, and quick_check
-- compares. A byte that changes in one of them cannot make a record that waits look settled.
CREATE TABLE delivery (
    sequence INTEGER PRIMARY KEY REFERENCES journal (sequence),
    state    INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    attempts INTEGER NOT NULL DEFAULT 0,
    note     TEXT    NOT NULL DEFAULT '',
    twin     INTEGER NOT NULL CHECK (twin = sequence * 4 + state)
) STRICT;

CREATE INDEX delivery_dead ON delivery (sequence) WHERE state = 2;

-- `once`: the key stays taken while its row is there; else it is free again when its time is over.
CREATE TABLE claim (
    key      BLOB    PRIMARY KEY CHECK (length(key) = 32),
    once     INTEGER NOT NULL CHECK (once BETWEEN 0 AND 1),
    made_ms  INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bulletin (
    kind         TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    not_before_s INTEGER NOT NULL,
    not_after_s  INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    installed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a purchase that was begun: `sealed` holds AES-256-GCM(payload), `claims` 40 bytes for each (key, end in
-- ms). Both are NULL once it was closed, its content being in the journal; the row goes when the next is opened.
CREATE TABLE intent (
    number       INTEGER PRIMARY KEY CHECK (number > 0),
    medium       BLOB    NOT NULL CHECK (length(medium) = 32),
    wall_ms      INTEGER NOT NULL,
    monotonic_ns INTEGER NOT NULL,
    boot         BLOB    NOT NULL CHECK (length(boot) = 16),
    trust        INTEGER NOT NULL CHECK (trust BETWEEN 0 AND 2),
    reported     INTEGER NOT NULL CHECK (reported BETWEEN 0 AND 1),
    sealed       BLOB,
    claims       BLOB,
    data_key     INTEGER NOT NULL DEFAULT 1
) STRICT;

-- How often something was counted on a day (days since 1970-01-01 in China).
CREATE TABLE tally (
    day   INTEGER NOT NULL,
    name  TEXT    NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, name)
) STRICT, WITHOUT ROWID;

-- How often a quota was used on a day (days since 1970-01-01 in China).
CREATE TABLE quota (
    day  INTEGER NOT NULL,
    key  BLOB    NOT NULL CHECK (length(key) = 32),
    used INTEGER NOT NULL,
    PRIMARY KEY (day, key)
) STRICT, WITHOUT ROWID;

-- What the operator ordered and this terminal has carried out, each once.
CREATE TABLE directive (
    id      TEXT    PRIMARY KEY,
    done_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Below which version no bulletin of a kind may come: what a database held that this one stands in for.
CREATE TABLE bulletin_floor (
    kind    TEXT    PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When the back office last confirmed that the installed bulletin of a kind is the newest.
CREATE TABLE confirmation (
    kind         TEXT    PRIMARY KEY,
    confirmed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The revocation list in force: a file beside the database, named by the SHA-256 of its keys (NULL: none), and
-- what deltas have put in and taken out since, as sorted keys of 16 bytes.
CREATE TABLE revocation (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    base    BLOB    CHECK (length(base) = 32),
    added   BLOB    NOT NULL,
    removed BLOB    NOT NULL
) STRICT;

-- Records that were taken over from damaged databases, as they stood there but for the seal, and how far each has come
-- on its way upstream under its old id. state, twin: as in delivery. `again`: the damaged database took it for settled,
-- which proves nothing; it goes after all others.
CREATE TABLE salvaged (
    epoch          INTEGER NOT NULL CHECK (epoch > 0),
    sequence       INTEGER NOT NULL CHECK (sequence > 0),
    class          INTEGER NOT NULL CHECK (class BETWEEN 0 AND 3),
    kind           TEXT    NOT NULL,
    wall_ms        INTEGER NOT NULL,
    monotonic_ns   INTEGER NOT NULL,
    boot           BLOB    NOT NULL CHECK (length(boot) = 16),
    trust          INTEGER NOT NULL CHECK (trust BETWEEN 0 AND 2),
    sealed         BLOB    NOT NULL,
    data_key       INTEGER NOT NULL,
    payload_digest BLOB    NOT NULL CHECK (length(payload_digest) = 32),
    previous       BLOB    NOT NULL CHECK (length(previous) = 32),
    hash           BLOB    NOT NULL CHECK (length(hash) = 32),
    again          INTEGER NOT NULL CHECK (again BETWEEN 0 AND 1),
    state          INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    attempts       INTEGER NOT NULL DEFAULT 0,
    note           TEXT    NOT NULL DEFAULT '',
    twin           INTEGER NOT NULL CHECK (twin = sequence * 4 + state),
    PRIMARY KEY (epoch, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX salvaged_pending ON salvaged (again, class, epoch, sequence) WHERE state = 0;

CREATE INDEX salvaged_refused ON salvaged (epoch, sequence) WHERE state = 2;
