from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market_data.clocks import SetClock
from tools.domain.errors import ConfigError, DataUnavailable, InputError
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import AsOf, Bar
from tools.market_data.feeds.files import FilesFeed
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.feeds.yahoo import YahooFeed
from tools.market_data.market import Market, build_market
from tools.market_data.quote import simulated_quote
from tools.market_data.sessions import xnys

WALL = SetClock(datetime(2026, 1, 5, 12, 0, tzinfo=UTC))
END = datetime(2013, 3, 1, 21, 0, tzinfo=UTC)


@pytest.fixture
def market():
    return Market([SampleFeed()], WALL)


def offline():
    return YahooFeed(WALL, host="127.0.0.1", port=1)


class LiveFeed(SampleFeed):
    name = "live"
    live = True

    def latest(self):
        return WALL.wall()


@given(st.integers(952_000_000, 1_400_000_000))
def test_nothing_known_later_is_seen(second):
    moment = datetime.fromtimestamp(second, UTC)
    bars = Market([SampleFeed()], WALL).history("IBM", moment).bars
    whole = SampleFeed().bars("IBM")
    assert all(bar.known_at <= moment for bar in bars)
    assert len(bars) == len(whole) or whole[len(bars)].known_at > moment


def test_a_bar_is_seen_from_its_close_and_not_a_moment_before(market):
    close = xnys(date(2012, 6, 1))[1]
    assert market.history("IBM", close).bars[-1].session == date(2012, 6, 1)
    before = market.history("IBM", close - timedelta(microseconds=1))
    assert before.bars[-1].session == date(2012, 5, 31)


def test_a_moment_in_another_zone_is_the_same_moment(market):
    close = xnys(date(2012, 6, 1))[1]
    east = close.astimezone(datetime.fromisoformat("2000-01-01T00:00+09:00").tzinfo)
    assert market.history(" ibm ", east) == market.history("IBM", close)


def test_a_moment_without_a_zone_is_refused(market):
    with pytest.raises(InputError, match="time zone"):
        market.history("IBM", datetime(2012, 6, 1))  # noqa: DTZ001


def test_an_unknown_symbol_names_near_ones_and_all_known(market):
    with pytest.raises(DataUnavailable, match=r"Did you mean IBM.*AAPL, FB, GOOG, IBM, MSFT"):
        market.history("IBMM", END)
    with pytest.raises(DataUnavailable, match="No feed has prices of TSLA"):
        market.instrument("TSLA")
    with pytest.raises(DataUnavailable):
        market.quote("TSLA", END)
    with pytest.raises(DataUnavailable):
        market.bars_after("TSLA", END, END)


def test_a_moment_before_the_first_bar_names_the_first_session(market):
    with pytest.raises(DataUnavailable, match="first session is 2012-05-18"):
        market.history("FB", datetime(2012, 5, 18, 19, 59, tzinfo=UTC))


@pytest.mark.parametrize("symbol", ["", "../IBM", "IBM; rm", "\x00"])
def test_odd_characters_are_refused_everywhere(market, symbol):
    for ask in (market.history, market.quote):
        with pytest.raises(InputError):
            ask(symbol, END)
    with pytest.raises(InputError):
        market.instrument(symbol)


def test_bars_after_open_at_or_after_the_moment_and_are_known_by_the_end(market):
    opens, closes = xnys(date(2012, 6, 4))
    friday = xnys(date(2012, 6, 1))[1]
    assert [b.session for b in market.bars_after("IBM", friday, closes)] == [date(2012, 6, 4)]
    assert market.bars_after("IBM", opens, closes) == market.bars_after("IBM", friday, closes)
    assert not market.bars_after("IBM", opens + timedelta(seconds=1), closes)
    assert not market.bars_after("IBM", friday, closes - timedelta(seconds=1))
    assert not market.bars_after("IBM", END, friday)


