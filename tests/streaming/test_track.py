"""One symbol's data: what is shown, what is not, and the bars that come of it."""

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from tests.streaming.made import START, at, bar, quote, tick
from tools.indicators.streaming.fused import Fused
from tools.streaming.counts import Counts
from tools.streaming.forming import INDICATORS, Forming
from tools.streaming.track import Track


@pytest.fixture
def counts():
    return Counts()


@pytest.fixture
def track(counts):
    return Track("IBM", "XNYS", counts, forming=lambda: Forming(("ema",)))


def kinds(updates):
    return [update["type"] for update in updates]


def test_a_trade_is_a_price_in_its_own_decimals(track):
    (update,) = track.put(tick(0, "100.10", "7"))
    assert (update["price"], update["size"], update["at"]) == ("100.10", "7", START.isoformat())


def test_the_first_trade_of_a_minute_ends_the_bar_before(track):
    for second, price in ((1, "10"), (20, "12"), (40, "9"), (59, "11")):
        assert kinds(track.put(tick(second, price))) == ["price"]
    ended, price = track.put(tick(61, "13"))
    assert [ended[k] for k in ("open", "high", "low", "close", "volume")] == [
        "10", "12", "9", "11", "40",
    ]  # fmt: skip
    assert (ended["start"], ended["known"]) == (START.isoformat(), at(60).isoformat())
    assert price["price"] == "13"


def test_a_quiet_symbols_bar_ends_when_time_has_come(track):
    track.put(tick(1))
    assert kinds(track.advance(at(59))) == []
    assert kinds(track.advance(at(60))) == ["bar"]


def test_what_is_late_counts_in_its_bar_and_shows_no_price(track):
    track.put(tick(10, "10"))
    assert track.put(tick(5, "99", known=at(11))) == []
    (ended,) = track.advance(at(60))
    assert ended["high"] == "99"


def test_yesterday_again_moves_nothing(track, counts):
    track.put(tick(100, "10"))
    for second in range(30):
        again = tick(second - 86_400, "55", known=at(100 + second))
        assert track.put(again) == []
    assert counts.old == 30
    (ended,) = track.advance(at(120))
    assert ended["high"] == "10"


def test_a_trade_from_the_future_does_not_block_those_after_it(track, counts):
    assert track.put(tick(86_400, "55", known=at(0))) == []
    assert counts.ahead == 1
    assert kinds(track.put(tick(1))) == ["price"]


@pytest.mark.parametrize(
    "junk",
    [
        tick(0, "0"),
        tick(0, "-1"),
        tick(0, "NaN"),
        tick(0, "Infinity"),
        tick(0, "1", "-1"),
        quote(0, "0", "183.63"),
        quote(0, "180.01", "0"),
        quote(0, "2", "1"),
        quote(0, "NaN", "1"),
        bar(0, "0"),
        bar(0, "NaN"),
    ],
)
def test_junk_is_counted_and_not_shown(track, counts, junk):
    assert track.put(junk) == []
    assert counts.bad == 1


def test_a_bar_that_came_as_one_is_a_bar_and_a_price_from_its_end(track):
    whole, price = track.put(bar(0, "101"))
    assert (whole["timeframe"], whole["close"]) == ("1m", "101")
    assert (price["price"], price["at"]) == ("101", at(60).isoformat())


def test_indicators_tick_by_tick_are_those_of_the_bars_with_the_one_under_way(counts):
    track = Track("IBM", "XNYS", counts)
    rng = np.random.default_rng(5)
    prices = np.round(100 + rng.normal(0, 0.1, 40 * 60).cumsum(), 2)
    bars = []
    for second, price in enumerate(prices.tolist()):
        updates = track.put(tick(second, str(price)))
        if second % 60 == 0:
            bars.append([price, price, price, price, 0.0])
        now = bars[-1]
        now[1], now[2], now[3] = max(now[1], price), min(now[2], price), price
        now[4] += 10.0
        if second % 397 == 0:
            columns = [np.array(column) for column in zip(*bars, strict=True)]
            names = ("open", "high", "low", "close", "volume")
            prices_ = SimpleNamespace(**dict(zip(names, columns, strict=True)))
            whole = Fused(INDICATORS).compute(prices_)
            shown = updates[-1]["indicators"]
            for key, values in whole.items():
                if np.isfinite(values[-1]):
                    assert shown[key] == float(f"{values[-1]:.6g}"), key
                else:
                    assert shown[key] is None, key


def test_peeking_leaves_the_state_as_it_is():
    one, other = Fused(("ema", "rsi", "atr")), Fused(("ema", "rsi", "atr"))
    rng = np.random.default_rng(7)
    for price in (100 + rng.normal(0, 1, 60).cumsum()).tolist():
        row = (price, price + 1, price - 1, price, 10.0)
        peeked = one.peek(*row)
        one.peek(1.0, 2.0, 0.5, 1.0, 3.0)
        pushed = one.push(*row)
        np.testing.assert_array_equal(peeked, pushed)
        np.testing.assert_array_equal(pushed, other.push(*row))


def test_a_size_of_many_digits_is_shown_as_it_came(track):
    (update,) = track.put(tick(0, "0.00000123", "0.123456789012345"))
    assert Decimal(update["price"]) == Decimal("0.00000123")
    assert Decimal(update["size"]) == Decimal("0.123456789012345")
