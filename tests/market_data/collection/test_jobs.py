"""A due run is done once, by one process, whatever was missed and whoever died."""

import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta

import pytest

from tests.market_data.clocks import SetClock
from tests.market_data.store.feeds_made import DAWN, Live
from tools.domain.errors import Conflict, DataUnavailable, InputError, NotFound, StateError
from tools.market_data.collection import judging
from tools.market_data.collection.book import LEASE, JobBook
from tools.market_data.collection.collector import Collector
from tools.market_data.collection.job import due_before, new_job
from tools.market_data.store.opening import open_fetcher

NOON = DAWN + timedelta(days=8, hours=12)
FIELDS = {"name": "crypto", "symbols": ["btc-usd"], "what": "1h", "cron": "0 6 * * *", "days": 2}


@pytest.fixture
def clock():
    return SetClock(NOON)


@pytest.fixture
def feed(clock):
    return Live(clock=clock)


@pytest.fixture
def book(tmp_path):
    return JobBook(tmp_path / "collection.db")


@pytest.fixture
def collector(book, feed, clock, tmp_path):
    return Collector(book, lambda: [feed], lambda: open_fetcher(tmp_path, None, clock), clock)


def test_a_job_runs_when_it_is_due_and_not_before(collector, book, clock, feed):
    book.add(new_job(**FIELDS), clock.wall())
    assert collector.run_due() == ()
    clock.advance(timedelta(hours=17, minutes=59))
    assert collector.run_due() == ()
    clock.advance(timedelta(minutes=1))
    (run,) = collector.run_due()
    assert (run.rows, run.gaps, run.error) == (46, 0, "")
    assert run.due == datetime(2024, 1, 10, 6, tzinfo=UTC)
    feed.asked.clear()
    assert collector.run_due() == ()
    assert feed.asked == []


def test_a_run_leaves_a_report_beside_each_series_that_is_of_its_latest_rows(
    collector, book, clock, feed
):
    book.add(new_job(**FIELDS), clock.wall())
    store, scores = collector._fetcher().store, []
    for _ in range(2):
        clock.advance(timedelta(days=1))
        collector.run_due()
        (held,) = store.holdings()
        report = store.report(held.series)
        scores.append((report["checked"], report["rows"]))
        assert (report["rows"], report["timeframe"]) == (held.rows, "1h")
        assert report["since"] is not None
    assert scores[0] < scores[1]


def test_prices_that_cannot_be_judged_are_kept_all_the_same(
    collector, book, clock, monkeypatch, caplog
):
    def refuse(*_):
        raise DataUnavailable("no calendar reaches so far")

    monkeypatch.setattr(judging, "validate", refuse)
    book.add(new_job(**FIELDS), clock.wall())
    clock.advance(timedelta(days=1))
    (run,) = collector.run_due()
    assert (run.error, run.rows > 0) == ("", True)
    assert "could not be checked: no calendar" in caplog.text


def test_what_was_missed_is_made_up_for_once_and_reaches_back_to_before_it(
    collector, book, clock, feed
):
    book.add(new_job(**FIELDS), clock.wall())
    clock.advance(timedelta(days=1))
    collector.run_due()
    clock.advance(timedelta(days=20))
    (run,) = collector.run_due()
    assert run.error == ""
    assert run.gaps == 0
    assert len(book.runs("crypto")) == 2
    kept = collector._fetcher().store.holdings()[0]
    assert kept.rows == 22 * 24 - 2


def test_jobs_and_outcomes_survive_a_restart(collector, book, clock, feed):
    job = new_job(**FIELDS)
    book.add(job, clock.wall())
    clock.advance(timedelta(days=1))
    feed.down = "live did not answer"
    (run,) = collector.run_due()
    assert "live did not answer" in run.error
    again = JobBook(book.path)
    assert again.jobs() == ((job, NOON),)
    assert again.runs("crypto") == (run,)


def test_one_symbol_s_error_does_not_end_the_others(collector, book, clock):
    book.add(new_job(**FIELDS | {"symbols": ["NOSUCH", "BTC/USD"]}), clock.wall())
    clock.advance(timedelta(days=1))
    (run,) = collector.run_due()
    assert run.error.startswith("NOSUCH: No feed has 1h of NOSUCH")
    assert run.rows > 0


def test_gaps_are_bars_the_calendar_has_and_the_store_not(collector, book, clock, feed):
    feed.holes = {180, 181, 190}
    book.add(new_job(**FIELDS), clock.wall())
    assert collector.run_now("crypto").gaps == 3


