"""The unmodified yfinance against a local server that speaks Yahoo's chart JSON."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from tests.market_data.clocks import SetClock
from tests.market_data.yahoo_double import chart, yahoo_double
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass
from tools.market_data.feeds.yahoo import YahooFeed
from tools.market_data.feeds.yahoo_frame import bars_of, yahoo_symbol
from tools.market_data.symbols import listing

EVENING = datetime(2024, 6, 7, 1, 0, tzinfo=UTC)


@pytest.fixture
def double():
    with yahoo_double() as running:
        yield running


@pytest.fixture
def feed(double, tmp_path):
    return YahooFeed(
        SetClock(EVENING), tmp_path, host=double.host, port=double.port, session=double.session
    )


def test_prices_before_a_split_are_as_they_were_traded(feed):
    before, _, after, last = feed.bars("IBM")
    assert (before.close, before.volume) == (Decimal("20.2"), 500)
    assert (after.session, after.close) == (date(2024, 6, 5), Decimal("10.3"))
    assert (before.adjusted_close, last.adjusted_close) == (Decimal("9.6"), Decimal("10.4"))


def test_a_session_that_has_not_settled_is_left_out(double, tmp_path):
    clock = SetClock(datetime(2024, 6, 6, 20, 29, tzinfo=UTC))
    feed = YahooFeed(clock, tmp_path, host=double.host, port=double.port, session=double.session)
    assert feed.bars("IBM")[-1].session == date(2024, 6, 5)
    clock.advance(timedelta(minutes=11))
    assert feed.bars("IBM")[-1].session == date(2024, 6, 6)


def test_an_answer_is_kept_for_ten_minutes(feed, double):
    feed.bars("IBM")
    asked = len(double.asked)
    feed.bars("IBM")
    feed.instrument("IBM")
    assert len(double.asked) == asked


def test_an_unknown_symbol_is_not_taken_for_a_broken_network(feed):
    assert feed.bars("NOSUCH") is None
    assert feed.notice() == ""
    assert feed.bars("IBM")


def test_a_listing_outside_new_york_is_refused_with_the_reason(feed, double):
    double.answers["VOD.L"] = chart(currency="GBp", exchangeTimezoneName="Europe/London")
    with pytest.raises(DataUnavailable, match=r"VOD\.L in GBp on the hours of Europe/London"):
        feed.bars("VOD.L")


def test_an_index_has_prices_but_cannot_be_traded(feed, double):
    double.answers["^GSPC"] = double.answers["%5EGSPC"] = chart(instrumentType="INDEX")
    assert feed.bars("^GSPC")
    assert not feed.instrument("^GSPC").tradable


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_broken_service_counts_as_unreachable_and_says_so(feed, double, status):
    double.status = status
    assert feed.bars("IBM") is None
    assert feed.notice().startswith("Yahoo did not answer (")
    assert feed.latest() is None


def test_a_slow_answer_is_given_up_after_the_deadline(double, tmp_path, monkeypatch):
    feed = YahooFeed(SetClock(EVENING), tmp_path, host=double.host, port=double.port, deadline=0.01)
    import threading

    stop = threading.Event()
    monkeypatch.setattr(feed, "_download", lambda _: stop.wait(30))
    try:
        assert feed.bars("IBM") is None
        assert feed.notice() == "Yahoo did not answer (TimeoutError)"
        assert feed.latest() is None
    finally:
        stop.set()


def test_without_a_network_yfinance_is_not_even_imported(tmp_path):
    code = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from tests.market_data.clocks import SetClock\n"
        "from tools.market_data.feeds.yahoo import YahooFeed\n"
        "feed = YahooFeed(SetClock(datetime(2024, 6, 7, tzinfo=UTC)), Path(sys.argv[1]),\n"
        "                 host='127.0.0.1', port=1)\n"
        "assert feed.bars('IBM') is None and feed.latest() is None\n"
        "assert feed.notice() == 'Yahoo could not be reached'\n"
        "assert 'yfinance' not in sys.modules and 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)


def test_pairs_have_yahoos_own_spelling():
    assert yahoo_symbol("IBM") == "IBM"
    assert yahoo_symbol("BTC/USD") == "BTC-USD"
    assert yahoo_symbol("EUR/USD") == "EURUSD=X"
    assert listing("BTC/USD", "", "").asset_class is AssetClass.CRYPTO


def test_impossible_and_repeated_days_are_left_out():
    days = pd.to_datetime(["2024-06-03", "2024-06-04", "2024-06-05", "2024-06-06", "2024-06-06"])
    frame = pd.DataFrame(
        {
            "Open": [0.0, 10, float("nan"), 10, 10.5],
            "High": [11.0, 9, 11, 11, 11],
            "Low": [9.0, 8, 9, 9, 9],
            "Close": [10.0, 10, 10, 10, 10.123456789],
            "Adj Close": [10.0, 10, 10, 10, 10],
            "Volume": [1, 1, 1, 1, 1],
            "Stock Splits": [0.0, 0, 0, 0, 0],
        },
        index=days.tz_localize("America/New_York"),
    )
    (bar,) = bars_of(frame, listing("IBM", "IBM", "NYSE"), EVENING)
    assert (bar.session, bar.close) == (date(2024, 6, 6), Decimal("10.12346"))
