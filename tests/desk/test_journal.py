"""The journal's book while a group of turns is not committed yet."""

import multiprocessing
from contextlib import suppress

import pytest

from tests.desk.memory import MemoryLedger, sent
from tests.doubles import END, FakeClock, order
from tests.execution.queueing import queue_behind_one
from tools.desk.journal import Journal
from tools.domain.errors import Conflict, StateError
from tools.execution.book import Book, Folding
from tools.execution.codec import to_plain
from tools.execution.ledger import SqliteLedger


def sqlite(folder):
    return SqliteLedger(folder / "ledger.db", FakeClock(END))


@pytest.fixture
def ledger(tmp_path):
    return sqlite(tmp_path)


@pytest.fixture
def folded(monkeypatch):
    """The numbers of all events that were folded into a book."""
    seen, add = [], Folding.add

    def counting(folding, event):
        seen.append(event.seq)
        add(folding, event)

    monkeypatch.setattr(Folding, "add", counting)
    return seen


def propose(journal, name):
    wish = order(name)
    with journal.writing() as page:
        page.write(
            "proposed",
            wish.client_order_id,
            {"order": to_plain(wish), "simulated": True, "venue": "v"},
        )
        page.write("alarm", "", {"note": name})
        return page.book


def together(ledger, works):
    queue_behind_one(ledger._turns, works, begin=lambda _: None)


def full(ledger):
    """Make the disk of the ledger full: no page more."""
    writer = ledger.store.writer()
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count={pages:d}")


def test_turns_that_share_a_commit_fold_every_event_once(ledger, folded):
    journal, seen = Journal(ledger), []
    works = [lambda n=n: seen.append(len(propose(journal, str(n)).orders)) for n in range(40)]
    together(ledger, works)
    assert sorted(seen) == list(range(1, 41))  # each saw all before it
    assert sorted(folded) == list(range(1, 81))
    assert journal.read() == Journal(ledger).read()


def test_a_turn_that_gave_up_is_not_in_the_next_ones_book(ledger, folded):
    journal = Journal(ledger)

    def gives_up(n):
        with suppress(Conflict), journal.writing() as page:
            page.write("alarm", "", {"note": f"{n}"})
            raise Conflict("somebody else was first")

    works = [
        (lambda n=n: propose(journal, str(n))) if n % 2 else (lambda n=n: gives_up(n))
        for n in range(20)
    ]
    together(ledger, works)
    assert len(journal.read().orders) == 10
    assert journal.read() == Journal(ledger).read()
    # What was given up is folded by the one who gave up, and by nobody else.
    assert len(folded) == 2 * (10 * 2) + 10


def test_a_commit_that_fails_leaves_no_trace_in_any_book(ledger):
    journal, failed = Journal(ledger), []
    propose(journal, "before")
    full(ledger)

    def much(n):
        try:
            with journal.writing() as page:
                wish = order(f"lost{n}")
                data = {"order": to_plain(wish), "simulated": True, "venue": "v" * 20_000}
                page.write("proposed", wish.client_order_id, data)
        except StateError as error:
            failed.append(str(error))

    together(ledger, [lambda n=n: much(n) for n in range(5)])
    assert len(failed) == 5
    assert all("full" in said for said in failed)
    assert len(journal.read().orders) == 1
    ledger.store.writer().execute("PRAGMA max_page_count=100000")
    assert len(propose(journal, "after").orders) == 2
    assert journal.read() == Journal(ledger).read()


def test_what_another_process_wrote_is_folded_into_the_speculation(tmp_path, folded):
    mine, other = Journal(sqlite(tmp_path)), Journal(sqlite(tmp_path))
    for n in range(6):
        before = len(folded)
        book = propose((mine, other)[n % 2], str(n))
        assert len(book.orders) == n + 1
        assert len(folded) - before <= 4  # its own two and the other's two
    assert mine.read() == other.read()


def test_a_foreign_event_where_a_lost_one_was_expected_is_noticed(tmp_path):
    """The commit fails, and another writer takes the same numbers: nothing lost is believed."""
    ledger = sqlite(tmp_path)
    journal, other = Journal(ledger), Journal(sqlite(tmp_path))
    commit = ledger.store.commit

    def lost(*args, **kwargs):
        ledger.store.commit = commit
        ledger.store.rollback()
        raise StateError("the disk is gone")

    ledger.store.commit = lost
    with pytest.raises(StateError, match="gone"):
        propose(journal, "lost")
    propose(other, "kept")
    assert len(propose(journal, "mine").orders) == 2
    assert journal.read() == other.read()


def _writes(folder, name):
    journal = Journal(sqlite(folder))
    for n in range(10):
        propose(journal, f"{name}{n}")


def test_processes_that_write_in_turns_agree_on_one_book(tmp_path):
    sqlite(tmp_path)
    context = multiprocessing.get_context("fork")
    others = [context.Process(target=_writes, args=(tmp_path, name)) for name in "ab"]
    for other in others:
        other.start()
    _writes(tmp_path, "c")
    for other in others:
        other.join()
    journal = Journal(sqlite(tmp_path))
    assert len(journal.read().orders) == 30
    assert len(propose(journal, "last").orders) == 31


def test_a_ledger_without_hashes_is_folded_from_what_was_committed():
    journal = sent(order(), Journal(MemoryLedger()))
    assert len(propose(journal, "next").orders) == 2


def test_a_page_knows_each_order_and_the_whole_book_as_it_was_written_so_far(ledger):
    journal = Journal(ledger)
    first = propose(journal, "first")
    with journal.writing() as page:
        old, new = order("first").client_order_id, order("second").client_order_id
        assert page.order(old) is first.orders[old]
        with pytest.raises(KeyError):
            page.order(new)
        page.write("canceled", old, {"by": "me", "reason": ""})
        page.write(
            "proposed", new, {"order": to_plain(order("second")), "simulated": True, "venue": "v"}
        )
        seen = page.order(old), page.order(new)
        assert [record.state.value for record in seen] == ["canceled", "proposed"]
        assert (page.book.orders[old], page.book.orders[new]) == seen
    before = journal.read()
    with pytest.raises(Conflict), journal.writing() as page:
        page.write("canceled", new, {"by": "me", "reason": ""})
        page.write("approved", old, {"approver": "me"})
    assert journal.read() is before


def test_what_is_written_one_by_one_or_read_at_once_makes_the_same_book(ledger):
    journal = Journal(ledger)
    for n in range(3):
        propose(journal, str(n))
    with journal.writing() as page:
        for n in range(3):
            page.write("canceled", order(str(n)).client_order_id, {"by": "me", "reason": ""})
            assert page.book.seq == 7 + n
    assert journal.read() == Book().after(ledger.events())
