"""However an exchange cuts its answers into pages, every trade and candle is there once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import DataUnavailable
from tools.market_data.feeds import ccxt_source
from tools.market_data.feeds.ccxt_source import CcxtSource, Windows

MINUTE = 60_000
SOURCES = {name: CcxtSource(name, 1, None) for name in ("binance", "coinbase")}


@given(
    times=st.lists(st.integers(0, 30_000), max_size=60).map(sorted),
    page=st.integers(2, 7),
    step=st.sampled_from([1, 1000]),
    longest=st.integers(2000, 20_000),
    latest=st.booleans(),
)
def test_all_trades_of_a_span_are_found_or_it_is_told(times, page, step, longest, latest):
    """Whether a page that is full leaves out the earliest trades or the latest."""
    source = SOURCES["binance"]

    def asked(method, symbol, since, most, more):
        assert since % step == 0
        rows = [
            {"timestamp": at, "id": str(number)}
            for number, at in enumerate(times)
            if since <= at <= more["until"]
        ]
        return rows[-most:] if latest else rows[:most]

    source._asked = asked
    first, last = 1500, 25_500
    wanted = [str(number) for number, at in enumerate(times) if first <= at < last]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ccxt_source.WINDOWS, "binance", Windows(page, longest, step))
        try:
            found = source.trades("BTC/USDT", first, last)
        except DataUnavailable:
            # Two steps side by side, since whose the moment between them is isn't said.
            assert any(
                sum(at // step in (mark, mark + 1) for at in times) >= page
                for mark in range(-1, 30_000 // step + 1)
            )
        else:
            assert [row["id"] for row in found] == wanted


@given(
    minutes=st.sets(st.integers(0, 80)),
    most=st.integers(1, 9),
    given_=st.integers(1, 9),
    windowed=st.booleans(),
)
def test_all_candles_of_a_span_are_found_once_and_in_order(minutes, most, given_, windowed):
    """Of an exchange that counts candles from a moment on, and of one that takes a span of time."""
    source = SOURCES["coinbase"]
    given_ = min(given_, most)

    def asked(method, symbol, *args):
        if method == "feature_value":
            return most
        since = args[1]
        until = since + most * MINUTE if windowed else 10**12
        rows = [n * MINUTE for n in sorted(minutes) if since <= n * MINUTE < until]
        return [[at, 1, 1, 1, 1, 1] for at in rows[:given_]]

    source._asked = asked
    found = source.candles("BTC/USD", "1m", 5 * MINUTE, 70 * MINUTE)
    assert [row[0] // MINUTE for row in found] == [n for n in sorted(minutes) if 5 <= n < 70]
