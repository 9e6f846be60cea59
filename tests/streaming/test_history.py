"""Features begin with what was before, as prices of now, and say so."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from tests.streaming.made import START, at, bar, tick
from tests.streaming.test_features import of
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.market import AsOf, Bar
from tools.domain.timeframe import MINUTE
from tools.features.compute import compute
from tools.features.inputs import from_columns
from tools.market_data.bars import BarsAsOf
from tools.market_data.columns import BarColumns, nanoseconds
from tools.market_data.sessions import session_times
from tools.streaming.choosing import MOST_WARMED, Chosen, Tracks, chosen
from tools.streaming.counts import Counts
from tools.streaming.history import history_of

DAY = timedelta(days=1)


def days(*closes, adjusted=None):
    """Sessions that end with the one before START."""
    found, day = [], START.date()
    factors = adjusted or [1] * len(closes)
    for close, factor in zip(reversed(closes), reversed(factors), strict=True):
        day -= DAY
        while day.weekday() > 4:
            day -= DAY
        opens, ends = session_times("XNYS", day)
        price = Decimal(str(close))
        found.append(Bar("IBM", day, opens, ends, price, price, price, price, Decimal(1000),
                         price * Decimal(str(factor))))  # fmt: skip
    return tuple(reversed(found))


def minutes(closes, until=START):
    """The minutes that end at ``until``."""
    start = nanoseconds(until) + np.arange(-len(closes), 0, dtype=np.int64) * 60 * 10**9
    price = np.array(closes, np.float64)
    return BarColumns("IBM", "made", start + 60 * 10**9, MINUTE, start, price, price.copy(),
                      price.copy(), price.copy(), np.full(len(price), 10.0))  # fmt: skip


class Past:
    """A market with this history."""

    def __init__(self, daily=(), shorter=None):
        self.daily, self.shorter, self.asked = daily, shorter, []

    def history(self, symbol, as_of):
        self.asked.append(symbol)
        if not self.daily:
            raise DataUnavailable("no days")
        return AsOf.cut(symbol, self.daily, as_of, "made")

    def bars(self, symbol, timeframe, start, end, as_of):
        if self.shorter is None:
            raise DataUnavailable("no minutes")
        return BarsAsOf(self.shorter.as_of(as_of), as_of, "made")


def made(names, past, now=START, **more):
    return Tracks(chosen(names), past, lambda: now, **more)("IBM", Counts())


def values(updates, frame="1m"):
    return [u for u in of(updates, "features") if u["timeframe"] == frame]


def test_features_have_values_from_the_first_trade_on_and_say_until_when_history_goes():
    closes = (100 + np.arange(40) % 7).tolist()
    track = made("rsi_3,log_move_2", Past(shorter=minutes(closes)))
    track.put(tick(1, "103"))
    (update,) = track.features_so_far()
    assert update["history"] == START.isoformat()
    assert None not in update["values"].values()
    cold = made("rsi_3,log_move_2", Past())
    cold.put(tick(1, "103"))
    (update,) = cold.features_so_far()
    assert update["history"] is None
    assert set(update["values"].values()) == {None}


def test_history_and_live_together_have_the_bits_of_the_batch():
    closes = (100 + np.arange(60) % 11).tolist()
    past = minutes(closes)
    track, updates = made("rsi_3,log_move_2,range_place_3", Past(shorter=past)), []
    for minute in range(20):
        updates += track.put(tick(60 * minute, str(101 + minute % 5)))
    live = of(updates, "bar")
    columns = {
        "start": [nanoseconds(at(60 * n)) for n in range(len(live))],
        "known": [nanoseconds(at(60 * n + 60)) for n in range(len(live))],
    }
    whole = {name: np.concatenate([getattr(past, name), column]).astype(np.int64)
             for name, column in columns.items()}  # fmt: skip
    prices = {name: np.concatenate([getattr(past, name), [float(u[name]) for u in live]])
              for name in ("open", "high", "low", "close", "volume")}  # fmt: skip
    bars = BarColumns("IBM", "made", whole["known"], MINUTE, whole["start"], **prices)
    names = ("rsi_3", "log_move_2", "range_place_3")
    matrix = compute(from_columns(bars, "XNYS"), names).values.tolist()
    found = [[u["values"][n] for n in names] for u in values(updates) if u["finished"]]
    assert found == matrix[-len(found) :]


def test_a_split_between_history_and_now_is_no_jump_where_the_adjusted_closes_tell_it():
    # Two for one this morning: yesterday's prices were twice as high.
    daily = days(200, 202, 204, adjusted=[0.5, 0.5, 0.5])
    yesterday = minutes([204.0] * 30, until=daily[-1].known_at)
    track = made("log_move_2,log_move_1@1d", Past(daily, yesterday))
    updates = track.put(tick(1, "102")) + track.put(tick(61, "102")) + track.features_so_far()
    assert [u["values"]["log_move_2"] for u in values(updates)] == [0.0, 0.0]
    (day,) = values(updates, "1d")
    assert day["values"]["log_move_1"] == pytest.approx(0.0)


def test_of_the_past_adjusted_closes_are_taken_relative_to_the_last_one_known_then():
    daily = days(200, 202, 101, adjusted=[0.25, 0.25, 0.5])
    past = history_of(Past(daily), "IBM", "XNYS", START, present=False)
    assert [one.close for one in past.days] == [100, 101, 101]
    assert past.days[0].close * past.days[0].volume == 200 * 1000
    now = history_of(Past(daily), "IBM", "XNYS", START, present=True)
    assert [one.close for one in now.days] == [50, 50.5, 50.5]


def test_a_split_that_the_history_does_not_tell_of_leaves_it_out_and_says_so():
    track = made("log_move_2", Past(shorter=minutes([200.0] * 30)))
    updates = track.put(tick(1, "100")) + track.features_so_far()
    (update,) = values(updates)
    assert update["values"] == {"log_move_2": None}
    assert update["history"] is None
    assert "as after a split" in update["notice"]


def test_longer_bars_go_on_in_the_middle_and_are_whole_where_history_reaches_to_now():
    until = START + timedelta(minutes=3)
    past = Past(shorter=minutes([100.0] * 120 + [90.0, 110.0, 100.0], until=until))
    track = made("range_place_3@5m", past, until)
    updates = []
    for minute in range(3, 7):
        updates += track.put(tick(60 * minute + 1, "100"))
    five = [u for u in of(updates, "bar") if u["timeframe"] == "5m"]
    assert [(u["low"], u["high"], "partial" in u) for u in five] == [("90", "110", False)]
    assert values(updates, "5m")[-1]["values"]["range_place_3"] is not None


def test_days_of_a_replay_begin_with_those_before():
    daily = days(*range(100, 130))
    track = made("rsi_3", Past(daily), present=False)
    start, ends = session_times("XNYS", START.date())
    one = replace(bar(0, "131"), event_time=start, known_at=ends)
    (update,) = values(track.put(one), "1d")
    assert update["values"]["rsi_3"] is not None
    assert update["history"] == daily[-1].known_at.isoformat()


def test_history_that_cannot_be_had_costs_nothing_but_the_values():
    track = made("rsi_3", Past())
    assert [u["type"] for u in track.put(tick(1))] == ["price"]


def test_only_so_many_symbols_are_asked_for_their_history():
    past = Past(days(1, 2, 3))
    tracks = Tracks(Chosen(("log_move_2",)), past, lambda: START)
    for number in range(MOST_WARMED + 5):
        tracks(f"S{number}", Counts())
    assert len(past.asked) == MOST_WARMED


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("rsi_14@30s", "made of minutes"),
        ("rsi_14@1m", "made of minutes"),
        ("rsi_14@soon", "soon"),
        ("order_flow_5@1h", "@1h"),
        ("beta_60", "market"),
        (",".join(f"sma_{n}" for n in range(2, 60)), "at most 50"),
    ],
)
def test_what_cannot_be_streamed_is_refused_with_its_timeframe(written, said):
    with pytest.raises(InputError, match=said):
        chosen(written)


def test_names_are_told_apart_by_their_timeframes():
    found = chosen("rsi_14, rsi_14@5m,log_move_5@1h , none,,vpin,atr_14@5m")
    assert found.plain == ("rsi_14", "vpin")
    assert {str(frame): names for frame, names in found.longer.items()} == {
        "5m": ("rsi_14", "atr_14"), "1h": ("log_move_5",),
    }  # fmt: skip
    assert not found.flow
    assert chosen("trade_imbalance_5").flow
    assert chosen("none") == Chosen()
