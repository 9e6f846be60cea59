"""What every feature promises, the built-in ones and those made of indicators alike."""

from __future__ import annotations

import numpy as np
import pytest

from tests.features.made import MORE, ROWS, daily, replaced, whole
from tools.domain.errors import DataUnavailable, InputError
from tools.features.from_indicators import refused, scale_free
from tools.features.registry import find
from tools.indicators.registry import indicators

LONG = 420
INPUTS = whole(LONG)
CUTS = (1, 2, 37, 150, 301, LONG - 1)
OHLC = ("open", "high", "low", "close")
SPARE = [row.name for row in indicators() if not refused(row) and row.family != "candles"]
EVERY = (*ROWS, *SPARE)


def values(name, inputs):
    row, implied, _ = find(name)
    return row.run(inputs, implied)


@pytest.mark.parametrize("name", EVERY)
def test_the_past_is_the_same_when_the_future_is_added(name):
    late = values(name, INPUTS)
    for cut in CUTS:
        early = values(name, INPUTS.rows(0, cut))
        assert early.keys() == late.keys()
        for key, column in early.items():
            np.testing.assert_array_equal(column, late[key][:cut], err_msg=f"{key} at {cut}")


@pytest.mark.parametrize("name", EVERY)
def test_another_future_changes_no_value_of_the_past(name):
    cut = 300
    other = whole(LONG, seed=5)
    mixed = replaced(
        INPUTS,
        **{
            column: np.concatenate([INPUTS.given(column)[:cut], other.given(column)[cut:]])
            for column in (*OHLC, "volume", "market", *MORE)
        },
    )
    one, two = values(name, INPUTS), values(name, mixed)
    for key in one:
        np.testing.assert_array_equal(one[key][:cut], two[key][:cut], err_msg=key)


@pytest.mark.parametrize("name", EVERY)
def test_a_split_changes_nothing(name):
    # 1:4, told of beforehand or afterwards: every price a quarter, every volume fourfold.
    split = {column: INPUTS.given(column) / 4 for column in OHLC}
    split |= {"volume": INPUTS.volume * 4}
    one, two = values(name, INPUTS), values(name, replaced(INPUTS, **split))
    for key in one:
        np.testing.assert_allclose(one[key], two[key], rtol=1e-6, atol=1e-9, err_msg=key)


@pytest.mark.parametrize("name", ROWS)
def test_the_first_value_comes_when_the_row_says(name):
    row = ROWS[name]
    for window in row.windows or (None,):
        params = {} if window is None else {"window": window}
        needs = row.needs(params)
        if needs is None:
            continue
        for key, column in row.run(INPUTS, params).items():
            known = ~np.isnan(column)
            assert known.any(), key
            assert int(np.argmax(known)) == needs, key
            assert known[needs:].mean() > 0.95, key


@pytest.mark.parametrize("name", ROWS)
def test_one_bar_and_none_at_all_have_a_column_each(name):
    for count in (0, 1):
        for key, column in values(name, INPUTS.rows(0, count)).items():
            assert column.shape == (count,), key


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_infinite_whatever_the_prices(name):
    flat = {column: np.full(LONG, 50.0) for column in (*OHLC, "volume", "market")}
    odd = {
        "constant": flat,
        "nothing traded": {"volume": np.zeros(LONG)},
        "zero prices": {column: np.zeros(LONG) for column in OHLC},
        "negative prices": {column: -INPUTS.given(column) for column in OHLC},
        "tiny": {column: INPUTS.given(column) * 1e-300 for column in OHLC},
        "huge": {column: INPUTS.given(column) * 1e57 for column in OHLC},
        "nobody trades": {column: np.zeros(LONG) for column in MORE},
        "all missing": {column: np.full(LONG, np.nan) for column in (*OHLC, "volume", *MORE)},
    }
    for kind, columns in odd.items():
        for key, column in values(name, replaced(INPUTS, **columns)).items():
            assert not np.isinf(column).any(), f"{key}: {kind}"


GROWING = {"vpin"}  # its buckets begin anew after a gap


@pytest.mark.parametrize("name", [name for name in ROWS if ROWS[name].family != "calendar"])
def test_a_gap_makes_its_windows_nan_and_no_others(name):
    row = ROWS[name]
    gap = 100
    broken = {}
    for column in (*OHLC, "volume", "market", *MORE):
        broken[column] = INPUTS.given(column).copy()
        broken[column][gap] = np.nan
    for key, column in row.run(replaced(INPUTS, **broken), {}).items():
        clean = row.run(INPUTS, {})[key]
        assert np.isnan(column[gap]), key
        np.testing.assert_array_equal(column[:gap], clean[:gap], err_msg=key)
        if name not in GROWING:
            np.testing.assert_allclose(column[-1], clean[-1], rtol=1e-9, err_msg=key)


def test_a_constant_price_has_no_moves_and_no_made_up_ratios():
    flat = replaced(INPUTS, **{column: np.full(LONG, 50.0) for column in (*OHLC, "market")})
    for name in ("log_move", "gap", "body", "volatility", "downside_share", "speeding_up"):
        for key, column in values(name, flat).items():
            known = column[~np.isnan(column)]
            assert (known == 0).all(), key
    for name in (
        "close_place", "volatility_ratio", "move_per_risk", "market_correlation", "beta", "katz",
        "higuchi", "spectrum", "wavelet_energy", "straightness", "net_over_way", "range_place",
    ):  # fmt: skip
        for key, column in values(name, flat).items():
            assert np.isnan(column).all(), key


def test_every_row_says_its_family_unit_and_source():
    for row in ROWS.values():
        assert row.label, row.name
        assert row.unit, row.name
        assert row.source, row.name
        assert row.family != "own", row.name
        assert row.function.__doc__, row.name


def test_what_counts_shares_is_no_feature():
    rows = [row for row in indicators() if refused(row)]
    assert {"obv", "ease_of_movement", "regression_angle"} <= {row.name for row in rows}
    for row in rows:
        with pytest.raises(InputError, match="split"):
            scale_free(row)


def test_without_quotes_trades_market_or_news_a_feature_says_what_is_missing():
    bare = daily(60)
    for name in ("spread", "trade_imbalance", "beta", "news_tone"):
        with pytest.raises(DataUnavailable, match="there is no"):
            values(name, bare)
