"""What holds for every registered indicator, a user's own included."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.series import Arrays, odd, prices, real_bars, shorter, walk
from tools.catalog.analysis import STANDARD as SHOWN
from tools.domain.errors import InputError
from tools.indicators.lookback import first_value
from tools.indicators.registry import (
    compute,
    find,
    indicators,
    latest,
    register,
    unregister,
)

ROWS = indicators()
NAMES = [row.name for row in ROWS]
FIRST = {row.name: first_value(row) for row in ROWS}
COLUMNS = ("open", "high", "low", "close", "volume")
STANDARD = (*SHOWN, "stochastic")


@pytest.fixture(scope="module")
def real():
    return real_bars("AAPL", 1500)


@pytest.fixture
def spread():
    @register("spread", "High less low", inputs=("high", "low"), outputs=("spread",))
    def function(high, low):
        return high - low

    yield function
    unregister("spread")


def same(found, wanted):
    """Bit for bit, but for which NaN it is."""
    return np.array_equal(found, wanted, equal_nan=True) and bytes(
        np.signbit(found[~np.isnan(found)])
    ) == bytes(np.signbit(wanted[~np.isnan(wanted)]))


@settings(max_examples=15)
@given(series=prices(), data=st.data())
def test_no_value_depends_on_a_later_bar(series, data):
    cut = data.draw(st.integers(0, len(series.close)))
    for row in ROWS:
        # Short windows, so that short series have values.
        params = {row.name: shorter(row)}
        whole = compute(series, [row.name], params)
        part = compute(series.first(cut), [row.name], params)
        assert whole.keys() == part.keys()
        for key, values in part.items():
            assert same(values, whole[key][:cut]), key


@pytest.mark.parametrize("cut", [61, 700, 1499])
def test_no_value_of_real_prices_depends_on_a_later_bar(real, cut):
    for row in ROWS:
        part, whole = compute(real.first(cut), [row.name]), compute(real, [row.name])
        assert all(same(values, whole[key][:cut]) for key, values in part.items()), row.name


@pytest.mark.parametrize("size", [0, 1, 2, 5])
def test_too_short_a_series_gives_nan_and_no_error(size):
    for row in ROWS:
        for key, values in compute(walk(size), [row.name]).items():
            assert values.shape == (size,), key
            assert values.dtype == np.float64
            assert np.isnan(values).all() or FIRST[row.name] < size


def test_every_indicator_has_a_value_at_last_and_none_before_its_first():
    series = walk(600)
    for row in ROWS:
        for key, values in compute(series, [row.name]).items():
            assert np.isfinite(values[-1]), key
            assert np.isnan(values[: FIRST[row.name]]).all(), key


def test_a_gap_spoils_its_windows_and_nothing_after():
    series = walk(700)
    close, volume = series.close.copy(), series.volume.copy()
    close[300] = volume[300] = np.nan
    high, low = series.high.copy(), series.low.copy()
    high[300], low[300] = np.inf, -np.inf
    broken = Arrays(series.open, high, low, close, volume)
    later = Arrays(*(getattr(series, f)[301:] for f in COLUMNS))
    for row in ROWS:
        whole, alone = compute(broken, [row.name]), compute(later, [row.name])
        for key, values in compute(series, [row.name]).items():
            assert same(values[:300], whole[key][:300]), key
            assert np.isnan(whole[key][300]), key
            assert same(whole[key][301:], alone[key]), key
            assert np.isfinite(whole[key][-1]), key


@pytest.mark.parametrize("column", ["close", "high", "low", "volume", "open"])
@pytest.mark.parametrize("filling", [np.nan, np.inf, 1e61])
def test_a_column_without_a_single_number_gives_nan_and_no_error(column, filling):
    series = walk(300)
    columns = {f: getattr(series, f) for f in COLUMNS} | {column: np.full(300, filling)}
    for row in ROWS:
        found = compute(Arrays(**columns), [row.name])
        if column in row.inputs:
            assert all(np.isnan(values).all() for values in found.values()), row.name


@pytest.mark.parametrize("kind", ["constant", "zero", "negative", "huge", "tiny", "no volume"])
def test_odd_prices_never_give_an_infinite_value_or_an_error(kind):
    made = odd(kind, 400)
    for row in ROWS:
        for key, values in compute(made, [row.name]).items():
            assert values.shape == (400,)
            assert not np.isinf(values).any(), key


def test_a_price_below_zero_spoils_logarithms_for_its_windows_only():
    """Oil on 20 April 2020 closed at -37.63."""
    series = walk(400)
    for column in ("open", "high", "low", "close"):
        getattr(series, column)[200] -= 300.0
    for row in ROWS:
        assert all(np.isfinite(v[-1]) for v in compute(series, [row.name]).values()), row.name
    assert np.isnan(compute(series, ["parkinson"])["parkinson"][200:220]).all()


@pytest.mark.parametrize("value", [0, -1, 2501, 1.5, float("nan"), True, 10**400, "7"])
def test_no_whole_parameter_takes_an_absurd_value(value):
    for row in ROWS:
        for name, default in row.params.items():
            if isinstance(default, int):
                if name == "year" and value in (1.5, 2501):
                    continue
                with pytest.raises(InputError):
                    compute(walk(50), [row.name], {row.name: {name: value}})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e9, True, "2"])
def test_no_other_parameter_takes_an_absurd_value(value):
    for row in ROWS:
        for name, default in row.params.items():
            if isinstance(default, float):
                with pytest.raises(InputError):
                    compute(walk(50), [row.name], {row.name: {name: value}})


def test_there_are_at_least_150_indicators_and_61_candlestick_patterns():
    families = Counter(row.family for row in ROWS)
    assert families["candles"] == 61
    assert len(ROWS) - families["candles"] >= 150
    assert families["own"] == 0


def test_every_row_says_what_a_reader_needs():
    for row in ROWS:
        assert row.label, row.name
        assert row.unit, row.name
        assert row.source, row.name
        assert row.inputs, row.name
        assert row.function.__doc__, row.name


def test_inputs_are_left_as_they_were():
    series = walk(300)
    before = {f: getattr(series, f).copy() for f in COLUMNS}
    for values in before:
        getattr(series, values).setflags(write=False)
    compute(series, NAMES)
    for column, values in before.items():
        assert (getattr(series, column) == values).all()


def test_the_standard_keys_are_there():
    keys = compute(walk(300), STANDARD)
    wanted = (
        "sma_50 sma_200 ema_20 rsi_14 macd macd_signal macd_hist atr_14 bb_upper bb_middle "
        "bb_lower roc_20 adx_14 obv stoch_k stoch_d"
    )
    assert set(keys) == set(wanted.split())


def test_every_article_named_is_in_the_knowledge_base():
    articles = Path(__file__).parents[2] / "knowledge_base" / "articles"
    named = {row.knowledge or row.name for row in ROWS}
    assert sorted(slug for slug in named if not (articles / f"{slug}.md").is_file()) == []


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


@pytest.mark.parametrize(
    "name", ["rsii", "", "rsi_", "rsi_x", "macd_7", "candle_doj", "sma_²", "__class__"]
)
def test_an_unknown_name_lists_what_is_known(name):
    with pytest.raises(
        InputError, match=r"Known: abdi_ranaldo, acceleration_bands, accel.* 61 candlestick"
    ):
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
