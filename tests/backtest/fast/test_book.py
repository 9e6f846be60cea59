"""Orders that fill in part, that expire, and accounts that are closed by force."""

from __future__ import annotations

import pytest

from tests.backtest.fast.test_engine import flat_bars
from tools.backtest.fast.costs import Costs
from tools.backtest.fast.engine import run
from tools.backtest.fast.orders import cancel, limit, market
from tools.backtest.fast.strategy import BAR, strategy
from tools.domain.errors import InputError


@strategy
def bought_once(now, state, params, orders):
    """Wants ``params[0]`` units at the first close, at ``params[1]`` if that is a price."""
    if state[BAR] == 0:
        if params[1] > 0:
            limit(orders, 0, params[0], params[1], False, int(params[2]))
        else:
            market(orders, 0, params[0], False, int(params[2]))


FLAT = [(10, 10, 10, 10)] * 6


def test_a_bar_gives_its_share_of_the_volume_and_the_rest_waits():
    found = run(flat_bars(*FLAT), bought_once, params=(25, 0, 0), costs=Costs(volume_share=0.1))
    assert found.fills.bar.tolist() == [1, 2, 3]
    assert found.fills.quantity.tolist() == [10, 10, 5]
    assert found.waiting == 0


@strategy
def three(now, state, params, orders):
    if state[BAR] == 0:
        for quantity in (0.1, 0.2, 1.0):
            market(orders, 0, quantity, False, 1)


def test_what_rounding_leaves_of_a_volume_is_not_traded():
    bars = flat_bars(*FLAT)
    bars.volume[:] = 3.0
    found = run(bars, three, costs=Costs(volume_share=0.1, minimum=1.0))
    assert 0.1 * 3.0 - 0.1 - 0.2 > 0
    assert found.fills.quantity.tolist() == [0.1, 0.2]


def test_the_rest_of_an_order_goes_when_its_bars_are_over():
    found = run(flat_bars(*FLAT), bought_once, params=(25, 0, 2), costs=Costs(volume_share=0.1))
    assert found.fills.quantity.tolist() == [10, 10]
    assert found.waiting == 0


def test_a_limit_is_met_by_as_many_bars_as_it_was_given():
    bars = flat_bars((10, 10, 10, 10), (10, 10, 10, 10), (10, 10, 10, 10), (10, 10, 8, 10))
    assert run(bars, bought_once, params=(1, 9, 3)).fills.bar.tolist() == [3]
    late = run(bars, bought_once, params=(1, 9, 2))
    assert (late.fills.bar.size, late.waiting) == (0, 0)


def test_a_short_under_water_is_closed_at_the_next_open():
    bars = flat_bars((10, 10, 10, 10), (10, 10, 10, 10), (18, 18, 18, 18), (19, 19, 19, 19))
    costs = Costs(leverage=1.0, maintenance=0.3)
    found = run(bars, bought_once, params=(-100, 0, 0), cash=1_000.0, costs=costs)
    # At 18 the equity is 200, below 0.3 times 1,800.
    assert found.fills.bar.tolist() == [1, 3]
    assert found.fills.price.tolist() == [10, 19]
    assert (found.forced, found.equity[-1]) == (1, 100)
    calm = run(bars, bought_once, params=(-100, 0, 0), cash=1_000.0)
    assert (calm.forced, calm.positions[-1, 0]) == (0, -100)


@strategy
def stubborn(now, state, params, orders):
    """Sells short, and cancels and sells again at each close."""
    cancel(orders, 0)
    market(orders, 0, -100.0 if state[BAR] == 0 else -1.0)


def test_nothing_that_a_strategy_asks_for_stands_in_the_way_of_its_end():
    bars = flat_bars((10, 10, 10, 10), (10, 10, 10, 10), (18, 18, 18, 18), (19, 19, 19, 19))
    costs = Costs(maintenance=0.3, volume_share=0.9)
    found = run(bars, stubborn, cash=1_000.0, costs=costs)
    assert found.fills.quantity.tolist()[-1] > 0
    assert abs(found.positions[-1, 0]) < 20


@pytest.mark.parametrize("wrong", [{"volume_share": 1.1}, {"maintenance": 1.0}])
def test_shares_beyond_the_whole_are_refused(wrong):
    with pytest.raises(InputError, match="at most 1"):
        Costs(**wrong)


def test_bars_that_are_none_are_refused():
    with pytest.raises(InputError, match="bar 0"):
        run(flat_bars(*FLAT), bought_once, params=(1, 0, -1))
