"""The PostgreSQL ledger: the contract, and what the server itself refuses."""

import pytest

from tests.contracts.ledger import LedgerContract
from tests.doubles import END, FakeClock
from tests.execution import databases
from tools.domain.errors import ConfigError, Conflict, StateError
from tools.execution import postgres_link
from tools.execution.audit import Audit
from tools.execution.audit_postgres import PostgresSource
from tools.execution.ledger_postgres import PostgresLedger
from tools.execution.postgres_link import Link
from tools.postgres import Address


@pytest.fixture(scope="module", autouse=True)
def _server(strict_skip):
    why = databases.reachable()
    if why:
        strict_skip(f"no PostgreSQL: {why}")


@pytest.fixture
def schema():
    name = databases.new_schema()
    yield name
    databases.drop(name)


@pytest.fixture
def clock():
    return FakeClock(END)


@pytest.fixture
def opened(schema, tmp_path, clock):
    made = []

    def open_one():
        ledger = PostgresLedger(
            databases.URL,
            clock,
            keys=tmp_path / "keys",
            heads=tmp_path / "heads.jsonl",
            schema=schema,
        )
        made.append(ledger)
        return ledger

    yield open_one
    for ledger in made:
        ledger.store.close()


class TestPostgresLedger(LedgerContract):
    @pytest.fixture
    def clock(self, clock):
        return clock

    @pytest.fixture
    def opened(self, opened):
        return opened


@pytest.fixture
def server(schema):
    """A connection of another program to the ledger's schema."""
    link = Link(Address(databases.URL, schema))
    yield link
    link.close()


def with_events(ledger, count=6):
    for n in range(count):
        with ledger.transaction() as tx:
            tx.append("k", "o", {"n": n, "text": "é"})
        if n % 3 == 2:
            ledger.publish()
    return ledger


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET data = '{}' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 3",
        "TRUNCATE events",
        "INSERT INTO events SELECT 8, at, kind, order_id, data, previous, 'x' FROM events LIMIT 1",
        "INSERT INTO events SELECT seq, at, kind, order_id, data, previous, 'x' FROM events",
        "DELETE FROM head",
        "UPDATE heads SET line = ''",
        "DELETE FROM heads",
        "DELETE FROM lease",
        "UPDATE lease SET token = -1",
    ],
)
def test_the_server_itself_refuses_changes(opened, server, sql):
    with_events(opened())
    with pytest.raises(StateError):
        server.run(sql)


def test_an_event_waits_for_the_servers_disk(opened):
    assert opened().store._writer.run("SHOW synchronous_commit") == [["on"]]


def test_a_ledger_held_by_another_is_named(opened, server, monkeypatch):
    monkeypatch.setattr(postgres_link, "BUSY_MS", 50)
    ledger = with_events(opened(), 1)
    server.run("BEGIN")
    server.run("SELECT * FROM head FOR UPDATE")
    fresh = opened()
    with pytest.raises(StateError, match="another process"), fresh.transaction():
        pass
    server.run("ROLLBACK")
    with_events(fresh, 1)
    assert len(ledger.events()) == 2


def test_a_lost_connection_is_said_and_the_next_one_works(opened, server):
    ledger = with_events(opened(), 2)

    def fails():
        with ledger.transaction() as tx:
            tx.append("k", "", {})
            end_all(server)

    with pytest.raises(StateError, match=r"reached|refused"):
        fails()
    with_events(ledger, 1)
    assert [e.seq for e in opened().events()] == [1, 2, 3]


def end_all(server):
    server.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE "
        "relation = 'head'::regclass AND pid <> pg_backend_pid()"
    )


def test_a_holder_whose_connection_is_gone_is_followed_at_once(opened):
    lease = opened().lease("page", 3600)
    token = lease.acquire()
    with pytest.raises(Conflict), opened().lease("terminal", 10):
        pass
    lease._presence.end()  # what the server sees of a process that died
    with opened().lease("terminal", 10) as newer:
        assert newer == token + 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://u:secret@h/x",
        "postgresql://u:secret@h:99999999/x",
        "postgresql:///x",
    ],
)
def test_a_url_that_is_none_is_refused_without_its_password(url, tmp_path):
    with pytest.raises(ConfigError) as caught:
        PostgresLedger(url, FakeClock(END), keys=tmp_path, heads=tmp_path / "h")
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_said_without_its_password(tmp_path):
    url = "postgresql://u:secret@127.0.0.1:1/x"
    with pytest.raises(StateError, match="DATABASE_URL") as caught:
        PostgresLedger(url, FakeClock(END), keys=tmp_path, heads=tmp_path / "h")
    assert "secret" not in str(caught.value)


# ------------------------------------------------------------------------------- the verifier


@pytest.fixture
def audit(schema, tmp_path):
    source = Address(databases.URL, schema)
    return Audit(lambda: PostgresSource(source), tmp_path / "heads.jsonl", tmp_path / "keys")


def test_the_verifier_reads_the_server_as_well(opened, audit):
    with_events(opened()).close()
    report = audit.verify()
    assert (report.ok, report.events, report.signed, report.problems) == (True, 6, 6, ())
    assert audit.show(2)["proof"]["holds"]
    assert audit.grown(3)["holds"]
    assert len(list(audit.export())) == 6


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE events SET data = '{\"n\":9}' WHERE seq = 2", "changed"),
        ("DELETE FROM events WHERE seq = 3", "missing"),
        ("DELETE FROM events WHERE seq > 4; UPDATE head SET seq = 4", "tail was cut"),
        ("DELETE FROM heads", "published"),
        ("UPDATE head SET seq = 5", "were counted"),
    ],
)
def test_tampering_at_the_server_is_found(opened, audit, server, sql, said):
    with_events(opened()).close()
    server.run("SET session_replication_role = replica; " + sql)
    assert said in " ".join(problem.sentence for problem in audit.verify().problems)


def test_a_guard_that_was_switched_off_is_found(opened, audit, server):
    with_events(opened()).close()
    server.run("ALTER TABLE events DISABLE TRIGGER events_never_change")
    assert [p.sentence for p in audit.verify().problems] == [
        "The guard events_never_change was removed from the database."
    ]
