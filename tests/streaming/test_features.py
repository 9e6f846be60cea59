"""Features that move with the prices: the batch's bits, after the last move, and in their place."""

import asyncio
import json
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.streaming.made import Wire, at, bar, tick
from tools.bus.memory import MemoryBus
from tools.clock import SystemClock
from tools.domain.errors import InputError
from tools.domain.timeframe import MINUTE
from tools.features.compute import compute
from tools.features.inputs import from_columns
from tools.features.registry import feature, unregister
from tools.market_data.columns import BarColumns, nanoseconds
from tools.streaming.chain import Chain
from tools.streaming.counts import Counts
from tools.streaming.features import LiveFeatures
from tools.streaming.forming import Forming
from tools.streaming.hub import Hub
from tools.streaming.refreshing import Refreshing
from tools.streaming.track import Track

NAMES = ("log_move_2", "range_place_3", "rsi_3", "bb_upper", "relative_turnover_5", "session_place")
PRICES = ("open", "high", "low", "close", "volume")


def track(symbol="IBM", counts=None, names=NAMES):
    return Track(
        symbol,
        "XNYS",
        counts or Counts(),
        forming=lambda: Forming(()),
        features=lambda timeframe: LiveFeatures(symbol, "XNYS", timeframe, names),
    )


def of(updates, kind):
    return [update for update in updates if update["type"] == kind]


def batch(bars, names=NAMES):
    """What the batch gives on bars as (start, known, five figures)."""
    columns = [np.array(column) for column in zip(*bars, strict=True)]
    start, known = (column.astype(np.int64) for column in columns[:2])
    prices = dict(zip(PRICES, (c.astype(np.float64) for c in columns[2:]), strict=True))
    made = BarColumns("IBM", "made", known, MINUTE, start, **prices)
    matrix = compute(from_columns(made, "XNYS"), names)
    return [
        {name: v if np.isfinite(v) else None for name, v in zip(matrix.names, row, strict=True)}
        for row in matrix.values.tolist()
    ]


def told(updates):
    """The bars of updates, first versions only and none before the last.

    One that nobody traded in until long after may be told before the next is done: that one is
    then known no earlier.
    """
    found, latest = [], 0
    for update in updates:
        start, known = (nanoseconds(datetime.fromisoformat(update[k])) for k in ("start", "known"))
        if update["version"] == 0 and (not found or start > found[-1][0]):
            latest = max(latest, known)
            found.append((start, latest, *(float(update[name]) for name in PRICES)))
    return found


TRADES = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 150), st.integers(9_000, 11_000)),
    min_size=1,
    max_size=120,
)


@settings(max_examples=40)
@example([(20, 0, 9000), (50, 11, 9000), (50, 0, 9000), (11, 0, 9000), (50, 62, 9000)])
@given(trades=TRADES)
def test_finished_bars_have_the_bits_of_the_batch_whatever_comes_late(trades):
    one, updates, known = track(), [], 0
    for gap, late, cents in trades:
        known += gap
        updates += one.put(tick(max(known - late, 0), str(cents / 100), known=at(known)))
        one.features_so_far()
        updates += one.advance(at(known))
    updates += one.advance(at(known + 120))
    found = [update["values"] for update in of(updates, "features")]
    assert found == batch(told(of(updates, "bar")))


@settings(max_examples=20)
@given(trades=TRADES)
def test_a_bar_under_way_has_the_bits_of_the_batch_as_if_it_ended_now(trades):
    one, updates, second = track(), [], 0
    for gap, _, cents in trades:
        second += gap
        updates += one.put(tick(second, str(cents / 100)))
    (so_far,) = one.features_so_far()
    now = one._base.bars.under_way()
    assert not so_far["finished"]
    assert so_far["at"] == at(second).isoformat()
    bars = [*told(of(updates, "bar")), (now.start, now.known, *now[3:8])]
    assert so_far["values"] == batch(bars)[-1]