def test_a_run_is_given_to_one_and_after_a_death_to_another(book, clock):
    book.add(new_job(**FIELDS), clock.wall())
    due = clock.wall()
    token = book.claim("crypto", due, clock.wall())
    assert book.claim("crypto", due, clock.wall()) is None
    clock.advance(LEASE / 2)
    book.renew("crypto", due, token, clock.wall())
    clock.advance(LEASE / 2)
    assert book.claim("crypto", due, clock.wall()) is None
    clock.advance(LEASE)
    other = book.claim("crypto", due, clock.wall())
    assert other is not None
    with pytest.raises(Conflict):
        book.finish("crypto", due, token, clock.wall(), (1, 0, 1.0, ""))
    book.finish("crypto", due, other, clock.wall(), (2, 0, 1.0, ""))
    clock.advance(LEASE * 2)
    assert book.claim("crypto", due, clock.wall()) is None
    assert book.runs("crypto")[0].rows == 2


CLAIMING = """
    import sys
    from datetime import datetime, timedelta, UTC
    from pathlib import Path
    from tools.market_data.collection.book import JobBook

    book, now = JobBook(Path(sys.argv[1])), datetime(2024, 1, 1, tzinfo=UTC)
    print(*[i for i in range(30) if book.claim("crypto", now + timedelta(hours=i), now)])
"""


def test_of_several_processes_each_run_goes_to_one(tmp_path):
    path = tmp_path / "new" / "collection.db"
    command = [sys.executable, "-c", textwrap.dedent(CLAIMING), str(path)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate() for process in running]
    assert [errors for _, errors in said] == [""] * 3
    claimed = sorted(int(word) for words, _ in said for word in words.split())
    assert claimed == list(range(30))


def test_a_job_is_there_once_and_gone_when_removed(book, clock):
    assert book.jobs() == ()
    assert not book.path.exists()
    book.add(new_job(**FIELDS), clock.wall())
    with pytest.raises(Conflict, match="already"):
        book.add(new_job(**FIELDS), clock.wall())
    book.remove("crypto")
    assert book.jobs() == ()
    with pytest.raises(NotFound):
        book.remove("crypto")


def test_a_file_that_is_no_database_is_told(book, clock):
    book.path.write_bytes(b"not a database" * 100)
    with pytest.raises(StateError, match="move the file away"):
        book.add(new_job(**FIELDS), clock.wall())


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Not a name"},
        {"symbols": []},
        {"symbols": ["not a symbol"]},
        {"what": "often"},
        {"cron": "at noon"},
        {"cron": "0 6 * *"},
        {"cron": "0 0 0 6 * *"},
        {"cron": "61 6 * * *"},
        {"cron": "0 0 31 2 *"},
        {"zone": "Mars/Olympus"},
        {"zone": "../etc/passwd"},
        {"days": 0},
        {"other": 1},
    ],
)
def test_what_cannot_be_a_job_is_refused_with_a_sentence(wrong):
    with pytest.raises(InputError):
        new_job(**FIELDS | wrong)


def test_a_schedule_follows_the_clocks_on_the_wall():
    at = datetime(2024, 3, 8, 22, tzinfo=UTC)
    new_york = [
        due_before("30 16 * * *", "America/New_York", at + timedelta(days=d)).hour for d in range(4)
    ]
    assert new_york == [21, 21, 20, 20]
    skipped = due_before("30 2 10 3 *", "America/New_York", datetime(2024, 3, 11, tzinfo=UTC))
    assert skipped == datetime(2024, 3, 10, 7, tzinfo=UTC)
    exact = datetime(2024, 1, 1, 6, tzinfo=UTC)
    assert due_before("0 6 * * *", "UTC", exact) == exact


NEWS = {"name": "news", "symbols": [], "what": "documents", "source": "rss", "cron": "0 6 * * *"}


def test_a_job_for_documents_is_done_by_who_was_given_for_them(book, clock, tmp_path):
    asked, answers = [], [(3, ["One feed did not answer."]), (0, [])]

    def texts(job, span, goes_on):
        goes_on()
        asked.append((job.source, span.end))
        return answers.pop(0)

    collector = Collector(book, list, lambda: None, clock, texts)
    book.add(new_job(**NEWS), clock.wall())
    clock.advance(timedelta(days=1))
    (run,) = collector.run_due()
    assert (run.rows, run.gaps, run.error) == (3, 0, "One feed did not answer.")
    assert asked == [("rss", clock.wall())]
    assert collector.run_due() == ()
    assert collector.run_now("news").error == ""


@pytest.mark.parametrize("error", [DataUnavailable("No answer."), ValueError("a defect")])
def test_a_failing_source_of_documents_is_an_outcome(book, clock, error):
    def texts(*_):
        raise error

    book.add(new_job(**NEWS), clock.wall())
    run = Collector(book, list, lambda: None, clock, texts).run_now("news")
    assert run.error in ("No answer.", "ValueError")


def test_without_an_index_a_job_for_documents_says_so(collector, book, clock):
    book.add(new_job(**NEWS), clock.wall())
    assert "no knowledge index" in collector.run_now("news").error


@pytest.mark.parametrize(
    "wrong", [{"source": None}, {"what": "1d"}, {"what": "1d", "symbols": ["IBM"], "about": "x"}]
)
def test_a_job_lacks_nothing_that_its_kind_needs(wrong):
    with pytest.raises(InputError):
        new_job(**NEWS | wrong)
