"""The tables of the SQLite ledger and what the file itself refuses to do."""

from __future__ import annotations

APPLICATION_ID = 0x544F4C4C  # "TOLL"
VERSION = 2

# The first version's; files made by it have `hash TEXT NOT NULL UNIQUE`, which does no harm.
EVENTS = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    order_id TEXT NOT NULL,
    data TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_order ON events (order_id, seq);
CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL,
    hash TEXT NOT NULL) STRICT;
INSERT INTO head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER events_have_no_gap BEFORE INSERT ON events
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
    BEGIN SELECT RAISE(ABORT, 'events have no gap'); END;
CREATE TRIGGER head_never_goes BEFORE DELETE ON head
    BEGIN SELECT RAISE(ABORT, 'the head is never deleted'); END;
"""

# What the second version added: who may send, and the signed heads that were published.
LEASE_AND_HEADS = """
ALTER TABLE head ADD COLUMN seal TEXT NOT NULL DEFAULT '';
CREATE TABLE lease (only INTEGER PRIMARY KEY CHECK (only = 1), token INTEGER NOT NULL,
    holder TEXT NOT NULL, until TEXT NOT NULL, seconds REAL NOT NULL) STRICT;
INSERT INTO lease VALUES (1, 0, '', '', 0.0);
CREATE TRIGGER lease_never_goes BEFORE DELETE ON lease
    BEGIN SELECT RAISE(ABORT, 'the lease is never deleted'); END;
CREATE TRIGGER lease_token_never_falls BEFORE UPDATE ON lease WHEN NEW.token < OLD.token
    BEGIN SELECT RAISE(ABORT, 'the token of the lease never falls'); END;
CREATE TABLE heads (n INTEGER PRIMARY KEY CHECK (n > 0), line TEXT NOT NULL,
    peaks TEXT NOT NULL) STRICT;
CREATE TRIGGER heads_never_change BEFORE UPDATE ON heads
    BEGIN SELECT RAISE(ABORT, 'heads are never changed'); END;
CREATE TRIGGER heads_never_go BEFORE DELETE ON heads
    BEGIN SELECT RAISE(ABORT, 'heads are never deleted'); END;
CREATE TRIGGER heads_have_no_gap BEFORE INSERT ON heads
    WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM heads)
    BEGIN SELECT RAISE(ABORT, 'heads have no gap'); END;
PRAGMA user_version = 2;
"""

SCHEMA = EVENTS + LEASE_AND_HEADS
