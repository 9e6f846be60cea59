"""Each kind of order by hand: the day, the price and the quantity of every fill, and what it cost.

Bars are written out. What is decided at the close of the third is met from the fourth on.
"""

from dataclasses import replace
from decimal import ROUND_CEILING

import pytest

from tests.backtest.past import D, bars_of, ran, written
from tests.doubles import FakeMarket
from tools.backtest.costs import Costs
from tools.domain.instrument import AssetClass

FREE = {"slippage_bps": 0, "impact": 0, "commission": 0, "least_commission": 0}
QUIET = (100, 101, 99, 100)
VOLUME = 10_000_000


def past(*bars, volume=VOLUME):
    """Thirty quiet bars, so that the gate knows an average day, and then these."""
    rows = [QUIET] * 30 + list(bars)
    found = bars_of("IBM", [100.0] * len(rows), volume=volume)
    names = ("open", "high", "low", "close")
    return FakeMarket(
        {
            "IBM": [
                replace(bar, adjusted_close=D(str(row[3])),
                        **{n: D(str(v)) for n, v in zip(names, row, strict=True)})
                for bar, row in zip(found, rows, strict=True)
            ]
        }
    )  # fmt: skip


def fills(tmp_path, bars, body, costs=FREE, volume=VOLUME):
    """Bar by bar after the quiet ones: (place, side, quantity, price) of each fill; the orders."""
    made = past(*bars, volume=volume)
    run = ran(made, written(tmp_path, f"n = context.bars('IBM')\n{body}"), costs=Costs(**costs))
    days = [str(bar.session) for bar in made.bars["IBM"][30:]]
    found = [
        (days.index(f["at"][:10]), f["side"], int(f["quantity"]), D(f["price"]))
        for f in run["fills"]
    ]
    return found, run


def wish(terms, at=30):
    return f"if n == {at}:\n    context.order('IBM', {terms})"


HELD = "if n == 29:\n    context.order('IBM', 10)\n"
FIRST_BUY = (0, "buy", 10, D(100))


@pytest.mark.parametrize(
    ("terms", "bars", "expected"),
    [
        # market: the next open
        ("10", [(102, 103, 101, 102)], [(0, "buy", 10, D(102))]),
        # limit: not by a bar that only touches it; at the limit once passed; at a better open
        ("10, limit=98, time='gtc'", [(100, 101, 98, 100), (100, 101, 97, 100)],
         [(1, "buy", 10, D(98))]),
        ("10, limit=98, time='gtc'", [(96, 99, 95, 97)], [(0, "buy", 10, D(96))]),
        ("-10, limit=102, time='gtc'", [(100, 103, 99, 101)], [(0, "sell", 10, D(102))]),
        # day: it is gone when its session closes
        ("10, limit=98", [(100, 101, 99, 100), (96, 97, 95, 96)], []),
        # stop: at the stop, or at the open beyond it
        ("10, stop=103, time='gtc'", [(100, 102, 99, 101), (101, 104, 100, 103)],
         [(1, "buy", 10, D(103))]),
        ("10, stop=103, time='gtc'", [(104, 105, 103, 104)], [(0, "buy", 10, D(104))]),
        # stop-limit: set off by a gap above its limit, it waits there until the price is back
        ("10, stop=103, limit=103.5, time='gtc'",
         [(104, 105, 104, 104.5), (104.5, 105, 103, 104)], [(1, "buy", 10, D("103.5"))]),
        # at once or not at all, whole or not at all
        ("10, limit=101, time='ioc'", [(100, 101, 99, 100)], [(0, "buy", 10, D(100))]),
        ("10, limit=98, time='ioc'", [(100, 101, 97, 100)], []),
        ("10, limit=98, time='fok'", [(100, 101, 97, 100)], []),
        # bracket: the entry, then one of two exits; both in one bar is the worse
        ("10, take_profit=104, stop_loss=97, time='gtc'",
         [(100, 101, 99, 100), (102, 105, 101, 104), (90, 91, 89, 90)],
         [(0, "buy", 10, D(100)), (1, "sell", 10, D(104))]),
        ("10, take_profit=104, stop_loss=97, time='gtc'",
         [(100, 101, 99, 100), (100, 105, 96, 100)],
         [(0, "buy", 10, D(100)), (1, "sell", 10, D(97))]),
    ],
)  # fmt: skip
def test_an_order_meets_the_bars_that_it_must_at_the_price_that_it_must(
    tmp_path, terms, bars, expected
):
    assert fills(tmp_path, bars, wish(terms))[0] == expected