def test_features_survive_the_bus_to_the_last_bit():
    one, updates = track(), []
    for minute in range(20):
        updates += one.put(tick(60 * minute, str(100 + minute % 7)))
    for update in of(updates, "features"):
        assert json.loads(json.dumps(update, allow_nan=False)) == update


def test_a_bar_that_comes_twice_counts_once():
    one = track()
    first = of(one.put(bar(0)), "features")
    assert (len(first), first[0]["timeframe"], first[0]["finished"]) == (1, "1m", True)
    assert of(one.put(bar(0)), "features") == []
    assert len(of(one.put(bar(1)), "features")) == 1


def test_before_the_first_trade_there_is_nothing():
    assert track().features_so_far() == []


def test_what_cannot_be_streamed_is_refused_before_any_price():
    with pytest.raises(InputError, match="market"):
        LiveFeatures("IBM", "XNYS", "1m", ("beta_60",))


def test_a_feature_that_fails_costs_no_price_and_is_counted():
    @feature("brittle", "Fails on dear shares", outputs=("brittle",), warm_up=lambda _: 0)
    def brittle(close):
        if close[-1] > 100:
            raise ZeroDivisionError
        return close

    try:
        counts = Counts()
        one = track(counts=counts, names=("brittle",))
        updates = one.put(tick(0, "101")) + one.put(tick(60, "102"))
        assert [update["type"] for update in updates] == ["price", "bar", "price"]
        assert counts.uncomputed == 1
    finally:
        unregister("brittle")


async def test_everything_that_moved_is_worked_out_after_its_last_move():
    seen = []
    state = SimpleNamespace(value=0)

    async def refresh(symbol):
        seen.append((symbol, state.value))
        await asyncio.sleep(0)
        return 0.0

    refreshing = Refreshing(refresh)
    task = asyncio.create_task(refreshing.run())
    for value in range(1000):
        state.value = value
        refreshing.moved("IBM")
        refreshing.moved("MSFT")
        if value % 100 == 0:
            await asyncio.sleep(0)
    while not refreshing.idle:  # noqa: ASYNC110 - it ends of itself
        await asyncio.sleep(0)
    task.cancel()
    assert sorted(seen[-2:]) == [("IBM", 999), ("MSFT", 999)]
    assert len(seen) < 100


async def test_it_rests_three_times_as_long_as_it_worked(monkeypatch):
    rested = asyncio.Queue()

    async def sleep(seconds):
        await rested.put(seconds)
        await asyncio.Event().wait()

    async def refresh(_):
        return 40.0

    monkeypatch.setattr("tools.streaming.refreshing.asyncio.sleep", sleep)
    monkeypatch.setattr("tools.streaming.refreshing.time.perf_counter", lambda: 0.0)
    refreshing = Refreshing(refresh)
    refreshing.moved("IBM")
    task = asyncio.create_task(refreshing.run())
    assert await rested.get() == 160.0
    task.cancel()


async def test_a_busy_stream_loses_no_price_and_ends_with_the_features_of_its_last_trade():
    wire, bus = Wire(), MemoryBus(SystemClock())
    hub = Hub(bus)
    chain = Chain(bus, wire, label="wire", track=track)
    watcher = hub.join()
    await bus.start()
    await chain.start(["IBM"])
    hub.watch(watcher, ["IBM"])
    wanted = track()
    for n in range(2000):
        one = tick(n * 0.1, str(100 + n % 50))
        wanted.put(one)
        wire.heard(one)
    prices = features = 0
    last = {}
    async with asyncio.timeout(60):
        while prices < 2000 or not chain.idle or not last:
            for update in map(json.loads, await watcher.box.take(0.2)):
                prices += update["type"] == "price"
                if update["type"] == "features":
                    features, last = features + 1, update
            prices += watcher.box.skipped_since()
    await chain.stop()
    await bus.stop()
    (so_far,) = wanted.features_so_far()
    assert last == {**so_far, "label": "wire"}
    assert chain.counts.dropped == 0
    assert features < 2000
