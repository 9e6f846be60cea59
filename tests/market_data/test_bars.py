"""Bars of any timeframe: the first feed that can, kept ones when it can't, and said so."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.market_data.clocks import SetClock
from tests.market_data.store.feeds_made import DAWN, HOUR, Live
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.timeframe import DAILY, MINUTE, Timeframe
from tools.market_data.bars import BarData
from tools.market_data.columns import nanoseconds
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.market import Market
from tools.market_data.store.opening import open_fetcher

FIVE = Timeframe.parse("5m")
NOW = DAWN + timedelta(days=10)


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def feed(clock):
    return Live(clock=clock)


@pytest.fixture
def market(feed, clock, tmp_path):
    return Market([feed, SampleFeed()], clock, lambda: open_fetcher(tmp_path, None, clock))


def ask(market, timeframe=HOUR, days=2.0, as_of=NOW, symbol="BTC/USD"):
    return market.bars(symbol, timeframe, as_of - timedelta(days=days), as_of, as_of)


def test_a_market_offers_bars(market):
    assert isinstance(market, BarData)


def test_the_newest_finished_bar_is_there(market):
    found = ask(market)
    assert found.columns.close.tolist() == list(range(8 * 24, 10 * 24))
    assert (found.feed, found.notice) == ("live", "")


def test_bars_are_the_same_with_a_store_and_without(market, feed, clock):
    for timeframe in (MINUTE, FIVE, HOUR, Timeframe.parse("4h")):
        kept, direct = ask(market, timeframe), ask(Market([feed], clock), timeframe)
        for name in ("start", "known", "open", "high", "low", "close", "volume"):
            assert (getattr(kept.columns, name) == getattr(direct.columns, name)).all()
        assert len(kept.columns) == {MINUTE: 2880, FIVE: 576, HOUR: 48}.get(
            timeframe, len(kept.columns)
        )


def test_a_second_question_asks_the_feed_for_the_newest_only(market, feed):
    ask(market, MINUTE)
    feed.asked.clear()
    ask(market, MINUTE)
    assert [start for start, _ in feed.asked] == [NOW - timedelta(minutes=21)]


def test_as_of_a_moment_nothing_later_is_there(market):
    moment = DAWN + timedelta(days=3, minutes=30)
    found = ask(market, as_of=moment)
    assert found.columns.known.max() <= nanoseconds(moment)
    assert found.columns.close[-1] == 71


def test_longer_bars_are_made_from_the_longest_that_fit(market):
    found = ask(market, Timeframe.parse("4h"), days=1)
    assert found.notice == "Made from 1h bars."
    assert found.columns.open.tolist() == [216, 220, 224, 228, 232, 236]
    assert found.columns.volume.tolist() == [40] * 6
    assert ask(market, FIVE, days=0.5).notice == "Made from 1m bars."


def test_a_feed_that_fails_leaves_what_was_kept_and_its_age(market, feed, clock):
    ask(market)
    feed.down = "live did not answer (503)."
    clock.advance(timedelta(days=3))
    found = ask(market, as_of=NOW)
    assert found.columns.close[-1] < 240
    assert "did not answer (503); these bars were kept" in found.notice
    assert "3 days ago" in found.notice


def test_longer_bars_are_made_of_kept_ones_while_the_feed_is_down_altogether(market, feed):
    four = Timeframe.parse("4h")
    before = ask(market, four, as_of=NOW - timedelta(days=1))

    def down(*_):
        raise DataUnavailable("live did not answer")

    feed.range = feed.instrument = down
    found = ask(market, four, as_of=NOW - timedelta(days=1))
    assert found.columns.close.tolist() == before.columns.close.tolist()
    assert found.notice == "Made from 1h bars."  # all of it had settled: nobody needed the feed
    assert "kept by this desk" in ask(market, four).notice


def test_a_feed_that_fails_without_anything_kept_gives_way_to_the_next(clock, feed):
    other = Live("other", clock)
    feed.down = "live did not answer"
    found = ask(Market([feed, other], clock))
    assert found.notice == "Live did not answer; these bars are from other."
    assert found.feed == "other"


def test_what_no_feed_has_is_told_with_what_there_is(market, feed):
    with pytest.raises(DataUnavailable, match=r"No feed has 5m bars of IBM.*sample: 1d"):
        ask(market, FIVE, symbol="IBM")
    feed.down = "live did not answer"
    with pytest.raises(DataUnavailable, match="live did not answer"):
        ask(market)


def test_weeks_of_the_sample_are_made_from_its_days():
    market = Market([SampleFeed()], SetClock(NOW))
    end = datetime(2013, 3, 2, tzinfo=UTC)
    found = market.bars("IBM", Timeframe.parse("1w"), end - timedelta(days=21), end, end)
    days = market.bars("IBM", DAILY, end - timedelta(days=21), end, end)
    assert found.feed == "sample"
    assert found.columns.volume.sum() <= days.columns.volume.sum()
    assert found.columns.close[-1] == days.columns.close[-1]
    assert np.diff(found.columns.start).min() >= 6 * 86_400 * 10**9


def test_a_span_that_is_none_is_refused(market):
    with pytest.raises(InputError, match="ends before"):
        market.bars("BTC/USD", HOUR, NOW, NOW - timedelta(days=1), NOW)
    with pytest.raises(DataUnavailable, match="no bars"):
        market.bars("BTC/USD", HOUR, NOW, NOW + timedelta(days=1), NOW - timedelta(days=2))
