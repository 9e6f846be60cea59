"""A matrix: names, moments, versions, timeframes and symbols side by side."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.features.made import daily, minutes, whole
from tools.domain.errors import InputError
from tools.features import registry
from tools.features.compute import compute, compute_all
from tools.features.matrix import FeatureMatrix, Lineage, side_by_side
from tools.features.registry import feature, features, find, unregister
from tools.indicators import registry as indicators
from tools.market_data.columns import moment_of

NAMES = ("log_move", "rsi_14", "wavelet_1", "wavelet_energy", "sma_20", "weekday")


@pytest.fixture
def tripled():
    @feature("tripled", "Three times the close", outputs=("tripled_{window}",), windows=(3,))
    def tripled(close, window=3):
        return close * 0 + window

    yield tripled
    unregister("tripled")


def test_columns_rows_and_moments_fit():
    matrix = compute(daily(100), NAMES)
    assert matrix.values.shape == (100, len(matrix.names)) == (len(matrix), len(set(matrix.names)))
    assert matrix.names[0] == "log_move_1"
    assert matrix.values.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        matrix.values[0, 0] = 1


def test_as_of_cuts_what_was_not_known():
    inputs = daily(100)
    matrix = compute(inputs, NAMES)
    at = moment_of(int(inputs.known[60]))
    cut = matrix.as_of(at)
    assert len(cut) == 61
    assert len(matrix.as_of(at - timedelta(seconds=1))) == 60
    early = compute(inputs.as_of(at), NAMES)
    np.testing.assert_array_equal(cut.values, early.values)


def test_prices_come_over_the_close():
    inputs = daily(60)
    matrix = compute(inputs, ("sma_20",))
    expected = inputs.close[-20:].mean() / inputs.close[-1]
    assert matrix.latest()["sma_20"] == pytest.approx(expected)


def test_a_longer_timeframe_on_short_rows_is_the_last_finished_bar():
    inputs = minutes(3)
    matrix = compute(inputs, ("log_move_1@1h", "log_move_1"))
    hours = compute(registry_hours(inputs), ("log_move_1",))
    column = matrix.column("log_move_1@1h")
    for row in (59, 60, 61, 119, 120, 500, 1100):
        known = hours.times <= matrix.times[row]
        expected = hours.values[known, 0][-1] if known.any() else np.nan
        np.testing.assert_equal(column[row], expected)
    # The value of an hour changes with the row that finishes it.
    changes = np.flatnonzero(np.diff(column[~np.isnan(column)]))
    assert len(changes) > 10


def registry_hours(inputs):
    from tools.domain.timeframe import Timeframe
    from tools.features.aligned import coarser

    return coarser(inputs, Timeframe.parse("1h"))


def test_longer_timeframes_do_not_look_ahead():
    inputs = minutes(3)
    names = ("log_move_1@5m", "rsi_3@30m", "gap@1d")
    late = compute(inputs, names)
    for cut in (1, 100, 389, 390, 391, 777):
        early = compute(inputs.rows(0, cut), names)
        np.testing.assert_array_equal(early.values, late.values[:cut])


def test_the_market_is_there_in_a_longer_timeframe_too():
    matrix = compute(whole(420), ("market_correlation_20@1w",))
    assert not np.isnan(matrix.latest()["market_correlation_20@1w"])


def test_what_lacks_an_input_says_why_and_the_rest_is_computed():
    matrix = compute(daily(30), ("log_move_1", "beta_60", "news_tone", "spread"))
    assert matrix.names == ("log_move_1",)
    assert set(matrix.unavailable) == {"beta_60", "news_tone", "spread"}
    assert "knowledge fetch" in matrix.unavailable["news_tone"]
    assert "quotes" in matrix.unavailable["spread"]
    assert "market" in matrix.unavailable["beta_60"]


@pytest.mark.parametrize(
    ("names", "params", "said"),
    [
        ((), {}, "1 to 1000"),
        (("lgo_move",), {}, "log_move"),
        (("rsi_14@fortnight",), {}, "timeframe"),
        (("obv",), {}, "split"),
        (("log_move_0",), {}, "window"),
        (("log_move_99999",), {}, "window"),
        (("volatility_ratio",), {"volatility_ratio": {"fast": 70}}, "shorter"),
        (("gap",), {"gap": {"window": 3}}, "no parameter"),
        (("gap",), {"rsi": {"window": 3}}, "not computed"),
        (("wavelet_energy",), {"wavelet_energy": {"moments": 11}}, "1 to 10"),
        (("gap@1m",), {}, "can't be made"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(names, params, said):
    with pytest.raises(InputError, match=said):
        compute(daily(80), names, params)


def test_the_version_is_of_data_parameters_names_and_nothing_else():
    inputs = daily(80)
    versions = {
        compute(inputs, ("volatility_20",)).version,
        compute(inputs, ("volatility_21",)).version,
        compute(inputs, ("volatility",), {"volatility": {"window": 20}}).version,
        compute(inputs.rows(0, 79), ("volatility_20",)).version,
        compute(daily(80, symbol="Y"), ("volatility_20",)).version,
        compute(daily(80, seed=2), ("volatility_20",)).version,
    }
    assert len(versions) == 6
    assert compute(daily(80), ("volatility_20",)).version in versions


def test_the_version_changes_with_a_persons_own_code(tmp_path):
    inputs = daily(20)

    def version(body):
        (tmp_path / "mine.py").write_text(body)
        names = {"feature": feature}
        exec(compile(body, str(tmp_path / "mine.py"), "exec"), names)
        try:
            return compute(inputs, ("mine",)).version
        finally:
            unregister("mine")

    text = "@feature('mine', 'Mine', outputs=('mine',))\ndef mine(close):\n    return close * {}\n"
    assert version(text.format(2)) == version(text.format(2)) != version(text.format(3))


def test_the_lineage_says_what_it_was_made_of_and_reads_back():
    matrix = compute(whole(80), ("beta_60",))
    (lineage,) = matrix.lineage
    assert lineage.symbol == "X"
    assert lineage.rows == 80
    assert lineage.asked == ('["beta_60", {}]',)
    assert any("market: M" in origin for origin in lineage.origins)
    assert any(library.startswith("numpy ") for library in lineage.libraries)
    assert Lineage.read(lineage.as_text()) == lineage
    with pytest.raises(ValueError, match="no lineage"):
        Lineage.read("{}")


def test_a_users_feature_is_one_decorated_function(tripled):
    matrix = compute(daily(10), ("tripled_7",))
    assert set(matrix.column("tripled_7")) == {7.0}
    assert "tripled" in {row.name for row in features()}


def test_names_that_are_taken_are_refused(tripled):
    for name in ("tripled", "log_move", "rsi", "Rsi", "bb_upper"):
        with pytest.raises(InputError):
            feature(name, "Again", outputs=(f"{name}_x",))(lambda close: close)
    assert registry.find("rsi")[0].unit == "0 to 100"


def test_a_users_indicator_is_a_feature_at_once():
    @indicators.register("half_way", "Half of high and low", inputs=("high", "low"),
                         outputs=("half_way",))  # fmt: skip
    def half_way(high, low):
        return (high + low) / 2

    try:
        inputs = daily(10)
        got = compute(inputs, ("half_way",)).column("half_way")
        np.testing.assert_allclose(got, (inputs.high + inputs.low) / 2 / inputs.close)
    finally:
        indicators.unregister("half_way")


def test_a_persons_file_of_features_is_read(tmp_path):
    from tools.indicators import own

    (tmp_path / "mine.py").write_text(
        "from tools.features.registry import feature\n"
        "@feature('my_move', 'Mine', outputs=('my_move',))\n"
        "def my_move(close):\n    return close * 0 + 5\n"
    )
    own.look_in(tmp_path)
    try:
        assert find("my_move")[0].family == "own"
        assert compute(daily(3), ("my_move",)).latest() == {"my_move": 5.0}
    finally:
        own.look_in(None)
        unregister("my_move")


def test_a_function_that_gives_the_wrong_shape_is_told(tripled):
    @feature("short", "Too short", outputs=("short",))
    def short(close):
        return close[:-1]

    try:
        with pytest.raises(InputError, match="one value for each bar"):
            compute(daily(5), ("short",))
    finally:
        unregister("short")


def test_several_symbols_stand_side_by_side_as_they_were_known():
    one, two = daily(30), daily(30, seed=9, symbol="Y").rows(10, 25)
    wide = side_by_side([compute(one, ("log_move_1",)), compute(two, ("log_move_1",))])
    assert wide.names == ("X:log_move_1", "Y:log_move_1")
    assert len(wide) == 30
    assert np.isnan(wide.column("Y:log_move_1")[:11]).all()
    last = compute(two, ("log_move_1",)).values[-1, 0]
    assert (wide.column("Y:log_move_1")[24:] == last).all()
    fresh = side_by_side(
        [compute(one, ("log_move_1",)), compute(two, ("log_move_1",))], oldest=10**9
    )
    assert np.isnan(fresh.column("Y:log_move_1")[25:]).all()


def test_the_same_symbol_twice_and_none_are_refused():
    matrix = compute(daily(5), ("log_move_1",))
    with pytest.raises(InputError, match="only once"):
        side_by_side([matrix, matrix])
    with pytest.raises(InputError, match="no matrix"):
        side_by_side([])


def test_a_matrix_of_another_shape_is_refused():
    matrix = compute(daily(5), ("log_move_1",))
    with pytest.raises(InputError, match="shape"):
        FeatureMatrix(("a", "b"), matrix.times, matrix.values, matrix.lineage)


def test_many_symbols_on_threads_are_those_of_one_thread():
    many = [whole(300, seed) for seed in range(6)]
    alone = [compute(inputs, NAMES) for inputs in many]
    for one, two in zip(alone, compute_all(many, NAMES, 3), strict=True):
        assert one.version == two.version
        np.testing.assert_array_equal(one.values, two.values)
