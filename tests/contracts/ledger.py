"""What every Ledger must do; an adapter's test class inherits this and gives ``opened``."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tools.domain.errors import StateError
from tools.ports import Ledger


class LedgerContract:
    @pytest.fixture
    def opened(self) -> Callable[[], Ledger]:
        """Each call opens the same ledger anew, as another process would."""
        raise NotImplementedError

    def test_events_come_back_in_order_with_no_gap_and_chained(self, opened):
        with opened().transaction() as tx:
            first = tx.append("a", "o1", {"n": 1, "text": "é\u202e"})
            second = tx.append("b", "o2", {"deep": {"list": [1, None, "x"]}})
        events = opened().events()
        assert events == (first, second)
        assert [e.seq for e in events] == [1, 2]
        assert events[1].previous == events[0].hash
        assert events[0].at.utcoffset() is not None
        assert events[1].data == {"deep": {"list": [1, None, "x"]}}

    def test_one_orders_events_and_those_after_a_number(self, opened):
        ledger = opened()
        with ledger.transaction() as tx:
            for n in range(6):
                tx.append("k", f"o{n % 2}", {"n": n})
            assert [e.seq for e in tx.events("o1")] == [2, 4, 6]
        assert [e.seq for e in ledger.events(after=4)] == [5, 6]
        assert [e.seq for e in ledger.events("o0", after=1)] == [3, 5]
        assert ledger.events("none") == ()

    def test_a_transaction_that_fails_leaves_nothing(self, opened):
        ledger = opened()

        def fails():
            with ledger.transaction() as tx:
                tx.append("a", "", {})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fails()
        assert ledger.events() == ()
        with ledger.transaction() as tx:
            assert tx.append("b", "", {}).seq == 1

    def test_data_that_is_no_json_is_refused_and_leaves_nothing(self, opened):
        ledger = opened()

        def writes(odd):
            with ledger.transaction() as tx:
                tx.append("ok", "", {})
                tx.append("a", "", odd)

        for odd in ({"x": object()}, {"x": float("nan")}):
            with pytest.raises(StateError):
                writes(odd)
        assert ledger.events() == ()

    def test_an_ended_or_nested_transaction_is_refused(self, opened):
        ledger = opened()
        with ledger.transaction() as tx:
            tx.append("a", "", {})
        with pytest.raises(StateError):
            tx.append("b", "", {})
        with pytest.raises(StateError), ledger.transaction(), ledger.transaction():
            pass
        assert len(ledger.events()) == 1

    def test_many_writers_lose_nothing_and_read_what_they_decide_on(self, opened):
        def count_up():
            ledger = opened()
            for _ in range(5):
                with ledger.transaction() as tx:
                    tx.append("n", "", {"n": len(tx.events())})

        threads = [threading.Thread(target=count_up) for _ in range(6)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert [e.data["n"] for e in opened().events()] == list(range(30))