@pytest.mark.parametrize(
    ("terms", "bars", "expected"),
    [
        # the stop follows the highest price by 2, and is met where the next bar falls through it
        ("-10, trail=2, time='gtc'",
         [QUIET, (100, 104, 99.5, 104), (104, 106, 103, 105), (105, 105.5, 103, 103.5)],
         [(3, "sell", 10, D(104))]),
        # one exit of two, and the other goes with it
        ("-10, limit=104, stop_loss=97, oco=True, time='gtc'",
         [QUIET, (102, 105, 101, 104), (96, 97, 90, 91)], [(1, "sell", 10, D(104))]),
        ("-10, limit=104, stop_loss=97, oco=True, time='gtc'",
         [QUIET, (98, 99, 95, 96), (105, 106, 104, 105)], [(1, "sell", 10, D(97))]),
    ],
)  # fmt: skip
def test_an_exit_of_what_is_held_is_met_once(tmp_path, terms, bars, expected):
    body = "if n == 30:\n    context.order('IBM', 10)\n" + wish(terms, at=31)
    found, run = fills(tmp_path, bars, body)
    assert found == [FIRST_BUY, *expected]
    assert "accepted" not in run["orders"]


def test_a_bar_gives_no_more_than_its_share_of_the_volume_until_the_order_is_whole(tmp_path):
    bars = [QUIET] * 4
    body = wish("250, limit=101, time='gtc'")
    found, _ = fills(tmp_path, bars, body, FREE | {"volume_share": 0.01}, volume=10_000)
    assert found == [(0, "buy", 100, D(100)), (1, "buy", 100, D(100)), (2, "buy", 50, D(100))]


def test_a_wish_for_less_takes_the_order_s_place_and_an_end_ends_it(tmp_path):
    body = """
if n == 30:
    context.order('IBM', 10, limit=95, time='gtc')
    context.order('IBM', 7, limit=94, time='gtc')
if n == 31:
    for one in context.orders:
        if one.limit == 95:
            context.change(one.id, limit=97, quantity=6)
        else:
            context.cancel(one.id)"""
    bars = [QUIET, (100, 101, 96, 100), (100, 101, 90, 95)]
    found, run = fills(tmp_path, bars, body)
    assert found == [(1, "buy", 6, D(97))]
    assert run["orders"] == {"replaced": 1, "canceled": 1, "filled": 1}


def cents(amount):
    return amount.quantize(D("0.01"), ROUND_CEILING)


def test_slippage_impact_and_fees_are_those_of_their_formulas(tmp_path):
    """Bars that alternate by one per cent, so that the volatility of a day is known by hand."""
    import math

    import numpy as np

    closes = [100.0 if n % 2 else 101.0 for n in range(31)]
    bars = [replace(b, open=b.close, high=D(102), low=D(99)) for b in bars_of("IBM", closes)]
    made = FakeMarket({"IBM": bars})
    path = written(tmp_path, "if context.bars('IBM') == 30:\n    context.order('IBM', -50_000)")

    def sold(**costs):
        (fill,) = ran(made, path, costs=Costs(**(FREE | costs)), cash=1e8)["fills"]
        return fill

    opened, size = bars[30].open, D(50_000)
    assert D(sold()["price"]) == opened
    # Against the order, to the tick: 100.899 becomes 100.89 for who sells.
    assert D(sold(slippage_bps=10)["price"]) == D("100.89")
    moves = np.diff(np.log([float(bar.close) for bar in bars[9:30]]))
    plain = np.diff([float(b.close) for b in bars[9:30]]) / [float(b.close) for b in bars[9:29]]
    share = math.sqrt(50_000 / VOLUME)
    asked = [float(opened) * (1 - float(np.std(m, ddof=1)) * share) for m in (moves, plain)]
    assert min(abs(float(sold(impact=1)["price"]) - one) for one in asked) < 0.011
    moved = float(opened) * (1 - 10 * (50_000 / VOLUME) ** 2)
    assert abs(float(sold(volume_slippage=10)["price"]) - moved) <= 0.01
    sec = D("0.0000278") * size * opened
    assert D(sold(commission=0.01, least_commission=1)["commission"]) == cents(size / 100 + sec)
    assert D(sold(least_commission=900)["commission"]) == cents(900 + sec)
    most = size * opened / 100
    assert D(sold(commission=50, least_commission=1)["commission"]) == cents(most + sec)


def test_coins_pay_by_their_value_and_their_benchmark_too(tmp_path):
    made = past(*[QUIET] * 3)
    listed = made.instrument("IBM")
    body = f"n = context.bars('IBM')\n{wish('10')}"

    def paid(**costs):
        coin = FakeMarket({"IBM": made.bars["IBM"]})
        coin.instrument = lambda symbol: replace(
            listed, asset_class=AssetClass.CRYPTO, lot=D("0.01"), calendar="24/7"
        )
        run = ran(coin, written(tmp_path, body), costs=Costs(**(FREE | costs)))
        return D(run["fills"][0]["commission"]), run["benchmarks"]["buy and hold"]["total_return"]

    fee, kept = paid(taker_bps=40)
    assert fee == D(10) * 100 * D("0.004")
    assert kept == pytest.approx(-0.004, rel=1e-2)
    assert paid(taker_bps=0) == (0, 0)


def test_a_benchmark_of_penny_shares_pays_no_more_than_its_commission_may_be(tmp_path):
    cheap = FakeMarket({"IBM": bars_of("IBM", [0.05] * 40)})
    kept = ran(cheap, written(tmp_path, "pass"))["benchmarks"]["buy and hold"]
    assert -0.0105 < kept["total_return"] < -0.0095
