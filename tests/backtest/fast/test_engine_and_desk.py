"""Where both can run a case, the compiled loop gives what the real desk gives on the past."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backtest.fast.scripted import FIELDS, scripted
from tests.backtest.past import bars_of as past_bars
from tests.backtest.past import market, ran, walk, written
from tests.doubles import FakeMarket
from tools.backtest.costs import Costs as Charged
from tools.backtest.fast.bars import bars_of
from tools.backtest.fast.costs import Costs
from tools.backtest.fast.engine import run

CHARGED = Charged(slippage_bps=0, impact=0, borrow=0)
KINDS = {"market": 1, "limit": 2, "stop": 3}


def plan(bars, seed):
    """By bar: a kind, units and a price that the next bar reaches: nothing rests for long.

    The gate refuses orders that could meet each other, and stops that would trigger at once.
    """
    rng = np.random.default_rng(seed)
    wishes = {2: ("market", 400, 0.0)}  # so that no sale is a short
    for bar in range(4, len(bars) - 1, 2):
        kind, side = str(rng.choice(list(KINDS))), int(rng.choice([-1, 1]))
        away = (1 if kind == "stop" else -1) * side * float(rng.uniform(0.005, 0.015))
        price = round(float(bars[bar].close) * (1 + away), 2)
        wishes[bar] = (kind, side * int(rng.integers(1, 6)), price)
    return wishes


def as_body(wishes):
    return (
        f"wish = {wishes!r}.get(context.bars('IBM') - 1)\n"
        "if wish:\n"
        "    kind, units, price = wish\n"
        "    prices = {} if kind == 'market' else {kind: price}\n"
        "    context.order('IBM', units, time='gtc', **prices)"
    )


def as_columns(wishes, count):
    script = np.full((3 * FIELDS, count), np.nan)
    for bar, (kind, units, price) in wishes.items():
        script[:FIELDS, bar] = KINDS[kind], units, price, price, 0.0, 0.0
    return script


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fills_and_equity_are_those_of_the_desk(tmp_path, seed):
    past = market(80, IBM=seed)
    bars = past.bars["IBM"]
    wishes = plan(bars, seed)
    desk = ran(past, written(tmp_path, as_body(wishes)), costs=CHARGED)
    names = ("open", "high", "low", "close", "volume")
    arrays = [np.array([float(getattr(bar, name)) for bar in bars]) for name in names]
    found = run(bars_of(*arrays), scripted, columns=as_columns(wishes, 80))
    days = [str(bar.session) for bar in bars]
    theirs = [
        (f["at"][:10], float(f["quantity"]) * (1 if f["side"] == "buy" else -1), float(f["price"]))
        for f in desk["fills"]
    ]
    ours = zip(found.fills.bar, found.fills.quantity, found.fills.price, strict=True)
    assert [(days[bar], units, price) for bar, units, price in ours] == theirs
    assert len(theirs) == len(wishes)
    # The desk's commissions follow a venue's tariff, so they are taken out: the rest is the same.
    fees = np.zeros(80)
    for fill in desk["fills"]:
        fees[days.index(fill["at"][:10])] += float(fill["commission"])
    began, *equity = desk["curve"]["equity"]
    assert began == found.began_with
    np.testing.assert_allclose(np.array(equity) + fees.cumsum(), found.equity, rtol=1e-9)


def test_an_order_larger_than_a_bar_gives_fills_in_the_parts_of_the_desk(tmp_path):
    bars = past_bars("IBM", walk(20), volume=2_000)
    wishes = {2: ("market", 50, 0.0), 8: ("limit", -30, round(float(bars[8].close) * 0.985, 2))}
    charged = Charged(slippage_bps=0, impact=0, borrow=0, volume_share=0.01)
    desk = ran(FakeMarket({"IBM": bars}), written(tmp_path, as_body(wishes)), costs=charged)
    names = ("open", "high", "low", "close", "volume")
    arrays = [np.array([float(getattr(bar, name)) for bar in bars]) for name in names]
    found = run(
        bars_of(*arrays), scripted, columns=as_columns(wishes, 20), costs=Costs(volume_share=0.01)
    )
    theirs = [(f["at"][:10], float(f["quantity"]), float(f["price"])) for f in desk["fills"]]
    ours = zip(found.fills.bar, np.abs(found.fills.quantity), found.fills.price, strict=True)
    assert [(str(bars[bar].session), units, price) for bar, units, price in ours] == theirs
    assert [units for _, units, _ in theirs] == [20, 20, 10, 20, 10]
