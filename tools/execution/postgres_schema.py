"""The tables of the PostgreSQL ledger, in a schema of their own, and what they refuse to do.

Run with ``search_path`` set to that schema.
"""

from __future__ import annotations

SCHEMA = """
CREATE TABLE events (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    at text NOT NULL,
    kind text NOT NULL,
    order_id text NOT NULL,
    data text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);
CREATE INDEX events_of_order ON events (order_id, seq);
CREATE TABLE head (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), seq bigint NOT NULL,
    hash text NOT NULL, seal text NOT NULL DEFAULT '');
INSERT INTO head (seq, hash) VALUES (0, repeat('0', 64));
CREATE TABLE lease (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    token bigint NOT NULL, holder text NOT NULL, until text NOT NULL, seconds double precision
    NOT NULL);
INSERT INTO lease (token, holder, until, seconds) VALUES (0, '', '', 0);
CREATE TABLE heads (n bigint PRIMARY KEY CHECK (n > 0), line text NOT NULL, peaks text NOT NULL);

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger never changes what it holds (%)', TG_NAME; END $$;
CREATE FUNCTION no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE low bigint; high bigint; many bigint; before bigint;
    BEGIN
        SELECT min(seq), max(seq), count(*) INTO low, high, many FROM added;
        IF many = 0 THEN RETURN NULL; END IF;
        SELECT coalesce(max(seq), 0) INTO before FROM events WHERE seq < low;
        IF low <> before + 1 OR high <> before + many THEN
            RAISE EXCEPTION 'events have no gap';
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events EXECUTE FUNCTION refuse();
CREATE TRIGGER events_never_go BEFORE DELETE OR TRUNCATE ON events EXECUTE FUNCTION refuse();
CREATE TRIGGER events_have_no_gap AFTER INSERT ON events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION no_gap();
CREATE TRIGGER head_never_goes BEFORE DELETE OR TRUNCATE ON head EXECUTE FUNCTION refuse();
CREATE TRIGGER lease_never_goes BEFORE DELETE OR TRUNCATE ON lease EXECUTE FUNCTION refuse();
CREATE TRIGGER lease_token_never_falls BEFORE UPDATE ON lease FOR EACH ROW
    WHEN (NEW.token < OLD.token) EXECUTE FUNCTION refuse();
CREATE TRIGGER heads_never_change BEFORE UPDATE ON heads EXECUTE FUNCTION refuse();
CREATE TRIGGER heads_never_go BEFORE DELETE OR TRUNCATE ON heads EXECUTE FUNCTION refuse();
"""

# All rows of a group in one statement and one parameter: one journey, whatever their number.
INSERT = """
INSERT INTO events SELECT seq, at, kind, order_id, data, previous, hash FROM
    json_to_recordset(:rows) AS new (seq bigint, at text, kind text, order_id text, data text,
    previous text, hash text)
"""
