from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import DataUnavailable
from tools.domain.market import AsOf, Bar
from tools.features.prices import PriceArrays, adjusted_prices
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.sessions import xnys

COLUMNS = ("open", "high", "low", "close")


def bar(day: int, close: str, adjusted: str | None, volume: int = 100) -> Bar:
    session = date(2012, 6, 1) + timedelta(days=day)
    price = Decimal(close)
    return Bar(
        "X", session, *xnys(session), price, price + 1, price - 1, price, Decimal(volume),
        None if adjusted is None else Decimal(adjusted),
    )  # fmt: skip


def as_of(*bars: Bar) -> AsOf:
    return AsOf("X", bars[-1].known_at if bars else datetime(2012, 6, 1, tzinfo=UTC), bars, "test")


def same(one: PriceArrays, other: PriceArrays) -> None:
    for name in (*COLUMNS, "volume"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)


def test_a_split_leaves_no_jump_and_the_last_close_is_raw():
    # 100 before a 2:1 split, 50 after; the feed's adjusted close knows the split.
    prices = adjusted_prices(as_of(bar(0, "100", "50"), bar(1, "50", "50")))
    assert prices.close.tolist() == [50.0, 50.0]
    assert prices.high.tolist() == [50.5, 51.0]
    assert prices.volume.tolist() == [100.0, 100.0]
    assert prices.adjusted


def test_what_happens_later_changes_nothing_seen_before():
    # The same two days, told by a feed that has since seen a 10:1 split and dividends.
    now = adjusted_prices(as_of(bar(0, "100", "50"), bar(1, "50", "50")))
    later = adjusted_prices(as_of(bar(0, "100", "4.75"), bar(1, "50", "4.75")))
    same(now, later)


@given(st.integers(1, 3269), st.sampled_from(["0.5", "0.0333", "0.985"]))
def test_any_later_adjustment_of_the_real_data_is_unseen(count, factor):
    bars = SampleFeed().bars("IBM")[:count]
    scaled = tuple(replace(b, adjusted_close=b.adjusted_close * Decimal(factor)) for b in bars)
    prices = adjusted_prices(as_of(*bars))
    same(prices, adjusted_prices(as_of(*scaled)))
    assert prices.close[-1] == float(bars[-1].close)


def test_returns_before_a_moment_are_the_same_asked_then_or_later():
    bars = SampleFeed().bars("AAPL")
    early, late = adjusted_prices(as_of(*bars[:1000])), adjusted_prices(as_of(*bars))
    np.testing.assert_allclose(
        early.close[1:] / early.close[:-1], late.close[1:1000] / late.close[:999], rtol=1e-12
    )


def test_apples_split_of_2005_is_taken_out():
    close = adjusted_prices(as_of(*SampleFeed().bars("AAPL"))).close
    assert (close[1:] / close[:-1]).min() > 0.45  # the crash of September 2000 stays in
    raw = np.array([float(b.close) for b in SampleFeed().bars("AAPL")])
    split = [b.session for b in SampleFeed().bars("AAPL")].index(date(2005, 2, 28))
    assert raw[split] / raw[split - 1] < 0.6
    assert close[split] / close[split - 1] > 0.95


def test_one_bar_without_an_adjusted_close_makes_all_raw():
    prices = adjusted_prices(as_of(bar(0, "100", "50"), bar(1, "50", None)))
    assert prices.close.tolist() == [100.0, 50.0]
    assert not prices.adjusted


def test_arrays_are_read_only_and_of_one_length():
    prices = adjusted_prices(as_of(bar(0, "100", "50"), bar(1, "50", "50")))
    for name in (*COLUMNS, "volume"):
        array = getattr(prices, name)
        assert array.dtype == np.float64
        assert array.shape == (2,) == (len(prices),)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert prices.dates == (date(2012, 6, 1), date(2012, 6, 2))


def test_nothing_and_nonsense_are_refused():
    with pytest.raises(DataUnavailable, match="no prices"):
        adjusted_prices(as_of())
    with pytest.raises(DataUnavailable, match="not above zero"):
        adjusted_prices(as_of(bar(0, "1", "1")))
    with pytest.raises(DataUnavailable, match="not above zero"):
        adjusted_prices(as_of(bar(0, "10", "0")))
