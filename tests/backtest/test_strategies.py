"""Each strategy does what its docstring says, on prices where one can tell by eye."""

from dataclasses import fields

import numpy as np
import pytest

from knowledge_base.articles import load_articles
from tests.backtest.past import bars_of, ran, walk
from tests.doubles import FakeMarket
from tools.backtest.loading import BUILT_IN, find
from tools.backtest.strategies.pairs import CRITICAL, residual, reverts
from tools.backtest.strategy import made, ranges
from tools.domain.errors import InputError


def days(run, symbol=None):
    """Places of the bars that filled something, with the side."""
    at = [text[:10] for text in run["curve"]["at"]]
    chosen = [f for f in run["fills"] if symbol in (None, f["symbol"])]
    return [(at.index(f["at"][:10]) - 1, f["side"]) for f in chosen]


def alone(closes, name, **params):
    return ran(FakeMarket({"IBM": bars_of("IBM", closes)}), name, params=params)


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_strategy_has_an_article_a_purpose_and_ranges(name):
    found = find(name)
    assert found.article in {article.slug for article in load_articles()}
    assert found.purpose
    assert fields(found.kind)
    for row in ranges(found.kind):
        if row["least"] is None:
            assert isinstance(row["default"], bool)
            continue
        assert row["least"] <= row["default"] <= row["most"]
        for outside in (row["least"] - 1, row["most"] + 1):
            with pytest.raises(InputError, match=row["name"]):
                made(found.kind, {row["name"]: outside})


def test_breakout_buys_above_the_channel_and_sells_under_it():
    closes = [100.0] * 12 + [110.0] * 8 + [90.0] * 8
    run = alone(closes, "breakout", entry=10, exit=5)
    assert days(run) == [(13, "buy"), (21, "sell")]


def test_dual_moving_average_goes_with_the_trend_and_not_within_the_band():
    closes = [100.0] * 10 + [100 + 2 * n for n in range(15)] + [128 - 3 * n for n in range(20)]
    run = alone(closes, "dual_moving_average", fast=3, slow=10, band=0.02)
    sides = [side for _, side in days(run)]
    assert sides == ["buy", "sell"]
    quiet = alone([100 + 0.01 * (n % 3) for n in range(60)], "dual_moving_average", fast=3, slow=10)
    assert not quiet["fills"]


def test_mean_reversion_buys_the_fall_and_sells_the_return():
    closes = [100.0 + (n % 2) for n in range(30)] + [92.0, 95.0, 99.0, 102.0, 102.0, 102.0]
    run = alone(closes, "mean_reversion", window=20)
    # At 99 the mean of twenty is still 99.75; the first close above it is the 102 of bar 33.
    assert days(run) == [(31, "buy"), (34, "sell")]


def test_volatility_target_holds_less_when_prices_swing_more():
    calm = [100.0 * 1.004 ** (n % 2) for n in range(60)]
    wild = [100.0 * 1.03 ** (n % 2) for n in range(60)]
    run = alone(calm + wild, "volatility_target", target=0.10, window=20)
    weights = np.array(run["curve"]["invested"]) / np.array(run["curve"]["equity"])
    assert weights[55] == pytest.approx(0.9, abs=0.03)
    assert weights[-1] == pytest.approx(0.10 / (0.0296 * 252**0.5), rel=0.35)


def test_momentum_holds_the_one_that_rose_most_and_none_that_fell():
    up, down = [100 * 1.004**n for n in range(120)], [100 * 0.998**n for n in range(120)]
    faster = [100.0] * 60 + [100 * 1.012**n for n in range(60)]
    past = FakeMarket(
        {name: bars_of(name, c) for name, c in (("A", up), ("B", down), ("C", faster))}
    )
    run = ran(past, "momentum", ("A", "B", "C"), params={"lookback": 30, "skip": 0, "every": 5})
    assert [f["symbol"] for f in run["fills"]] == ["A", "A", "C"]
    assert not days(run, "B")


def test_pairs_sells_the_dear_one_and_buys_the_cheap_one():
    base = np.array(walk(160, seed=5))
    rng = np.random.default_rng(2)
    noise, apart = 0.0, []
    for shock in rng.normal(0, 0.01, 160):
        noise = 0.3 * noise + shock
        apart.append(noise)
    apart = np.array(apart)
    apart[130:133] += 0.06
    past = FakeMarket(
        {"A": bars_of("A", list(base * np.exp(apart))), "B": bars_of("B", list(base))}
    )
    run = ran(past, "pairs", ("A", "B"), params={"window": 100, "entry": 2.5, "stop": 50})
    first = {
        f["symbol"]: f["side"] for f in run["fills"] if f["at"][:10] == run["fills"][0]["at"][:10]
    }
    assert first in ({"A": "sell", "B": "buy"}, {"A": "buy", "B": "sell"})
    moves = days(run, "A")
    assert (131, "sell") in moves


def test_the_test_of_cointegration_lets_noise_through_as_rarely_as_it_says():
    rng = np.random.default_rng(3)
    passed = 0
    for _ in range(400):
        a, b = np.cumsum(rng.normal(size=(2, 250)), axis=1)
        passed += reverts(residual(a, b)[1]) < CRITICAL
    assert passed / 400 < 0.08
    related = np.cumsum(rng.normal(size=250))
    assert reverts(residual(2 * related + rng.normal(size=250), related)[1]) < CRITICAL
