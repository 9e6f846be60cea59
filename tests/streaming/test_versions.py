"""Bars that are told again: trades taken back, late ones, and their source's own word."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streaming.made import at, bar, tick
from tests.streaming.test_features import TRADES, batch, of, told
from tools.domain.market import TakenBack
from tools.domain.timeframe import MINUTE, Timeframe
from tools.indicators.streaming.fused import Fused
from tools.market_data.aggregation.batch import coarsen
from tools.market_data.aggregation.finished import Finished
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import BarColumns, nanoseconds
from tools.streaming.counts import Counts
from tools.streaming.features import LiveFeatures
from tools.streaming.forming import Forming
from tools.streaming.track import Track

FIVE = Timeframe.parse("5m")
KEYS = ("open", "high", "low", "close", "volume")


@pytest.fixture
def counts():
    return Counts()


@pytest.fixture
def track(counts):
    return Track("IBM", "XNYS", counts, forming=lambda: Forming(("ema",)))


def ema(*closes):
    fused = Fused(("ema",))
    for close in closes:
        values = fused.push(close, close, close, close, 10.0)
    return {key: float(f"{value:.6g}") for key, value in zip(fused.keys, values, strict=True)}


def fed(track, closes):
    updates = []
    for minute, close in enumerate(closes):
        updates += track.put(tick(60 * minute + 1, str(close)))
    return updates


def figures(update):
    return tuple(update[key] for key in KEYS)


def test_a_late_trade_of_a_bar_that_is_over_is_not_the_close_of_the_next(track):
    fed(track, range(100, 130))
    (again,) = track.put(tick(60 * 28 + 30, "999", known=at(60 * 29 + 2)))
    assert (again["version"], again["high"], again["indicators"]) == (1, "999", {})
    (price,) = track.put(tick(60 * 29 + 3, "129"))
    assert price["indicators"] == ema(*range(100, 130))


def test_a_late_trade_within_its_minute_does_not_become_its_last_price(track):
    fed(track, range(100, 130))
    track.put(tick(60 * 29 + 20, "140"))
    assert track.put(tick(60 * 29 + 10, "999", known=at(60 * 29 + 21))) == []
    (price,) = track.put(tick(60 * 29 + 20, "140"))
    assert price["indicators"] == ema(*range(100, 129), 140)


def test_a_minute_told_long_after_moves_no_indicator_of_those_since(track):
    for minute in [n for n in range(30) if n != 20]:
        track.put(tick(60 * minute + 1, str(100 + minute)))
    (late,) = track.put(vendors(20, "999", 60 * 29 + 2))
    assert (late["version"], late["indicators"]) == (0, {})
    (price,) = track.put(tick(60 * 29 + 3, "129"))
    assert price["indicators"] == ema(*(100 + n for n in range(30) if n != 20))


def hours(number, close="100"):
    start = at(3600 * number)
    return replace(bar(0, close), event_time=start, known_at=at(3600 * number + 3600))


def test_a_whole_bar_that_comes_twice_counts_once_in_the_indicators(track, counts):
    closes = range(100, 130)
    for number, close in enumerate(closes):
        first = track.put(hours(number, str(close)))
        assert track.put(hours(number, str(close))) == []
    assert first[0]["timeframe"] == "1h"
    assert first[0]["indicators"] == ema(*closes)
    assert counts.old == 30


def test_a_whole_bar_that_comes_again_with_other_figures_is_a_later_version(track):
    track.put(hours(0, "100"))
    again, _ = track.put(hours(0, "101"))
    assert (again["version"], again["close"], again["indicators"]) == (1, "101", {})


def taken(second, price, known, size="10", right=None):
    trade = Decimal(price), Decimal(size)
    new = (None, None) if right is None else (Decimal(right), None)
    return TakenBack("IBM", *trade, at(second), at(known), *new)


def test_a_trade_taken_back_gives_its_bar_again_and_what_stood_before_stays(track):
    fed(track, (10, 11))
    track.put(tick(70, "99"))
    (first,) = of(track.advance(at(120)), "bar")
    gone, again = track.put(taken(70, "99", 150))
    assert (gone["type"], gone["price"], gone["right_price"]) == ("taken_back", "99", None)
    assert (first["version"], figures(first)) == (0, ("11", "99", "11", "99", "20"))
    assert (again["version"], figures(again)) == (1, ("11", "11", "11", "11", "10"))
    assert (first["known"], again["known"]) == (at(120).isoformat(), at(150).isoformat())


def test_a_corrected_trade_counts_at_its_right_price(track):
    fed(track, (10, 11))
    _, again = track.put(taken(1, "10", 90, right="10.5"))
    assert figures(again) == ("10.5", "10.5", "10.5", "10.5", "10")


def test_a_bar_of_which_nothing_is_left_has_no_prices(track):
    fed(track, (10, 11))
    _, again = track.put(taken(1, "10", 90))
    assert figures(again) == (None, None, None, None, "0")


def test_a_trade_taken_back_in_the_minute_under_way_was_never_in_it(track):
    fed(track, (10, 11))
    track.put(tick(70, "99"))
    assert len(track.put(taken(70, "99", 75))) == 1
    (ended,) = of(track.advance(at(120)), "bar")
    assert (ended["version"], ended["high"]) == (0, "11")


@pytest.mark.parametrize(
    "wrong",
    [
        taken(3, "10", 90),
        taken(1, "11", 90),
        replace(taken(1, "10", 90), symbol="X", size=Decimal(3)),
    ],
)
def test_a_trade_taken_back_that_is_not_held_is_counted_and_changes_nothing(track, counts, wrong):
    fed(track, (10, 11))
    assert [update["type"] for update in track.put(wrong)] == ["taken_back"]
    assert counts.uncorrected == 1


@pytest.mark.parametrize("price", ["NaN", "0", "-1", "Infinity"])
def test_a_trade_taken_back_at_no_price_is_counted(track, counts, price):
    assert track.put(taken(1, price, 90)) == []
    assert counts.bad == 1


def vendors(minute, close, known):
    return replace(
        bar(minute, close), known_at=at(known), ends=at(60 * minute + 60), source="alpaca iex"
    )


def test_the_feeds_own_bar_settles_the_minute_of_its_trades(track):
    first = of(fed(track, (10, 11)), "bar")
    (again,) = track.put(vendors(0, "10.25", 61))
    assert [one["source"] for one in first] == ["trades"]
    assert (again["version"], again["source"]) == (1, "alpaca iex")
    assert (again["known"], again["close"]) == (at(61).isoformat(), "10.25")
    assert track.put(vendors(0, "10.25", 62)) == []
    (corrected,) = track.put(vendors(0, "10.5", 95))
    assert (corrected["version"], corrected["close"]) == (2, "10.5")


def test_the_feeds_own_bar_is_the_bar_where_the_minute_was_not_told_yet(track):
    track.put(tick(1, "10"))
    found = track.put(vendors(0, "10.25", 61))
    assert [(one["type"], one.get("source")) for one in found] == [("bar", "alpaca iex")]
    assert found[0]["version"] == 0
    assert of(track.put(tick(65, "11")), "bar") == []


def test_a_minute_without_trades_is_the_feeds_own_and_a_price(track):
    whole, price = track.put(vendors(0, "10.25", 61))
    assert (whole["source"], price["price"], price["at"]) == (
        "alpaca iex", "10.25", at(60).isoformat(),
    )  # fmt: skip


def test_indicators_of_a_minute_are_one_series_whoever_told_its_bars(track):
    for minute in range(30):
        if minute % 3:
            track.put(tick(60 * minute + 1, str(100 + minute)))
            track.advance(at(60 * minute + 60))
        else:
            track.put(vendors(minute, str(100 + minute), 60 * minute + 60))
    (price,) = track.put(tick(60 * 30 + 1, "130"))
    assert price["indicators"] == ema(*range(100, 131))


def longer_track(names=("log_move_2", "range_place_3")):
    return Track(
        "IBM",
        "XNYS",
        Counts(),
        forming=lambda: Forming(()),
        longer={FIVE: LiveFeatures("IBM", "XNYS", "5m", names)},
    )


def framed(updates, frame):
    return [update for update in updates if update.get("timeframe") == frame]


@settings(max_examples=25)
@given(trades=TRADES, wrong=st.integers(0, 10))
def test_longer_bars_and_their_features_are_those_of_the_batch_on_the_minutes(trades, wrong):
    one, updates, known, ticks = longer_track(), [], 0, []
    for gap, _, cents in trades:  # late ones: tests/market_data/aggregation/test_taken_back.py
        known += gap
        ticks.append(tick(known, str(cents / 100)))
        updates += one.put(ticks[-1])
        updates += one.advance(at(known))
    some = ticks[wrong % len(ticks)]
    # Two more trades: the batch learns from bars alone that time has passed.
    updates += one.put(tick(known + 400)) + one.put(tick(known + 1000))
    updates += one.put(TakenBack("IBM", some.price, some.size, some.event_time, at(known + 1001)))
    updates += one.advance(at(known + 2000))

    def row(update):
        start, known = (nanoseconds(datetime.fromisoformat(update[k])) for k in ("start", "known"))
        values = [float(update[key] or "nan") for key in KEYS]
        return Finished(start, start + 60 * 10**9, known, *values, update["version"])

    minutes = [row(update) for update in framed(of(updates, "bar"), "1m")]
    if not minutes or any(one.close != one.close for one in minutes):
        return  # the batch of shorter bars knows none without a price
    minutes.sort(key=lambda one: one.known)  # as they were told, also where two are known at once
    times = np.array([(one.known, one.start) for one in minutes], np.int64).T.copy()
    figures = np.array([one[3:8] for one in minutes], np.float64).T.copy()
    bars = BarColumns("IBM", "made", times[0], MINUTE, times[1], *figures)
    made = coarsen(bars, Grid(FIVE, "XNYS"), until=at(known + 2000))
    rows = map(row, framed(of(updates, "bar"), "5m"))
    found = sorted((one.known, one.start, *one[3:8]) for one in rows)
    columns = (made.bars.known, made.bars.start, *(getattr(made.bars, key) for key in KEYS))
    assert found == sorted(zip(*(column.tolist() for column in columns), strict=True))
    values = [update["values"] for update in framed(of(updates, "features"), "5m")]
    five = told(framed(of(updates, "bar"), "5m"))
    assert values == (batch(five, ("log_move_2", "range_place_3")) if five else [])


def test_a_longer_bar_under_way_has_the_minute_under_way_in_it():
    one = longer_track(("range_place_3",))
    for second, price in ((1, "10"), (61, "14"), (121, "12")):
        one.put(tick(second, price))
    (update,) = one.features_so_far()
    assert (update["timeframe"], update["start"]) == ("5m", at(0).isoformat())
    bar = one._longer[0].with_short(one._base.bars.under_way())
    assert bar[3:8] == (10, 14, 10, 12, 30)


def test_a_bar_that_was_under_way_when_the_stream_began_is_called_a_part():
    one = longer_track()
    updates = []
    for minute in range(3, 12):
        updates += one.put(tick(60 * minute + 1, "10"))
    parts = framed(of(updates, "bar"), "5m")
    assert [("partial" in update, update["start"]) for update in parts] == [
        (True, at(0).isoformat()), (False, at(300).isoformat()),
    ]  # fmt: skip
    ones = framed(of(updates, "bar"), "1m")
    assert [update["start"] for update in ones if "partial" in update] == [at(180).isoformat()]
