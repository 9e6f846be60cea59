"""A grid has every combination of its values but those that can't be meant."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.backtest.search.grid import MOST, grid_of
from tools.backtest.strategies.dual_moving_average import DualMovingAverage
from tools.backtest.strategies.pairs import Pairs
from tools.domain.errors import InputError


def test_lists_and_steps_make_every_combination_in_their_order():
    found = grid_of(DualMovingAverage, {"fast": "10, 20,10", "slow": "100:300:100"})
    assert found.values == {"fast": (10, 20), "slow": (100, 200, 300)}
    assert [(p["fast"], p["slow"]) for p in found.points] == [
        (10, 100), (10, 200), (10, 300), (20, 100), (20, 200), (20, 300),
    ]  # fmt: skip
    assert found.points[0] == {"fast": 10, "slow": 100, "band": 0.01, "weight": 0.9}


def test_what_the_strategy_refuses_together_is_left_out_and_counted():
    found = grid_of(DualMovingAverage, {"fast": "10,300", "slow": "100,400"})
    assert [(p["fast"], p["slow"]) for p in found.points] == [(10, 100), (10, 400), (300, 400)]
    assert found.left_out == 1


def test_a_value_may_be_out_of_order_with_what_the_others_usually_are():
    assert grid_of(DualMovingAverage, {"fast": "250", "slow": "300"}).points


def test_steps_are_counted_in_decimal():
    assert grid_of(Pairs, {"exit": "0.1:0.7:0.1"}).values["exit"] == (
        0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
    )  # fmt: skip


def test_truths_are_values_too():
    assert grid_of(Pairs, {"tested": "true,no"}).values["tested"] == (True, False)


def test_no_parameter_is_the_strategy_as_it_is():
    assert len(grid_of(DualMovingAverage, {}).points) == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"fast": ""}, "empty place"),
        ({"fast": "10,,20"}, "empty place"),
        ({"fast": "nan"}, "whole number"),
        ({"fast": "1e999"}, "fast must be"),
        ({"band": "inf"}, "band must be"),
        ({"band": "nan"}, "a number"),
        ({"fast": "-5"}, "from 1 to 1000, was -5"),
        ({"fast": "10.5"}, "whole number"),
        ({"speed": "1"}, "no parameter 'speed'"),
        ({"fast": "30:10:5"}, "goes upwards"),
        ({"fast": "10:30:0"}, "goes upwards"),
        ({"fast": "10:30:-5"}, "goes upwards"),
        ({"fast": "10:30"}, "from:to:step"),
        ({"fast": "a:b:c"}, "from:to:step"),
        ({"fast": "1:NaN:1"}, "goes upwards"),
        ({"fast": "0:1e12:1e-9"}, "at most"),
        ({"fast": "1:1000:1", "slow": "2:2000:1"}, "1,999,000 backtests"),
        ({"fast": "300", "slow": "100,200"}, "refuses all 2 combinations"),
    ],
)
def test_what_can_t_be_meant_is_a_sentence(given, sentence):
    with pytest.raises(InputError, match=sentence):
        grid_of(DualMovingAverage, given)


def test_a_strategy_of_one_s_own_may_refuse_in_any_way():
    @dataclass(frozen=True)
    class Odd:
        size: int = 1

        def __post_init__(self):
            if self.size % 2 == 0:
                raise ValueError("odd ones only")

        def on_bar(self, context):
            pass

    found = grid_of(Odd, {"size": "1:6:1"})
    assert [point["size"] for point in found.points] == [1, 3, 5]
    assert found.left_out == 3


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8), st.integers(2, 2000))
def test_points_and_what_is_left_out_are_the_whole_product(fast, slow):
    text = ",".join(map(str, fast))
    try:
        found = grid_of(DualMovingAverage, {"fast": text, "slow": str(slow)})
    except InputError:
        assert min(fast) >= slow
        return
    assert len(found.points) + found.left_out == len(set(fast)) <= MOST
    assert all(point["fast"] < point["slow"] for point in found.points)
