#include "offline_store/migrations.h"

#include <array>

namespace ykt::offline_store {

namespace {

// clang-format off
constexpr std::string_view step1 = R"sql(
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a record, append-only. `sealed` holds AES-256-GCM(salt || payload); NULL once a record that is not money
-- was dropped, the chain standing on the digest.
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
    hash           BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER journal_is_never_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
WHEN OLD.class = 0 OR NEW.sealed IS NOT NULL
  OR (OLD.sequence, OLD.class, OLD.kind, OLD.wall_ms, OLD.monotonic_ns, OLD.boot, OLD.trust,
      OLD.payload_digest, OLD.previous, OLD.hash)
  IS NOT (NEW.sequence, NEW.class, NEW.kind, NEW.wall_ms, NEW.monotonic_ns, NEW.boot, NEW.trust,
      NEW.payload_digest, NEW.previous, NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- One row a record. state: 0 pending, 1 acknowledged, 2 dead. Leases live in memory: they end with the process.
CREATE TABLE delivery (
    sequence INTEGER PRIMARY KEY REFERENCES journal (sequence),
    class    INTEGER NOT NULL,
    state    INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    attempts INTEGER NOT NULL DEFAULT 0,
    note     TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX delivery_pending ON delivery (class, sequence) WHERE state = 0;

CREATE INDEX delivery_dead ON delivery (sequence) WHERE state = 2;

CREATE TABLE claim (
    key      BLOB PRIMARY KEY CHECK (length(key) = 32),
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
)sql";

constexpr std::string_view step2 = R"sql(
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
    claims       BLOB
) STRICT;

-- How often something was counted on a day (days since 1970-01-01 in China).
CREATE TABLE tally (
    day   INTEGER NOT NULL,
    name  TEXT    NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, name)
) STRICT, WITHOUT ROWID;
)sql";
constexpr std::string_view step3 = R"sql(
ALTER TABLE claim RENAME TO claim_2;

-- `once`: the key stays taken while its row is there; else it is free again when its time is over.
CREATE TABLE claim (
    key      BLOB    PRIMARY KEY CHECK (length(key) = 32),
    once     INTEGER NOT NULL CHECK (once BETWEEN 0 AND 1),
    made_ms  INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was claimed before is not known to be for once, nor when it was made: it holds until its end, as it did.
INSERT INTO claim (key, once, made_ms, until_ms) SELECT key, 0, 0, until_ms FROM claim_2;
DROP TABLE claim_2;

-- How often a quota was used on a day (days since 1970-01-01 in China).
CREATE TABLE quota (
    day  INTEGER NOT NULL,
    key  BLOB    NOT NULL CHECK (length(key) = 32),
    used INTEGER NOT NULL,
    PRIMARY KEY (day, key)
) STRICT, WITHOUT ROWID;
)sql";
constexpr std::string_view step4 = R"sql(
-- A record that waits has no row until something is to be remembered of it: what it costs is its journal row.
ALTER TABLE delivery RENAME TO delivery_3;
DROP INDEX delivery_pending;
DROP INDEX delivery_dead;

-- state: 0 pending, 1 acknowledged, 2 dead. A record without a row is pending and was never tried. Leases live in
-- memory: they end with the process.
CREATE TABLE delivery (
    sequence INTEGER PRIMARY KEY REFERENCES journal (sequence),
    state    INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    attempts INTEGER NOT NULL DEFAULT 0,
    note     TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX delivery_dead ON delivery (sequence) WHERE state = 2;

INSERT INTO delivery (sequence, state, attempts, note)
    SELECT sequence, state, attempts, note FROM delivery_3 WHERE state <> 0 OR attempts > 0 ORDER BY sequence;
DROP TABLE delivery_3;

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

-- Which data key sealed the row (docs/keys.md).
ALTER TABLE journal ADD COLUMN data_key INTEGER NOT NULL DEFAULT 1;
ALTER TABLE journal ADD COLUMN order_key INTEGER;
ALTER TABLE intent ADD COLUMN data_key INTEGER NOT NULL DEFAULT 1;

DROP TRIGGER journal_is_never_changed;
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
WHEN OLD.class = 0 OR NEW.sealed IS NOT NULL
  OR (OLD.sequence, OLD.class, OLD.kind, OLD.wall_ms, OLD.monotonic_ns, OLD.boot, OLD.trust,
      OLD.payload_digest, OLD.previous, OLD.hash, OLD.data_key)
  IS NOT (NEW.sequence, NEW.class, NEW.kind, NEW.wall_ms, NEW.monotonic_ns, NEW.boot, NEW.trust,
      NEW.payload_digest, NEW.previous, NEW.hash, NEW.data_key)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Records that were taken over from damaged databases, as they stood there but for the seal, and how far each has come
-- on its way upstream under its old id. state: as in delivery. `again`: the damaged database took it for settled, which
-- proves nothing; it goes after all others.
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
    PRIMARY KEY (epoch, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX salvaged_pending ON salvaged (again, class, epoch, sequence) WHERE state = 0;
)sql";
constexpr std::string_view step5 = R"sql(
-- `twin`: what says that a record is settled stands there twice, and quick_check compares. A byte that changes in one
-- of them cannot make a record that waits look settled.
ALTER TABLE delivery RENAME TO delivery_4;
DROP INDEX delivery_dead;

-- state: 0 pending, 1 acknowledged, 2 dead. A record without a row is pending and was never tried. Leases live in
-- memory: they end with the process.
CREATE TABLE delivery (
    sequence INTEGER PRIMARY KEY REFERENCES journal (sequence),
    state    INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    attempts INTEGER NOT NULL DEFAULT 0,
    note     TEXT    NOT NULL DEFAULT '',
    twin     INTEGER NOT NULL CHECK (twin = sequence * 4 + state)
) STRICT;

CREATE INDEX delivery_dead ON delivery (sequence) WHERE state = 2;

INSERT INTO delivery SELECT sequence, state, attempts, note, sequence * 4 + state FROM delivery_4
    WHERE sequence IN (SELECT sequence FROM journal) ORDER BY sequence;
DROP TABLE delivery_4;

ALTER TABLE salvaged RENAME TO salvaged_4;
DROP INDEX salvaged_pending;

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

CREATE INDEX salvaged_dead ON salvaged (epoch, sequence) WHERE state = 2;

INSERT INTO salvaged SELECT *, sequence * 4 + state FROM salvaged_4 ORDER BY epoch, sequence;
DROP TABLE salvaged_4;
)sql";
constexpr std::string_view step6 = R"sql(
-- From here on payloads are sealed packed, which earlier programs do not open; what was sealed before stays as it is.
-- The index has another name, by which they know a database that is too new for them.
DROP INDEX salvaged_dead;
CREATE INDEX salvaged_refused ON salvaged (epoch, sequence) WHERE state = 2;

DROP TRIGGER journal_is_never_changed;
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
WHEN OLD.class = 0 OR NEW.sealed IS NOT NULL
  OR (OLD.sequence, OLD.class, OLD.kind, OLD.wall_ms, OLD.monotonic_ns, OLD.boot, OLD.trust,
      OLD.payload_digest, OLD.previous, OLD.hash, OLD.data_key, OLD.order_key)
  IS NOT (NEW.sequence, NEW.class, NEW.kind, NEW.wall_ms, NEW.monotonic_ns, NEW.boot, NEW.trust,
      NEW.payload_digest, NEW.previous, NEW.hash, NEW.data_key, NEW.order_key)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
)sql";
// clang-format on

constexpr std::array steps{step1, step2, step3, step4, step5, step6};

} // namespace

std::span<const std::string_view> migrations() {
    return steps;
}

} // namespace ykt::offline_store
