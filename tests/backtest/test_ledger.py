"""A run's ledger in memory tells the same story, with the same hashes, as the one on disk."""

from datetime import timedelta

import pytest

from tests.doubles import END, FakeClock
from tools.backtest.ledger import RunLedger
from tools.domain.errors import StateError
from tools.execution.ledger import SqliteLedger

ROWS = [("a", "o1", {"n": 1, "text": "é"}), ("b", "", {"deep": [1, None]}), ("c", "o1", {})]


def test_it_is_chained_like_the_ledger_on_disk(tmp_path):
    clock = FakeClock(END)
    mine, disk = RunLedger(clock), SqliteLedger(tmp_path / "ledger.db", clock)
    for row in ROWS:
        for ledger in (mine, disk):
            with ledger.transaction() as tx:
                tx.append(*row)
        clock.real += timedelta(seconds=1)
    assert mine.events() == disk.events()
    assert mine.hash == disk.events()[-1].hash
    assert mine.events("o1") == disk.events("o1")
    assert mine.events(after=2) == disk.events(after=2)


def test_a_turn_that_fails_leaves_nothing():
    ledger = RunLedger(FakeClock(END))

    def fails():
        with ledger.transaction() as tx:
            tx.append_many(ROWS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert ledger.events() == ()
    with ledger.transaction() as tx:
        assert tx.append(*ROWS[0]).seq == 1


def test_what_is_no_json_and_a_turn_inside_a_turn_are_refused():
    ledger = RunLedger(FakeClock(END))
    with ledger.transaction() as tx, pytest.raises(StateError):
        tx.append("a", "", {"x": float("nan")})
    with ledger.transaction(), pytest.raises(StateError), ledger.transaction():
        pass
    assert ledger.events() == ()
