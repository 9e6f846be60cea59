"""Quotes and trades beside live bars: what the batch puts there."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streaming.made import START, at, quote, tick
from tests.streaming.test_features import of, told
from tools.domain.errors import InputError
from tools.domain.timeframe import MINUTE
from tools.features.compute import compute
from tools.features.flow import with_quotes, with_trades
from tools.features.inputs import from_columns
from tools.market_data.columns import BarColumns, QuoteColumns, TickColumns, nanoseconds
from tools.streaming.counts import Counts
from tools.streaming.features import LiveFeatures
from tools.streaming.flow import Flow
from tools.streaming.forming import Forming
from tools.streaming.track import Track

NAMES = ("spread_1", "order_flow_1", "order_flow_5", "book_imbalance", "trade_imbalance_5",
         "paid_spread_1", "kyle_lambda_20", "vpin", "log_move_2")  # fmt: skip
EXACT = [name for name in NAMES if name not in ("spread_1",)]
START_NS = nanoseconds(START)


def track(names=NAMES):
    return Track(
        "IBM", "XNYS", Counts(), forming=lambda: Forming(()), flow=Flow(),
        features=lambda frame: LiveFeatures("IBM", "XNYS", frame, names, flow=True),
    )  # fmt: skip


def sized(second, bid, ask, sizes):
    made = quote(second, f"{bid / 100:.2f}", f"{ask / 100:.2f}")
    object.__setattr__(made, "bid_size", sizes[0])
    object.__setattr__(made, "ask_size", sizes[1])
    return made


def batch(updates, quotes, ticks):
    """The matrix of the batch on the finished bars, with all quotes and trades beside them."""
    bars = np.array(told(of(updates, "bar")), np.float64)
    start, known = (
        np.array([row[n] for row in told(of(updates, "bar"))], np.int64) for n in (0, 1)
    )
    made = BarColumns("IBM", "made", known, MINUTE, start, *bars[:, 2:].T.copy())
    inputs, q = from_columns(made, "XNYS"), None
    if quotes:
        rows = [(float(one.bid), float(one.ask), *(float(s) for s in (one.bid_size, one.ask_size)))
                for one in quotes]  # fmt: skip
        times = np.array([nanoseconds(one.known_at) for one in quotes], np.int64)
        q = QuoteColumns("IBM", "made", times, times, *np.array(rows, np.float64).T.copy())
        inputs = with_quotes(inputs, q)
    if ticks:
        times = np.array([nanoseconds(one.known_at) for one in ticks], np.int64)
        figures = np.array([(float(one.price), float(one.size)) for one in ticks], np.float64)
        inputs = with_trades(inputs, TickColumns("IBM", "made", times, times, *figures.T.copy()), q)
    return compute(inputs, NAMES)


HEARD = st.lists(
    st.tuples(
        st.integers(0, 45), st.booleans(), st.integers(9_900, 10_100), st.integers(0, 30),
        st.tuples(st.integers(0, 9), st.integers(0, 9)),
    ), min_size=2, max_size=80,
)  # fmt: skip


@settings(max_examples=40)
@given(heard=HEARD)
def test_finished_bars_have_the_flow_of_the_batch(heard):
    one, updates, quotes, ticks, second = track(), [], [], [], 1
    for gap, is_quote, cents, width, sizes in heard:
        second += gap
        if is_quote:
            quotes.append(sized(second, cents, cents + width, sizes))
            updates += one.put(quotes[-1])
        else:
            ticks.append(tick(second, f"{cents / 100:.2f}", str(1 + width)))
            updates += one.put(ticks[-1])
        updates += one.advance(at(second)) + one.features_so_far()
    updates += one.advance(at(second + 60))
    found = [u["values"] for u in of(updates, "features") if u["finished"]]
    if not found:
        return
    wanted = batch(updates, quotes, ticks)
    for row, values in enumerate(found):
        for name in NAMES:
            if name not in wanted.names:
                assert values[name] is None, name
                continue
            right = float(wanted.column(name)[row])
            mine = math.nan if values[name] is None else values[name]
            if name in EXACT:
                assert mine == right or (math.isnan(mine) and math.isnan(right)), (name, row)
            else:
                assert mine == pytest.approx(right, rel=1e-9, nan_ok=True), (name, row)


def test_vpin_of_a_long_stream_has_the_bits_of_the_batch():
    rng = np.random.default_rng(4)
    one, updates = track(("vpin",)), []
    for minute, price in enumerate((100 + rng.normal(0, 0.2, 300).cumsum()).round(2).tolist()):
        updates += one.put(tick(60 * minute, str(price), str(1 + minute % 13)))
    found = [u["values"]["vpin"] for u in of(updates, "features")]
    wanted = batch(updates, [], []).column("vpin").tolist()
    assert found == [None if math.isnan(value) else value for value in wanted]
    assert sum(value is not None for value in found) > 100


def test_the_flow_of_the_minute_under_way_moves_with_each_quote():
    one = track(("spread_1", "book_imbalance"))
    one.put(tick(1, "100"))
    one.put(sized(2, 9_990, 10_010, (30, 10)))
    one.put(tick(12, "100"))
    (update,) = one.features_so_far()
    assert update["values"] == {"spread_1": pytest.approx(0.002), "book_imbalance": 0.5}


def test_what_is_over_is_let_go():
    one = track(("trade_imbalance_1",))
    for second in range(3000):
        one.put(tick(second, str(100 + second % 3)))
        one.put(sized(second, 9_990, 10_010, (1, 1)))
    assert len(one._flow._quotes) < 70
    assert len(one._flow._trades) < 70


def test_flow_is_of_the_bars_that_trades_make_and_refused_for_longer_ones():
    with pytest.raises(InputError, match="only bars can be streamed"):
        LiveFeatures("IBM", "XNYS", "1h", ("order_flow_5",))
