"""Only what is missing is asked for, once, and what arrived is kept whatever comes after."""

import threading
from datetime import timedelta

import pytest

from tests.market_data.clocks import SetClock
from tests.market_data.store.feeds_made import DAWN, HOUR, Live
from tools.domain.errors import DataUnavailable
from tools.domain.timeframe import DAILY, MINUTE
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.store.fetching import Fetcher
from tools.market_data.store.files import LocalFiles
from tools.market_data.store.parquet import ParquetParts
from tools.market_data.store.ranges import Span
from tools.market_data.store.series import FIRST, LAST, Kind, Series
from tools.market_data.store.store import MarketStore

MINUTES = Series(Kind.BARS, "live", "BTC/USD", MINUTE)
HOURS = Series(Kind.BARS, "live", "BTC/USD", HOUR)
TRADES = Series(Kind.TRADES, "live", "BTC/USD")


def days(start, end):
    return Span(DAWN + timedelta(days=start), DAWN + timedelta(days=end))


@pytest.fixture
def clock():
    return SetClock(DAWN + timedelta(days=10))


@pytest.fixture
def feed(clock):
    return Live(clock=clock)


@pytest.fixture
def fetcher(tmp_path, clock):
    store = MarketStore(ParquetParts(LocalFiles(tmp_path / "market")), clock)
    return Fetcher(store, clock, tmp_path / "locks")


def test_only_what_is_missing_is_asked_for(feed, fetcher):
    fetcher.fetch(feed, HOURS, days(2, 3))
    feed.asked.clear()
    assert fetcher.fetch(feed, HOURS, days(1, 4)).spans == 2
    hour = timedelta(hours=1)  # the last bar must be finished to be in the answer
    assert feed.asked == [
        (DAWN + timedelta(days=1), DAWN + timedelta(days=2) + hour),
        (DAWN + timedelta(days=3), DAWN + timedelta(days=4) + hour),
    ]
    assert len(fetcher.store.bars(HOURS)) == 72
    feed.asked.clear()
    assert fetcher.fetch(feed, HOURS, days(1, 4)).spans == 0
    assert feed.asked == []


def test_a_hole_is_asked_for_once_and_not_again_and_again(feed, fetcher):
    feed.holes = set(range(24))
    assert fetcher.fetch(feed, HOURS, days(0, 1)).empty == 1
    feed.asked.clear()
    fetcher.fetch(feed, HOURS, days(0, 1))
    assert feed.asked == []


def test_what_has_not_settled_is_asked_for_again(feed, fetcher, clock):
    fetcher.fetch(feed, MINUTES, days(9, 11))
    kept = fetcher.store.bars(MINUTES)
    assert kept.close[-1] == 10 * 1440 - 22
    clock.advance(timedelta(hours=1))
    assert fetcher.fetch(feed, MINUTES, days(9, 11)).rows == 60


def test_what_arrived_before_an_error_is_kept(feed, fetcher):
    original, count = feed.trades, []

    def broken(symbol, start, end):
        count.append(start)
        if len(count) == 3:
            raise DataUnavailable("429 for an hour")
        return original(symbol, start, end)

    feed.trades = broken
    with pytest.raises(DataUnavailable, match="429"):
        fetcher.fetch(feed, TRADES, days(0, 3))
    assert fetcher.store.covered(TRADES) == (days(0, 2),)
    feed.trades = original
    feed.asked.clear()
    told = []
    assert (
        fetcher.fetch(feed, TRADES, days(0, 3), lambda span, n: told.append((span, n))).rows == 24
    )
    assert told == [(days(2, 3), 24)]
    assert fetcher.store.read(TRADES).price.tolist() == list(range(72))


def test_two_that_want_the_same_ask_for_it_once(feed, fetcher):
    threads = [
        threading.Thread(target=fetcher.fetch, args=(feed, HOURS, days(0, 3))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(feed.asked) == 1
    assert len(fetcher.store.bars(HOURS)) == 72


def test_asked_again_shows_what_was_restated_and_keeps_the_past(feed, fetcher, clock):
    fetcher.fetch(feed, HOURS, days(0, 1))
    feed.other[5] = 555
    assert fetcher.fetch(feed, HOURS, days(0, 1)).rows == 0
    assert fetcher.fetch(feed, HOURS, days(0, 1), again=True).rows == 1
    assert fetcher.store.bars(HOURS).close[5] == 555
    assert fetcher.store.bars(HOURS, as_of=DAWN + timedelta(days=5)).close[5] == 5


def test_what_the_feed_does_not_offer_is_told_and_nothing_kept(feed, fetcher):
    assert not fetcher.fetch(feed, Series(Kind.QUOTES, "live", "BTC/USD"), days(0, 1)).offered
    assert not fetcher.fetch(feed, Series(Kind.TRADES, "live", "IBM"), days(0, 1)).offered
    assert fetcher.store.holdings() == ()


def test_a_feed_that_is_not_live_is_read_anew_and_kept_once(fetcher):
    series = Series(Kind.BARS, "sample", "IBM", DAILY)
    sample = SampleFeed()
    assert fetcher.fetch(sample, series, Span(FIRST, LAST)).rows == 3270
    assert fetcher.fetch(sample, series, Span(FIRST, LAST)).rows == 0
    last = sample.bars("IBM")[-1]
    kept = fetcher.store.bars(series)
    assert kept.close[-1] == float(last.close)
    assert len(fetcher.store.bars(series, as_of=last.event_time)) == 3269


def test_a_clock_that_was_set_back_does_not_turn_versions_around(feed, fetcher, clock):
    for close in (5, 555, 5555):
        feed.other[5] = close
        fetcher.fetch(feed, HOURS, days(0, 1), again=True)
        assert fetcher.store.bars(HOURS).close[5] == close
        clock.advance(-timedelta(days=1))
