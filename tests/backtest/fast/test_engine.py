"""Fill rules by hand, array signals, and what comes in broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.backtest.fast.oracle import Desk, Order
from tools.backtest.fast.bars import bars_of
from tools.backtest.fast.costs import Costs
from tools.backtest.fast.engine import run
from tools.backtest.fast.orders import limit, market, stop
from tools.backtest.fast.signals import enter_and_exit, hold_parts, hold_units
from tools.backtest.fast.strategy import BAR, OWN, strategy
from tools.domain.errors import InputError


def flat_bars(*rows):
    """Bars of one symbol from (open, high, low, close), a volume of 100 each."""
    o, h, low, c = np.array(rows, dtype=float).T
    return bars_of(o, h, low, c, np.full(len(rows), 100.0))


def walk(count, seed=7):
    rng = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, count))), 2)
    opened = np.concatenate([close[:1], close[:-1]])
    return bars_of(
        opened, np.maximum(opened, close), np.minimum(opened, close), close, np.ones(count)
    )


@strategy
def bracket(now, state, params, orders):
    """Buys at the first close, with a stop and a limit to close it."""
    if state[BAR] == 0:
        market(orders, 0, 10.0)
        stop(orders, 0, -10.0, params[0], True)
        limit(orders, 0, -10.0, params[1], True)


def test_where_a_bar_touches_both_the_stop_and_the_limit_the_stop_fills():
    bars = flat_bars((10, 10, 10, 10), (10, 10, 10, 10), (10, 12, 8, 11), (11, 13, 11, 13))
    found = run(bars, bracket, params=(9.0, 11.0))
    assert found.fills.price.tolist() == [10, 9]
    assert found.trades.profit.tolist() == [-10]
    assert found.waiting == 0  # the limit went with the position


def test_a_stop_that_the_open_jumped_over_fills_at_the_open():
    bars = flat_bars((10, 10, 10, 10), (10, 10, 10, 10), (7, 8, 6, 8))
    assert run(bars, bracket, params=(9.0, 11.0)).fills.price.tolist() == [10, 7]


def test_no_order_fills_on_the_bar_that_decided_it():
    bars = flat_bars((10, 20, 5, 10), (11, 11, 11, 11))
    found = run(bars, bracket, params=(9.0, 30.0))
    assert found.fills.bar.tolist() == [1]
    assert found.fills.price.tolist() == [11]


def test_an_order_decided_on_the_last_bar_stays_waiting():
    found = run(flat_bars((10, 10, 10, 10)), bracket, params=(9.0, 11.0))
    assert found.waiting == 3
    assert not found.fills.bar.size


def test_a_hole_is_not_traded_and_marked_at_the_last_close():
    nan = np.nan
    bars = flat_bars((10, 10, 10, 10), (10, 12, 10, 12), (nan, 50, 1, nan), (8, 9, 8, 9))
    found = run(bars, hold_units, columns=[[10.0, 0.0, nan, nan]])
    assert found.fills.bar.tolist() == [1, 3]
    assert found.equity.tolist() == [100_000, 100_020, 100_020, 99_980]


def test_costs_by_hand():
    bars = flat_bars((10, 10, 10, 10), (10, 10, 10, 10), (20, 20, 20, 20))
    paid = Costs(
        per_unit=0.01, rate=0.001, minimum=1.0, slip=0.1, slip_rate=0.01, slip_volume=0.05,
        spread=0.2, borrow=0.252,
    )  # fmt: skip
    found = run(bars, hold_units, columns=[[-10.0, 0.0, np.nan]], costs=paid)
    # The sale gets 10 - 0.1 - 0.1 - 10 (0.01 + 0.05 * 10 / 100), the purchase pays so much more.
    assert found.fills.price == pytest.approx([9.65, 20.5])
    assert found.fills.commission == pytest.approx([1.0, 1.0])
    borrowed = 10 * 10 * 0.001
    assert found.trades.profit == pytest.approx([96.5 - 205 - 2 - borrowed])
    assert found.equity[-1] == pytest.approx(100_000 + found.trades.profit[0])


def test_more_than_the_account_can_hold_is_refused_and_told():
    bars = flat_bars((10, 10, 10, 10), (10, 10, 10, 10), (10, 10, 10, 10))
    found = run(bars, hold_units, columns=[[101.0, 100.0, 100.0]], cash=1000.0)
    assert found.refused.bar.tolist() == [1]
    assert found.refused.quantity.tolist() == [101]
    assert found.fills.quantity.tolist() == [100]


def test_a_closing_order_sells_no_more_than_is_owned():
    @strategy
    def greedy(now, state, params, orders):
        if state[BAR] == 0:
            market(orders, 0, 5.0)
        if state[BAR] == 1:
            market(orders, 0, -50.0, True)
            market(orders, 0, -50.0, True)

    bars = flat_bars(*[(10, 10, 10, 10)] * 4)
    assert run(bars, greedy).fills.quantity.tolist() == [5, -5]


def test_parts_of_equity_follow_the_equity():
    bars = walk(50)
    found = run(bars, hold_parts, columns=np.full((1, 50), 0.5))
    parts = found.positions[1:, 0] * bars.close[:-1, 0] / found.equity[:-1]
    assert parts == pytest.approx(np.full(49, 0.5))


def test_entries_and_exits_make_a_position_from_one_to_the_other():
    entries, exits = np.zeros(10), np.zeros(10)
    entries[[1, 2, 6]], exits[[0, 4, 6]] = 1, 1
    found = run(walk(10), enter_and_exit, columns=np.array([entries, exits]), params=(7.0,))
    assert found.fills.bar.tolist() == [2, 5]
    assert found.fills.quantity.tolist() == [7, -7]


def test_a_run_of_more_fills_than_there_was_room_for_is_that_of_the_oracle():
    bars = walk(3000)
    wish = np.where(np.arange(3000) % 2, 10.0, -10.0)
    found = run(bars, hold_units, columns=wish[np.newaxis], costs=Costs(rate=0.001))
    asked = [[Order(0, "market", 10.0 if t else -10.0, 0, 0, False)] for t in wish > 0]
    for bar in range(1, 3000):
        asked[bar][0].quantity *= 2
    desk = Desk(bars, Costs(rate=0.001), 100_000.0, asked).play()
    assert found.fills.bar.size == 2999
    np.testing.assert_allclose(found.equity, desk.equity, rtol=1e-9)
    assert found.trades.profit.size == 2998


def test_the_profits_of_all_trades_are_the_change_in_equity():
    bars, rng = walk(500), np.random.default_rng(3)
    wish = rng.integers(-3, 4, 500) * 1.0
    wish[-2:] = 0
    found = run(bars, hold_units, columns=wish[np.newaxis], costs=Costs(rate=0.001, borrow=0.1))
    assert found.positions[-1, 0] == 0
    assert found.trades.profit.sum() == pytest.approx(found.equity[-1] - 100_000)
    figures = found.metrics()
    assert figures.trades == found.trades.profit.size
    assert figures.total_return == pytest.approx(found.trades.profit.sum() / 100_000)


def test_memory_is_kept_between_bars():
    @strategy
    def every_third(now, state, params, orders):
        state[OWN] += 1
        if state[OWN] == 3:
            state[OWN] = 0
            market(orders, 0, 1.0)

    assert run(walk(10), every_third, memory=1).fills.bar.tolist() == [3, 6, 9]


def test_what_a_strategy_sees_never_depends_on_later_bars():
    bars, count = walk(400), 250
    column = np.sign(np.sin(np.arange(400.0)))[np.newaxis]
    whole = run(bars, hold_units, columns=column)
    early = bars_of(*(getattr(bars, n)[:count] for n in ("open", "high", "low", "close", "volume")))
    cut = run(early, hold_units, columns=column[:, :count])
    assert cut.equity.tolist() == whole.equity[:count].tolist()


# ---------------------------------------------------------------------------------- broken input


def test_a_strategy_that_raises_names_the_bar():
    @strategy
    def broken(now, state, params, orders):
        if state[BAR] == 3:
            raise ValueError("no such thing")

    with pytest.raises(InputError, match=r"failed at bar 3: ValueError: no such thing"):
        run(walk(10), broken)


def test_a_cell_that_a_strategy_did_not_ask_for_is_not_written():
    @strategy
    def outside(now, state, params, orders):
        state[OWN] = 1.0

    with pytest.raises(InputError, match="failed at bar 0: IndexError"):
        run(walk(10), outside)


@pytest.mark.parametrize(
    ("quantity", "price"),
    [(np.nan, 1.0), (0.0, 1.0), (np.inf, 1.0), (1.0, np.nan), (1.0, 0.0), (1.0, -3.0), (1, np.inf)],
)
def test_an_order_that_is_none_names_the_bar(quantity, price):
    @strategy
    def odd(now, state, params, orders):
        if state[BAR] == 2:
            limit(orders, 0, params[0], params[1])

    with pytest.raises(InputError, match=r"At bar 2 the strategy asked for an order of 0 without"):
        run(walk(10), odd, params=(quantity, price))


@pytest.mark.parametrize("symbol", [1.0, -1.0])
def test_an_unknown_symbol_names_the_bar(symbol):
    @strategy
    def elsewhere(now, state, params, orders):
        market(orders, int(params[0]), 1.0)

    with pytest.raises(InputError, match=r"At bar 0 .* a symbol that isn't there"):
        run(walk(10), elsewhere, params=(symbol,))


@pytest.mark.parametrize(("many", "told"), [(1, "At bar 8 .* 8 resting orders"), (50, "At bar 0")])
def test_a_book_that_is_full_names_the_bar(many, told):
    @strategy
    def heap(now, state, params, orders):
        for _ in range(int(params[0])):
            limit(orders, 0, 1.0, 0.01)

    with pytest.raises(InputError, match=told):
        run(walk(20), heap, params=(many,))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"low": -37.63}, "Bar 5 of CL has a price at or below zero"),
        ({"low": 0.0}, "Bar 5 of CL has a price at or below zero"),
        ({"high": 1.0}, "Bar 5 of CL has a high below"),
        ({"low": 1e9, "high": 2e9}, "Bar 5 of CL has a low above"),
        ({"high": np.inf}, "Bar 5 of CL has a price beyond reason"),
        ({"volume": -1.0}, "Bar 5 of CL has a volume below zero"),
    ],
)
def test_a_bar_that_no_market_has_is_refused_by_name(change, told):
    columns = {n: np.full(10, 50.0) for n in ("open", "high", "low", "close", "volume")}
    for name, value in change.items():
        columns[name][5] = value
    with pytest.raises(InputError, match=told):
        bars_of(**columns, symbols=("CL",))


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="no bars"):
        bars_of([], [], [], [], [])
    with pytest.raises(InputError, match="same shape"):
        bars_of([1.0], [1.0], [1.0], [1.0], [1.0, 2.0])
    with pytest.raises(InputError, match="must have the shape"):
        run(walk(10), hold_units, columns=np.zeros((1, 9)))
    with pytest.raises(InputError, match="symbols"):
        bars_of([1.0], [1.0], [1.0], [1.0], [1.0], symbols=("A", "B"))


def test_a_plain_function_is_no_compiled_strategy():
    with pytest.raises(InputError, match="@strategy"):
        run(walk(3), lambda now, state, params, orders: None)


@pytest.mark.parametrize("cash", [0.0, -1.0, np.nan, np.inf])
def test_no_account_begins_without_cash(cash):
    with pytest.raises(InputError, match="cash"):
        run(walk(3), hold_units, columns=np.zeros((1, 3)), cash=cash)


@pytest.mark.parametrize("name", Costs.__slots__)
@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf])
def test_costs_below_nothing_are_refused(name, value):
    with pytest.raises(InputError, match=name):
        Costs(**{name: value})


def test_prices_that_never_move_make_no_profit_and_no_ratio():
    found = run(flat_bars(*[(10, 10, 10, 10)] * 50), hold_units, columns=np.ones((1, 50)))
    assert found.equity.tolist() == [100_000] * 50
    assert np.isnan(found.metrics().sharpe)


def test_a_real_share_bought_and_held_earns_what_its_price_did(strict_skip):
    path = Path(__file__).parents[4] / "shared/data/us_equity_daily.csv.gz"
    if not path.exists():
        strict_skip(f"{path.name} is not beside the checkout")
    with gzip.open(path) as file:
        table = pd.read_csv(file)
    spy = table[table["symbol"] == "SPY"]
    bars = bars_of(*(spy[n].to_numpy() for n in ("open", "high", "low", "close", "volume")))
    count = len(spy)
    found = run(bars, hold_units, columns=np.full((1, count), 100.0))
    wanted = 100 * (bars.close[-1, 0] - bars.open[1, 0])
    assert found.equity[-1] - 100_000 == pytest.approx(wanted)
    assert found.fills.bar.tolist() == [1]
