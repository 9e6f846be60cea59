"""What every Ledger must do; an adapter's test class inherits this and gives ``opened``."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.doubles import END, FakeClock
from tools.domain.errors import Conflict, StateError
from tools.ports import Ledger


class LedgerContract:
    @pytest.fixture
    def clock(self) -> FakeClock:
        """The wall clock of every ledger that ``opened`` opens."""
        return FakeClock(END)

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

    def test_many_events_at_once_are_as_many_appended(self, opened):
        with opened().transaction() as tx:
            tx.append("a", "o", {})
            made = tx.append_many([("b", "o", {"n": n}) for n in range(3)])
            assert tx.events(after=1) == made
        assert opened().events(after=1) == made

    def test_a_turn_that_fails_in_a_shared_commit_takes_nobody_else_with_it(self, opened):
        ledger, inside, queued = opened(), threading.Event(), threading.Barrier(4)
        failures = []

        def holds_the_turn():
            with ledger.transaction() as tx:
                tx.append("first", "", {})
                inside.set()
                queued.wait()

        def write(n):
            inside.wait()
            queued.wait()
            try:
                with ledger.transaction() as tx:
                    tx.append("n", "", {"n": n, "seen": len(tx.events())})
                    if n == 1:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                failures.append(n)

        run_together([holds_the_turn, *(lambda n=n: write(n) for n in range(3))])
        events = opened().events()
        assert failures == [1]
        assert [e.seq for e in events] == [1, 2, 3]
        assert [e.data.get("seen") for e in events] == [None, 1, 2]

    def test_what_was_written_is_there_for_others_when_the_transaction_ends(self, opened):
        ledger, other = opened(), opened()
        for n in range(1, 4):
            with ledger.transaction() as tx:
                tx.append("a", "", {})
                assert len(other.events()) == n - 1
            assert len(other.events()) == n

    # ------------------------------------------------------------------ the lease of one sender

    def test_the_token_grows_with_every_holder(self, opened):
        ledger = opened()
        tokens = []
        for _ in range(3):
            with ledger.lease("page", 10) as token, ledger.transaction(token) as tx:
                tx.append("a", "", {})
                tokens.append(token)
        assert tokens == [1, 2, 3]

    def test_one_holds_the_lease_and_the_other_is_told_who(self, opened):
        with (
            opened().lease("page 17", 10),
            pytest.raises(Conflict, match="page 17"),
            opened().lease("terminal", 10),
        ):
            pass
        with opened().lease("terminal", 10) as token:
            assert token == 2

    def test_a_sleeper_whose_lease_was_taken_over_writes_nothing(self, opened, clock):
        sleeper, other = opened(), opened()
        token = sleeper.lease("sleeper", 10).acquire()
        clock.real += timedelta(seconds=11)
        newer = other.lease("other", 10).acquire()
        with pytest.raises(Conflict, match="took over"), sleeper.transaction(token) as tx:
            tx.append("send_intent", "o", {})
        with other.transaction(newer) as tx:
            tx.append("send_intent", "o", {})
        assert len(opened().events()) == 1

    @pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)])
    def test_no_clock_jump_makes_two_who_can_write(self, opened, clock, jump):
        one, two = opened(), opened()
        first, second = one.lease("one", 10), two.lease("two", 10)
        old = first.acquire()
        clock.real += jump
        new = second.acquire()
        assert new > old
        with pytest.raises(Conflict), one.transaction(old):
            pass
        with pytest.raises(Conflict):
            first.renew()
        first.release()  # what is another's is not given back
        with two.transaction(new) as tx:
            tx.append("a", "", {})

    def test_a_lease_that_ran_out_and_was_not_taken_still_counts(self, opened, clock):
        ledger = opened()
        lease = ledger.lease("slow", 10)
        token = lease.acquire()
        clock.real += timedelta(hours=1)
        with ledger.transaction(token) as tx:
            tx.append("a", "", {})
        with pytest.raises(Conflict), opened().lease("other", 10):
            pass  # writing under it renewed it
        lease.release()

    def test_a_renewed_lease_lasts_its_full_time_again(self, opened, clock):
        lease = opened().lease("page", 10)
        lease.acquire()
        for _ in range(5):
            clock.real += timedelta(seconds=9)
            lease.renew()
            with pytest.raises(Conflict), opened().lease("other", 10):
                pass

    def test_a_lease_given_back_is_nobodys(self, opened):
        ledger = opened()
        lease = ledger.lease("page", 10)
        token = lease.acquire()
        lease.release()
        with pytest.raises(Conflict, match="given back"), ledger.transaction(token):
            pass
        with pytest.raises(Conflict), ledger.transaction(token + 1):
            pass

    def test_whoever_waits_gets_the_lease_when_it_is_given_back(self, opened):
        lease, waiting, got = opened().lease("page", 10), opened().lease("terminal", 10), []
        lease.acquire()
        thread = threading.Thread(target=lambda: got.append(waiting.acquire(wait_s=30)))
        thread.start()
        lease.release()
        thread.join()
        assert got == [2]

    def test_of_many_who_want_the_lease_one_at_a_time_has_it(self, opened):
        holding, most, tokens = [], [], []

        def wants(n):
            with opened().lease(f"holder {n}", 60, wait_s=60) as token:
                holding.append(n)
                most.append(len(holding))
                tokens.append(token)
                holding.remove(n)

        run_together([lambda n=n: wants(n) for n in range(6)])
        assert most == [1] * 6
        assert sorted(tokens) == tokens
        assert len(set(tokens)) == 6

    # ---------------------------------------------------------------------------- signed heads

    def test_a_head_is_published_over_all_events_and_once_only(self, opened):
        ledger = opened()
        for n in range(5):
            with ledger.transaction() as tx:
                tx.append("a", "", {"n": n})
        ledger.publish()
        before = self.heads_of(ledger)
        ledger.publish()
        assert self.heads_of(ledger) == before
        assert [(head["n"], head["size"]) for head in before][-1] == (len(before), 5)

    def test_closing_publishes_what_is_new(self, opened):
        ledger = opened()
        for _ in range(3):
            with ledger.transaction() as tx:
                tx.append("a", "", {})
        ledger.close()
        assert self.heads_of(ledger)[-1]["size"] == 3

    def heads_of(self, ledger):
        """The published heads, as the adapter's database has them."""
        row = ledger.store.begin() and ledger.store.last_head()
        ledger.store.rollback()
        heads = [json.loads(line) for line in ledger._heads._file.read_text().splitlines()]
        assert json.loads(row.line) == heads[-1]
        return heads


def run_together(works):
    threads = [threading.Thread(target=work) for work in works]
    [t.start() for t in threads]
    [t.join() for t in threads]
