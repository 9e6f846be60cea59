"""Bar by bar is bit for bit what a batch gives, whichever way an indicator keeps up."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.series import Arrays, odd, prices, real_bars, shorter, walk
from tools.domain.errors import InputError
from tools.indicators.registry import compute, indicators
from tools.indicators.streaming.fused import Fused
from tools.indicators.streaming.recipes import RECIPES
from tools.indicators.streaming.stream import stream

ROWS = indicators()
COLUMNS = ("open", "high", "low", "close", "volume")
ALL = [*sorted(RECIPES)]


def rows_of(series):
    return zip(*(getattr(series, name).tolist() for name in COLUMNS), strict=True)


def pushed(state, series):
    return np.array([state.push(*bar) for bar in rows_of(series)]).reshape(-1, len(state.keys)).T


def agree(found, wanted, name):
    for values, (key, whole) in zip(found, wanted.items(), strict=True):
        wrong = np.flatnonzero((values != whole) & ~(np.isnan(values) & np.isnan(whole)))
        assert wrong.size == 0, (name, key, wrong[:3], values[wrong[:3]], whole[wrong[:3]])


def gappy(series):
    for column, place in (("close", 60), ("volume", 90), ("high", 91), ("low", 130)):
        values = getattr(series, column)
        values[place] = np.nan if place % 2 == 0 else 1e70
    return series


@settings(max_examples=6)
@given(series=prices(most=60))
def test_every_indicator_streams_as_it_computes_with_short_windows(series):
    for row in ROWS:
        params = shorter(row)
        wanted = compute(series, [row.name], {row.name: params})
        agree(pushed(stream(row.name, params), series), wanted, row.name)


@pytest.mark.parametrize("made", ["real", "gaps"])
def test_every_indicator_streams_as_it_computes_with_its_defaults(made):
    series = real_bars("AAPL", 270) if made == "real" else gappy(walk(270))
    for row in ROWS:
        state = stream(row.name)
        wanted = compute(series, [row.name])
        assert state.keys == tuple(wanted)
        agree(pushed(state, series), wanted, row.name)


@pytest.mark.parametrize("kind", ["constant", "zero", "negative", "tiny", "huge", "no volume"])
def test_odd_prices_stream_as_they_compute(kind):
    series = odd(kind, 90)
    for row in ROWS:
        wanted = compute(series, [row.name])
        agree(pushed(stream(row.name), series), wanted, row.name)


@pytest.fixture(scope="module")
def everything():
    """All compiled steps in one program: compiled once for all tests."""

    def made(params=None):
        return Fused(ALL, params or {})

    fused = made({"sma": {"window": 7}})  # compiled here, where a busy machine may take its time
    fused.compute(walk(10))
    fused.push(1.0, 1.0, 1.0, 1.0, 1.0)
    return made


@settings(max_examples=20)
@given(series=prices(most=90), data=st.data())
def test_a_fused_set_gives_what_each_gives_alone(everything, series, data):
    window = data.draw(st.integers(2, 12))
    params = {
        row.name: {"window": window}
        for row in ROWS
        if row.name in RECIPES and "window" in row.params
    }
    params["macd"] = {"fast": 3, "slow": 6, "signal": 4}
    fused = everything(params | {"sma": {"window": window}})
    wanted = compute(series, ALL, params | {"sma": {"window": window}})
    agree(list(fused.compute(series).values()), wanted, "batch")
    agree(pushed(fused, series), wanted, "pushed")


@pytest.mark.parametrize("made", ["real", "walk", "gaps", "constant", "huge", "tiny", "rounded"])
def test_a_fused_set_agrees_on_long_series(everything, made):
    series = {
        "real": lambda: real_bars("AAPL", 3270),
        "walk": lambda: walk(5000),
        "gaps": lambda: gappy(walk(3000)),
        "constant": lambda: odd("constant", 900),
        "huge": lambda: odd("huge", 2000),
        "tiny": lambda: odd("tiny", 2000),
        "rounded": lambda: Arrays(*(np.round(getattr(walk(4000), c), 1) for c in COLUMNS)),
    }[made]()
    params = {"sma": {"window": 7}}
    fused, wanted = everything(params), compute(series, ALL, params)
    agree(list(fused.compute(series).values()), wanted, made)
    agree(pushed(fused, series.first(700)), {k: v[:700] for k, v in wanted.items()}, made)


def test_a_fused_batch_leaves_a_stream_under_way_alone(everything):
    series, fused = walk(300), everything({"sma": {"window": 7}})
    wanted = compute(series, ALL, {"sma": {"window": 7}})
    found = []
    for number, bar in enumerate(rows_of(series)):
        if number == 150:
            fused.compute(walk(500, seed=3))
        found.append(fused.push(*bar))
    agree(np.array(found).T, wanted, "after a batch")


def test_a_batch_can_be_written_into_an_earlier_answer(everything):
    fused = everything({"sma": {"window": 7}})
    held = fused.compute(walk(400, seed=1))
    found = fused.compute(walk(400), into=held)
    assert all(found[key] is held[key] for key in held)
    agree(list(found.values()), compute(walk(400), ALL, {"sma": {"window": 7}}), "into")
    with pytest.raises(InputError, match="as long as"):
        fused.compute(walk(399), into=held)
    with pytest.raises(InputError, match="same set"):
        fused.compute(walk(400), into={"sma_7": held["sma_7"]})


def test_the_common_set_has_at_least_thirty_compiled_outputs(everything):
    fused = everything({"sma": {"window": 7}})
    assert len(fused.keys) >= 30
    assert len(set(fused.keys)) == len(fused.keys)


def test_each_state_says_how_it_keeps_up():
    ways = Counter(stream(row.name).how.split(" the ")[0] for row in ROWS)
    assert ways["TA-Lib's own streaming state"] >= 150
    assert stream("ichimoku").how == "recomputed from the last 78 bars"
    assert stream("klinger").how == "recomputed from the whole history at each bar"


def test_one_output_of_many_can_be_streamed():
    state = stream("bb_upper")
    found = [state.push(*bar) for bar in rows_of(walk(40))]
    assert state.keys == ("bb_upper",)
    assert found[-1] == (compute(walk(40), ["bb_upper"])["bb_upper"][-1],)
    assert all(math.isnan(x) for (x,) in found[:19])


def test_a_session_can_be_told():
    series = walk(30)
    days = [i // 5 for i in range(30)]
    state = stream("session_vwap")
    found = [state.push(*bar, session=d) for bar, d in zip(rows_of(series), days, strict=True)]
    typical = (series.high + series.low + series.close) / 3
    last = slice(25, 30)
    mean = (typical[last] * series.volume[last]).sum() / series.volume[last].sum()
    assert found[-1][0] == pytest.approx(mean)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["klinger"], "klinger has no compiled form"),
        (["rsi", "rsi_14"], "rsi_14 is asked for twice"),
        ([], "at least one"),
        (["rsi_0"], "window"),
        (["rsii"], "no indicator"),
    ],
)
def test_a_set_that_cannot_be_fused_is_refused(names, said):
    with pytest.raises(InputError, match=said):
        Fused(names)


def test_a_stream_refuses_what_compute_refuses():
    for name, params in (
        ("rsi_0", {}),
        ("nope", {}),
        ("rsi", {"length": 3}),
        ("macd", {"fast": 30}),
    ):
        with pytest.raises(InputError):
            stream(name, params)
    with pytest.raises(InputError, match="same length"):
        Fused(["rsi"]).compute(Arrays(*[np.ones(3)] * 3, np.ones(4), np.ones(3)))