def test_the_sample_stands_at_its_last_close_and_a_live_feed_at_the_walls_now(market):
    assert market.latest() == END
    assert Market([offline(), SampleFeed()], WALL).latest() == END
    assert Market([LiveFeed(), SampleFeed()], WALL).latest() == WALL.wall()
    with pytest.raises(DataUnavailable):
        Market([], WALL).latest()


def test_the_first_feed_that_has_a_symbol_answers_and_is_named(tmp_path):
    (tmp_path / "IBM.csv").write_text("date,open,high,low,close\n2012-06-01,1,1,1,1\n")
    both = Market([FilesFeed(tmp_path), SampleFeed()], WALL)
    assert both.history("IBM", END).feed == "file:IBM.csv"
    assert both.history("MSFT", END).feed == "sample"
    assert both.instrument("IBM").venue == "FILE"
    assert [row.symbol for row in both.instruments()] == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]


def test_a_fallback_says_so_in_one_sentence():
    fallback = Market([offline(), SampleFeed()], WALL)
    seen = fallback.history("IBM", END)
    assert seen.feed == "sample"
    assert seen.notice == "Yahoo could not be reached; these prices are from sample."
    with pytest.raises(DataUnavailable, match=r"TSLA.*Yahoo could not be reached\.$"):
        fallback.history("TSLA", END)


def test_without_a_better_feed_there_is_no_notice(market):
    assert market.history("IBM", END).notice == ""


def test_a_broken_file_is_not_passed_over_in_silence(tmp_path):
    (tmp_path / "IBM.csv").write_text("rubbish")
    with pytest.raises(DataUnavailable, match=r"IBM\.csv"):
        Market([FilesFeed(tmp_path), SampleFeed()], WALL).history("IBM", END)


def test_a_quote_is_simulated_around_the_last_known_close(market):
    quote = market.quote("IBM", datetime(2012, 6, 1, 12, 0, tzinfo=UTC))
    assert (quote.bid, quote.ask) == (Decimal("192.86"), Decimal("192.94"))
    assert quote.event_time == quote.known_at == xnys(date(2012, 5, 31))[1]
    assert quote.source == "simulated from the 2012-05-31 close (sample)"
    assert quote.simulated


@given(
    st.decimals("0.000001", "1000000", places=6),
    st.sampled_from([Decimal("0.01"), Decimal("0.00001"), Decimal("0.05")]),
)
def test_every_quote_is_on_the_tick_with_a_bid_above_zero_and_not_above_the_ask(close, tick):
    opens, closes = xnys(date(2012, 6, 1))
    bar = Bar("X", date(2012, 6, 1), opens, closes, close, close, close, close, Decimal(0))
    listed = Instrument("X", "X", "FILE", AssetClass.EQUITY, "USD", tick=tick)
    quote = simulated_quote(listed, AsOf("X", closes, (bar,), "file:X.csv"))
    assert 0 < quote.bid <= quote.ask
    assert quote.bid % tick == 0
    assert quote.ask % tick == 0
    assert quote.ask >= close * Decimal("1.0002")
    assert quote.bid <= max(tick, close * Decimal("0.9998"))


def test_the_settings_choose_the_feeds(tmp_path):
    (tmp_path / "AMD.csv").write_text("date,open,high,low,close\n2012-06-01,1,1,1,1\n")
    only = build_market("files", tmp_path, tmp_path, WALL)
    assert [row.symbol for row in only.instruments()] == ["AMD"]
    assert only.latest() == xnys(date(2012, 6, 1))[1]
    assert len(build_market("auto", tmp_path, tmp_path, WALL).instruments()) == 6
    assert len(build_market("sample", None, tmp_path, WALL).instruments()) == 5


@pytest.mark.parametrize(
    ("feed", "data", "says"),
    [
        ("files", None, "TOLLGATE_DATA"),
        ("nasdaq", None, "auto, sample, yahoo, alpaca, files"),
        ("auto", "nowhere", "does not exist"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, feed, data, says):
    with pytest.raises(ConfigError, match=says):
        build_market(feed, tmp_path / data if data else None, tmp_path, WALL)
