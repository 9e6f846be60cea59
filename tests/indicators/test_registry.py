"""What holds for every registered indicator, a user's own included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indicators.series import Arrays, prices, walk
from tools.domain.errors import InputError
from tools.indicators.registry import (
    compute,
    find,
    indicators,
    latest,
    register,
    unregister,
)

NAMES = [row.name for row in indicators()]
GAPS = ["close", "high", "low", "volume"]


@pytest.fixture
def spread():
    @register("spread", "High less low", inputs=("high", "low"), outputs=("spread",))
    def function(high, low):
        return high - low

    yield function
    unregister("spread")


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_no_value_depends_on_a_later_bar(name, data):
    series = data.draw(prices())
    cut = data.draw(st.integers(0, len(series.close)))
    # Short windows, so that short series have values.
    row, _, _ = find(name)
    params = {name: {"window": 5}} if "window" in row.params else None
    if name == "macd":
        params = {name: {"fast": 3, "slow": 6, "signal": 4}}
    whole = compute(series, [name], params)
    part = compute(series.first(cut), [name], params)
    assert whole.keys() == part.keys()
    for key, values in part.items():
        assert values.tobytes() == whole[key][:cut].tobytes()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0, 1, 2, 5])
def test_too_short_a_series_gives_nan_and_no_error(name, size):
    for key, values in compute(walk(size), [name]).items():
        assert values.shape == (size,)
        assert values.dtype == np.float64
        assert np.isnan(values).all() or key == "obv"


@pytest.mark.parametrize("name", NAMES)
def test_a_gap_spoils_its_windows_and_nothing_after(name):
    series = walk(600)
    close = series.close.copy()
    close[300] = np.nan
    broken = Arrays(series.open, series.high, series.low, close, series.volume)
    later = Arrays(*(getattr(series, f)[301:] for f in ("open", "high", "low", "close", "volume")))
    whole, alone = compute(broken, [name]), compute(later, [name])
    for key, values in compute(series, [name]).items():
        assert values[:300].tobytes() == whole[key][:300].tobytes()
        assert np.isnan(whole[key][300])
        assert whole[key][301:].tobytes() == alone[key].tobytes()
        assert np.isfinite(whole[key][-1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("column", GAPS)
def test_a_column_without_a_single_number_gives_nan_and_no_error(name, column):
    series = walk(300)
    nothing = dict.fromkeys([column], np.full(300, np.inf))
    columns = {f: getattr(series, f) for f in ("open", "high", "low", "close", "volume")}
    found = compute(Arrays(**(columns | nothing)), [name])
    if column in find(name)[0].inputs:
        assert all(np.isnan(values).all() for values in found.values())


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_left_as_they_were(name):
    series = walk(100)
    before = {f: getattr(series, f).copy() for f in ("open", "high", "low", "close", "volume")}
    for values in before:
        getattr(series, values).setflags(write=False)
    compute(series, [name])
    for column, values in before.items():
        assert (getattr(series, column) == values).all()


def test_the_standard_keys_are_there():
    keys = compute(walk(300), NAMES)
    wanted = (
        "sma_50 sma_200 ema_20 rsi_14 macd macd_signal macd_hist atr_14 bb_upper bb_middle "
        "bb_lower roc_20 adx_14 obv stoch_k stoch_d"
    )
    assert set(keys) == set(wanted.split())


def test_every_article_named_is_in_the_knowledge_base():
    articles = Path(__file__).parents[2] / "knowledge_base" / "articles"
    named = [row.knowledge for row in indicators() if row.knowledge]
    assert len(named) >= 6
    assert [slug for slug in named if not (articles / f"{slug}.md").is_file()] == []


def test_a_name_can_carry_its_window_or_be_one_output():
    series = walk(300)
    assert list(compute(series, ["rsi_7"])) == ["rsi_7"]
    assert list(compute(series, [" RSI_007 "])) == ["rsi_7"]
    assert list(compute(series, ["bb_upper"])) == ["bb_upper"]
    assert list(compute(series, ["sma"], {"sma": {"window": 9}})) == ["sma_9"]
    assert find("rsi_7")[0] is find("rsi")[0]


def test_latest_is_the_last_value_of_each():
    series = walk(60)
    found = latest(compute(series, ["sma"]))
    assert found["sma_50"] == pytest.approx(series.close[-50:].mean())
    assert np.isnan(found["sma_200"])
    assert np.isnan(latest(compute(walk(0), ["obv"]))["obv"])


@pytest.mark.parametrize("name", ["rsii", "", "rsi_", "rsi_x", "macd_7", "sma_²", "__class__"])
def test_an_unknown_name_lists_what_is_known(name):
    with pytest.raises(InputError, match="Known: adx, adx_14, atr"):
        compute(walk(60), [name])


@pytest.mark.parametrize("name", ["rsi_0", "sma_99999", "rsi_" + "9" * 40])
def test_an_absurd_window_in_a_name_is_refused(name):
    with pytest.raises(InputError, match="window"):
        compute(walk(60), [name])


def test_unknown_parameters_are_refused():
    with pytest.raises(InputError, match="rsi has no parameter 'length'; it has window"):
        compute(walk(60), ["rsi"], {"rsi": {"length": 7}})
    with pytest.raises(InputError, match="not computed"):
        compute(walk(60), ["rsi"], {"RSI": {"window": 7}})


def test_a_function_of_ones_own_joins(spread):
    series = walk(5)
    assert "spread" in [row.name for row in indicators()]
    assert (compute(series, ["spread"])["spread"] == series.high - series.low).all()
    assert spread(series.high, series.low).shape == (5,)


@pytest.mark.parametrize("name", ["rsi", "macd_signal", "RSI", "", "a b"])
def test_a_taken_or_odd_name_is_refused(name):
    with pytest.raises(InputError):
        register(name, "mine", outputs=("mine",))(lambda close: close)


def test_a_function_of_the_wrong_shape_is_refused():
    register("half", "half", outputs=("half",))(lambda close: close[::2])
    try:
        with pytest.raises(InputError, match="one value for each bar"):
            compute(walk(10), ["half"])
    finally:
        unregister("half")


def test_an_input_that_is_no_price_column_is_refused():
    with pytest.raises(InputError, match="no price column"):
        register("mine", "mine", inputs=("bid",), outputs=("mine",))
